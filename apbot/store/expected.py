"""Who is expected where on a day: worked out from the roster, the calendars and planned absences alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from apbot.domain.calendar import ALL_DAY
from apbot.domain.marks import Session
from apbot.domain.register import EntryState
from apbot.domain.timetable import Hours, Pattern
from apbot.domain.walltime import instant
from apbot.store.calendars import Calendars, load_calendars
from apbot.store.database import Transaction
from apbot.store.lasting import not_over, runs_on
from apbot.store.prepared import Prepared
from apbot.store.tables import (
    placements,
    planned_absences,
    providers,
    pupils,
)


@dataclass(frozen=True)
class Wanted:
    """An entry as the roster and the calendars want it."""

    provider_id: int
    session: Session
    placement_id: int
    pupil_id: int
    school_id: int
    starts_at: datetime
    ends_at: datetime
    alert_minutes: int
    touched_at: datetime
    absence_code: str | None

    @property
    def state(self) -> EntryState:
        """Expected, or excused by a planned absence."""
        return EntryState.EXPECTED if self.absence_code is None else EntryState.EXCUSED

    @property
    def alert_due(self) -> datetime:
        """When the pupil becomes a non-arrival: counted from the start, or from joining a session that runs."""
        return max(self.starts_at, self.touched_at) + timedelta(minutes=self.alert_minutes)

    @property
    def is_too_late(self) -> bool:
        """It came to be expected when the session was over: it is not asked for, unless it was expected before."""
        return self.touched_at >= self.ends_at


def work_out(
    transaction: Transaction, day: date, pupil_ids: Sequence[int] | None = None, calendars: Calendars | None = None
) -> list[Wanted]:
    """Every entry that `day` should have, from the roster and the calendars alone.

    `pupil_ids` asks for those pupils' entries only; `calendars` are everybody's, where they have been read already.
    """
    calendars = calendars or load_calendars(transaction)
    absences = _absences(transaction, day)
    rows = (
        transaction.rows(_PLACED, day=day)
        if pupil_ids is None
        else transaction.rows(_PLACED_OF_PUPILS, day=day, pupils=pupil_ids)
    )
    days = _Day(day, calendars)
    found = []
    for row in rows:
        pattern = _pattern(tuple(row.pattern))
        for session in Session:
            if not days.runs(row.school_id, row.provider_id, session):
                continue
            if not pattern.expects(day.weekday(), session, days.letter(row.school_id)):
                continue
            span = days.span(row.provider_id, row.provider_hours, row.hours, session)
            if span is None:
                continue
            found.append(
                Wanted(
                    provider_id=row.provider_id,
                    session=session,
                    placement_id=row.id,
                    pupil_id=row.pupil_id,
                    school_id=row.school_id,
                    starts_at=span[0],
                    ends_at=span[1],
                    alert_minutes=row.alert_minutes,
                    touched_at=row.touched_at,
                    absence_code=absences.get((row.pupil_id, session)),
                )
            )
    return found


_ON: sa.BindParameter[date] = sa.bindparam("day", type_=sa.Date)
_ROWS = (
    sa.select(
        placements.c.id,
        placements.c.pupil_id,
        placements.c.provider_id,
        placements.c.pattern,
        placements.c.hours,
        placements.c.alert_minutes,
        placements.c.touched_at,
        pupils.c.school_id,
        providers.c.hours.label("provider_hours"),
    )
    .join_from(placements, pupils)
    .join(providers, providers.c.id == placements.c.provider_id)
    .where(runs_on(placements, _ON), not_over(pupils, _ON))
    .order_by(placements.c.id)
)
_PLACED = Prepared(_ROWS)
_PLACED_OF_PUPILS = Prepared(_ROWS.where(placements.c.pupil_id.in_(sa.bindparam("pupils", expanding=True))))


@lru_cache(maxsize=4096)
def _pattern(sessions: tuple[str, ...]) -> Pattern:
    return Pattern.from_json(sessions)


class _Day:
    """One day's answers, each worked out once for all placements that ask."""

    def __init__(self, day: date, calendars: Calendars) -> None:
        self._day = day
        self._calendars = calendars
        self._open: dict[tuple[int, int, Session], bool] = {}
        self._letters: dict[int, str] = {}
        self._provider_hours: dict[int, Hours] = {}

    def runs(self, school_id: int, provider_id: int, session: Session) -> bool:
        key = (school_id, provider_id, session)
        if key not in self._open:
            self._open[key] = self._calendars.school(school_id).is_open(
                self._day, session
            ) and self._calendars.provider(provider_id).is_open(self._day, session)
        return self._open[key]

    def letter(self, school_id: int) -> str:
        if school_id not in self._letters:
            self._letters[school_id] = self._calendars.school(school_id).week_letter(self._day)
        return self._letters[school_id]

    def span(
        self, provider_id: int, provider_hours: Mapping[str, Any], own: Mapping[str, Any], session: Session
    ) -> tuple[datetime, datetime] | None:
        if provider_id not in self._provider_hours:
            self._provider_hours[provider_id] = Hours.from_json(provider_hours)
        hours = self._provider_hours[provider_id]
        if own and (own.get("usual") or own.get("on")):
            hours = Hours.from_json(own).over(hours)
        span = hours.span(self._day.weekday(), session)
        return None if span is None else (_instant(self._day, span.starts), _instant(self._day, span.ends))


_instant = lru_cache(maxsize=4096)(instant)


def _absences(transaction: Transaction, day: date) -> dict[tuple[int, Session], str]:
    return {
        (row.pupil_id, session): row.code
        for row in transaction.rows(_ABSENCES, day=day)
        for session in Session
        if row.sessions in (ALL_DAY, session.value)
    }


_ABSENCES = Prepared(
    sa.select(planned_absences)
    .where(
        planned_absences.c.starts_on <= _ON,
        planned_absences.c.ends_on >= _ON,
        planned_absences.c.withdrawn_at.is_(None),
    )
    .order_by(planned_absences.c.id)
)
