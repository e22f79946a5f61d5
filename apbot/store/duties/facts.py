"""What duties go by: every placement and provider that may owe one, read in sets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from apbot.domain.documents import QUALITY_VISIT
from apbot.domain.duties import ending
from apbot.domain.duties.model import Placed, Provided
from apbot.domain.rhythm import Rhythms
from apbot.domain.startgate import missing
from apbot.domain.timetable import Pattern
from apbot.store.calendars import Calendars
from apbot.store.database import Transaction
from apbot.store.duties.records import IN_FORCE
from apbot.store.lasting import not_over
from apbot.store.prepared import Prepared
from apbot.store.providerfacts import load_shown
from apbot.store.startgate import load_gates
from apbot.store.tables import duty_records, placements, pupils, schools

AHEAD = timedelta(days=70)
"""A placement owes something so long before its first day: two weeks, before the longest holiday."""

BEHIND = timedelta(days=150)
"""... and so long after its last."""


def load_placed(transaction: Transaction, day: date, calendars: Calendars, school_ids: Iterable[int]) -> list[Placed]:
    """The placements of these schools that may owe something on `day`.

    Of one that had begun before apbot knew of it nobody is asked what was missing then: `apbot check` says so.
    """
    ids = list(school_ids)
    rows = transaction.rows(_PLACED, schools=ids, soon=day + AHEAD, behind=day - BEHIND)
    last = _last_done(transaction.rows(_LAST_ENDED, schools=ids), ending.NAME)
    known = [row.id for row in rows if row.added_on is not None and row.added_on <= row.starts_on]
    gaps = {placement_id for placement_id, facts in load_gates(transaction, known).items() if missing(facts)}
    return [
        Placed(
            id=row.id,
            school_id=row.school_id,
            provider_id=row.provider_id,
            starts_on=row.starts_on,
            pattern=_pattern(tuple(row.pattern)),
            calendar=calendars.school(row.school_id),
            provider_calendar=calendars.provider(row.provider_id),
            ends_on=min(filter(None, (row.ends_on, row.off_roll_on)), default=None),
            target_end_on=row.target_end_on,
            review_dates=tuple(date.fromisoformat(each) for each in row.review_dates or ()),
            rhythms=Rhythms.from_json(row.rhythms).over(Rhythms.from_json(row.school_rhythms)),
            added_on=row.added_on,
            has_gap_at_start=row.id in gaps,
            has_ended_well=ending.NAME in last[row.id],
            last_on=last[row.id],
        )
        for row in rows
    ]


def load_provided(
    transaction: Transaction,
    day: date,
    calendars: Calendars,
    school_ids: Iterable[int],
    provider_id: int | None = None,
) -> list[Provided]:
    """Each provider, or one of them, for each of these schools with a pupil there on `day` or soon."""
    asked = {"schools": list(school_ids), "soon": day + AHEAD, "day": day}
    rows = (
        transaction.rows(_PROVIDED, **asked)
        if provider_id is None
        else transaction.rows(_PROVIDED_BY_ONE, **asked, provider=provider_id)
    )
    provider_ids = list({row.provider_id for row in rows})
    shown = load_shown(transaction, provider_ids)
    last = _last_done(transaction.rows(_LAST_VISITED, providers=provider_ids), QUALITY_VISIT)
    return [
        Provided(
            id=row.provider_id,
            school_id=row.school_id,
            since=row.since,
            calendar=calendars.school(row.school_id),
            documents=tuple(each.document for each in shown[row.provider_id]),
            added_on=row.added_on,
            last_on=last[row.provider_id],
        )
        for row in rows
    ]


def _last_done(rows: Iterable[Any], kind: str) -> Mapping[int, dict[str, date]]:
    """When this kind of duty was last done, by what it is about."""
    found: dict[int, dict[str, date]] = defaultdict(dict)
    for row in rows:
        found[row.owner][kind] = row.last
    return found


_SCHOOLS: sa.BindParameter[int] = sa.bindparam("schools", expanding=True)
_SOON: sa.BindParameter[date] = sa.bindparam("soon", type_=sa.Date)
_BEHIND: sa.BindParameter[date] = sa.bindparam("behind", type_=sa.Date)
_DAY: sa.BindParameter[date] = sa.bindparam("day", type_=sa.Date)
_PLACED = Prepared(
    sa.select(
        placements,
        pupils.c.school_id,
        pupils.c.ends_on.label("off_roll_on"),
        schools.c.rhythms.label("school_rhythms"),
    )
    .select_from(placements)
    .join(pupils, pupils.c.id == placements.c.pupil_id)
    .join(schools, schools.c.id == pupils.c.school_id)
    .where(
        pupils.c.school_id.in_(_SCHOOLS),
        placements.c.starts_on <= _SOON,
        not_over(placements, _BEHIND),
        not_over(pupils, _BEHIND),
    )
    .order_by(placements.c.id)
)
_IS_THERE = sa.and_(placements.c.starts_on <= _SOON, not_over(placements, _DAY), not_over(pupils, _DAY))
_AT_PROVIDERS = (
    sa.select(
        placements.c.provider_id,
        pupils.c.school_id,
        sa.func.min(placements.c.starts_on).label("since"),
        sa.func.min(placements.c.added_on).label("added_on"),
    )
    .join_from(placements, pupils)
    .where(pupils.c.school_id.in_(_SCHOOLS))
    .group_by(placements.c.provider_id, pupils.c.school_id)
    .having(sa.func.max(sa.case((_IS_THERE, 1), else_=0)) == 1)
)
_PROVIDED = Prepared(_AT_PROVIDERS)
_PROVIDED_BY_ONE = Prepared(_AT_PROVIDERS.where(placements.c.provider_id == sa.bindparam("provider")))


def _last_of(kind: str, owner: sa.Column[int], condition: sa.ColumnElement[bool]) -> Prepared:
    return Prepared(
        sa.select(owner.label("owner"), sa.func.max(duty_records.c.happened_on).label("last"))
        .where(condition, duty_records.c.kind == kind, IN_FORCE)
        .group_by(owner)
    )


_LAST_ENDED = _last_of(ending.NAME, duty_records.c.placement_id, duty_records.c.school_id.in_(_SCHOOLS))
_LAST_VISITED = _last_of(
    QUALITY_VISIT,
    duty_records.c.provider_id,
    duty_records.c.provider_id.in_(sa.bindparam("providers", expanding=True)),
)


@lru_cache(maxsize=4096)
def _pattern(sessions: tuple[str, ...]) -> Pattern:
    return Pattern.from_json(sessions)
