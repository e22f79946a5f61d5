"""Codes: what a school has decided, and what it has still to decide, session by session."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from apbot.domain.codes import PLANNED, Suggestion, needs_deciding, suggest
from apbot.domain.escalation import Outcome
from apbot.domain.marks import Fact, Session
from apbot.domain.register import EntryState
from apbot.domain.walltime import instant, local_date
from apbot.store.database import Transaction
from apbot.store.outbox import refresh
from apbot.store.prepared import Prepared
from apbot.store.registers import ENTRY, Entry, entry_of
from apbot.store.tables import (
    Instant,
    code_chases,
    entries,
    escalated,
    people,
    providers,
    registers,
    school_days,
    schools,
)

CODES = "codes"
OVERDUE = "codes overdue"
OVERDUE_COPY = "codes overdue copy"
"""The kinds of message that list codes."""


@dataclass(frozen=True)
class Coding:
    """One entry, where it was, what the school has made of it, and the welfare outcome of its last alert."""

    entry: Entry
    provider: str
    session: Session
    day: date
    code_by: str
    code_at: datetime | None
    outcome: Outcome | None

    @property
    def fact(self) -> Fact | None:
        """The last thing said of the pupil, or None."""
        return self.entry.said.fact if self.entry.said else None

    @property
    def suggestion(self) -> Suggestion:
        """The code that what is known by now suggests."""
        entry = self.entry
        absent = self.fact in (None, Fact.NOT_ARRIVED)
        as_planned = entry.state is EntryState.EXCUSED and absent and entry.suggested_code in PLANNED
        if entry.suggested_code and (entry.code or as_planned):
            return Suggestion(entry.suggested_code, entry.suggested_why or "")
        reason = entry.said.reason if entry.said else None
        return suggest(self.fact, reason, entry.arrangement, self.outcome)

    @property
    def code(self) -> str:
        """The code in force: the school's own decision, else the suggestion."""
        return self.entry.code or self.suggestion.code

    @property
    def is_open(self) -> bool:
        """The school has not decided."""
        return self.entry.code is None

    @property
    def needs_deciding(self) -> bool:
        """It has to be looked at one by one, rather than confirmed with all the others."""
        return needs_deciding(self.entry.state, self.fact, self.suggestion.code, self.entry.arrangement)

    @property
    def to_look_at_again(self) -> bool:
        """The provider has said something since the school decided, and it suggests another code."""
        entry = self.entry
        if entry.code is None or self.code_at is None or entry.marked_at is None:
            return False
        return entry.marked_at > self.code_at and entry.suggested_code != entry.code


@dataclass(frozen=True)
class CodesDay:
    """One school's day: every session of its pupils."""

    id: int
    school_id: int
    school: str
    day: date
    codings: tuple[Coding, ...]

    def over(self, now: datetime) -> tuple[Coding, ...]:
        """The sessions that have ended."""
        return tuple(each for each in self.codings if each.entry.ends_at <= now)

    def to_confirm(self, now: datetime) -> tuple[Coding, ...]:
        """The sessions that have ended, that nobody has confirmed, and of which nothing needs deciding."""
        return tuple(each for each in self.over(now) if each.is_open and not each.needs_deciding)


def load_coding(transaction: Transaction, entry_id: int) -> Coding | None:
    """One entry, with what its code rests on; None if there is none, or it is withdrawn."""
    return next(map(_coding, transaction.rows(_OF_ENTRY, entry=entry_id)), None)


def codings_where(*conditions: sa.ColumnElement[bool]) -> Prepared:
    """The entries, other than withdrawn ones, that meet the conditions (on entries or registers)."""
    return Prepared(_CODING.where(*conditions))


def load_codings(transaction: Transaction, which: Prepared, **values: Any) -> list[Coding]:
    """What `which` of `codings_where` gives for these values, by day."""
    return _by_day(transaction.rows(which, **values))


def _by_day(rows: Iterable[Any]) -> list[Coding]:
    codings = map(_coding, rows)
    return sorted(codings, key=lambda each: (each.day, each.session.value, each.entry.reference, each.entry.id))


def _coding(row: Any) -> Coding:
    return Coding(
        entry=entry_of(row),
        provider=row.provider,
        session=Session(row.session),
        day=row.day,
        code_by=row.code_by or "",
        code_at=row.code_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )


_deciders = people.alias("deciders")
_outcome = (
    sa.select(escalated.c.outcome)
    .where(escalated.c.entry_id == entries.c.id)
    .order_by(escalated.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_CODING = ENTRY.add_columns(
    registers.c.day,
    registers.c.session,
    providers.c.name.label("provider"),
    _deciders.c.name.label("code_by"),
    _outcome.label("outcome"),
).outerjoin(_deciders, _deciders.c.id == entries.c.code_by_id)
_OF_ENTRY = Prepared(_CODING.where(entries.c.id == sa.bindparam("entry")))
_OF_DAY = Prepared(
    # Said so that the index on schools and starts serves it.
    _CODING.where(
        entries.c.school_id == sa.bindparam("school"),
        entries.c.starts_at >= sa.bindparam("begins", type_=Instant),
        entries.c.starts_at < sa.bindparam("ends", type_=Instant),
    )
)


def load_days(transaction: Transaction, ids: Iterable[int]) -> dict[int, CodesDay]:
    """These school days with their sessions, by id."""
    rows = transaction.rows(_DAYS_BY_ID, ids=list(set(ids)))
    return {
        row.id: CodesDay(row.id, row.school_id, row.school, row.day, tuple(_on(transaction, row.school_id, row.day)))
        for row in rows
    }


def _on(transaction: Transaction, school_id: int, day: date) -> list[Coding]:
    ends = midnight(day + timedelta(days=1))
    return _by_day(transaction.rows(_OF_DAY, school=school_id, begins=midnight(day), ends=ends))


def keep_suggestions(transaction: Transaction, codings: Iterable[Coding]) -> None:
    """Write down what is suggested for the sessions that nobody has decided, where more is known by now."""
    changed = [
        {"b_id": each.entry.id, "suggested_code": each.suggestion.code, "suggested_why": each.suggestion.why}
        for each in codings
        if each.is_open and (each.entry.suggested_code, each.entry.suggested_why) != _pair(each.suggestion)
    ]
    transaction.change(_SUGGEST, *changed)


_SUGGEST = Prepared(
    sa.update(entries)
    .where(entries.c.id == sa.bindparam("b_id"))
    .values(suggested_code=sa.bindparam("suggested_code"), suggested_why=sa.bindparam("suggested_why"))
)


def refresh_lists(transaction: Transaction, school_days_changed: Collection[tuple[int, date]]) -> None:
    """Bring the lists up to date that show these days, given as (school, day)."""
    if not school_days_changed:
        return
    refresh(transaction, [CODES], school_day_ids(transaction, school_days_changed).values())
    newest = newest_chases(transaction, {school_id for school_id, _ in school_days_changed})
    lists = [(newest[school_id], day) for school_id, day in school_days_changed if school_id in newest]
    # A list shows the days before its own.
    refresh(transaction, [OVERDUE, OVERDUE_COPY], {each.id for each, day in lists if day < each.day})


def refresh_lists_after(transaction: Transaction, changed: Iterable[Entry]) -> None:
    """Bring the lists up to date that show these entries. Until a session is over no list shows it."""
    over = [entry for entry in changed if entry.ends_at <= transaction.now]
    refresh_lists(transaction, {(entry.school_id, local_date(entry.starts_at)) for entry in over})


def school_day_ids(transaction: Transaction, wanted: Collection[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """The ids of these school days, given as (school, day)."""
    if not wanted:
        return {}
    school_ids, days = {school_id for school_id, _ in wanted}, {day for _, day in wanted}
    rows = transaction.rows(_DAYS_OF_SCHOOLS, schools=list(school_ids), days=list(days))
    found = {(row.school_id, row.day): row.id for row in rows}
    return {key: found[key] for key in wanted if key in found}


class Newest(NamedTuple):
    """The school day of a school's newest list of what is to settle from the days before."""

    id: int
    day: date


def newest_chases(transaction: Transaction, school_ids: Collection[int]) -> dict[int, Newest]:
    """The newest list of each of these schools that has any."""
    rows = transaction.rows(_NEWEST_CHASES, schools=list(school_ids))
    return {row.school_id: Newest(row.id, row.day) for row in rows}


_SCHOOLS: sa.BindParameter[int] = sa.bindparam("schools", expanding=True)
_DAYS_BY_ID = Prepared(
    sa.select(school_days, schools.c.name.label("school"))
    .join_from(school_days, schools)
    .where(school_days.c.id.in_(sa.bindparam("ids", expanding=True)))
)
_DAYS_OF_SCHOOLS = Prepared(
    sa.select(school_days.c.school_id, school_days.c.day, school_days.c.id).where(
        school_days.c.school_id.in_(_SCHOOLS), school_days.c.day.in_(sa.bindparam("days", expanding=True))
    )
)
_NEWEST_CHASES = Prepared(
    sa.select(school_days.c.school_id, school_days.c.id, school_days.c.day)
    .join_from(school_days, code_chases)
    .where(
        school_days.c.id.in_(
            sa.select(sa.func.max(code_chases.c.school_day_id))
            .join(school_days)
            .where(school_days.c.school_id.in_(_SCHOOLS))
            .group_by(school_days.c.school_id)
        )
    )
)


def midnight(day: date) -> datetime:
    """The instant at which `day` begins."""
    return instant(day, time())


def _pair(suggestion: Suggestion) -> tuple[str, str]:
    return suggestion.code, suggestion.why
