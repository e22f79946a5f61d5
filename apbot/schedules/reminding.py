"""Reminding of what is owed beyond the day: a list for each person and morning, never in holidays or at night."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.schooldays import next_school_day
from apbot.domain.duties.speaking import TOLD_AT, Standing, can_wait, may_speak, next_mention
from apbot.domain.walltime import instant, local_date
from apbot.store.audit import SCHEDULE, note_all
from apbot.store.calendars import Calendars, load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.digests import have_their_list, put_on_lists
from apbot.store.duties.owners import Owners
from apbot.store.duties.reading import load_duties_by_id
from apbot.store.prepared import Prepared
from apbot.store.tables import duties

log = structlog.get_logger()


_SPEAK_NEXT = Prepared(
    sa.update(duties)
    .where(duties.c.id == sa.bindparam("b_id"))
    .values(next_at=sa.bindparam("b_next"), mentions=duties.c.mentions + sa.bindparam("b_more"))
)

BATCH = 2000
"""So many duties are spoken of in one transaction, school by school: so what somebody is told of is on one list."""


def remind(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Put these duties on today's lists.

    Whoever has had today's list is told of what can't wait alone: the rest comes with the next.
    """
    today = local_date(transaction.now)
    calendars = load_calendars(transaction)
    found = list(load_duties_by_id(transaction, [row.id for row in rows]).values())
    may_be_told = [each for each in found if may_speak(calendars.school(each.school_id), transaction.now)]
    owners = Owners(transaction, may_be_told, today)
    people = {duty.id: owners.of(duty) for duty in may_be_told}
    listed = have_their_list(transaction, today, {each for them in people.values() for each in them.everybody})
    spoken = [
        each
        for each in may_be_told
        if listed.isdisjoint(people[each.id].everybody)
        or not can_wait(each.kind, calendars.school(each.school_id), each.standing, today)
    ]
    told: dict[int, dict[int, bool]] = defaultdict(dict)
    nobody = []
    for duty in spoken:
        them = people[duty.id]
        if not them.everybody:
            nobody.append((f"duty:{duty.id}", {"kind": duty.kind.name}))
        for person in them.leads:
            told[person][duty.id] = True
        for person in them.owners:
            told[person][duty.id] = False
    without = put_on_lists(transaction, today, told) if told else []
    if nobody or without:
        some = [subject for subject, _ in nobody[:10]]
        log.error("nobody can be told of a duty", count=len(nobody), some=some, people=without[:10])
        note_all(transaction, SCHEDULE, "nobody can be told of a duty", nobody)
    said = {each.id for each in spoken}
    transaction.change(
        _SPEAK_NEXT,
        *(
            {
                "b_id": each.id,
                "b_more": int(each.id in said),
                "b_next": _next(calendars, each.school_id, each.kind.name, each.standing, today, told=each.id in said),
            }
            for each in found
        ),
    )


def _next(
    calendars: Calendars, school_id: int, kind: str, standing: Standing, today: date, *, told: bool
) -> datetime | None:
    calendar = calendars.school(school_id)
    if told:
        day = next_mention(KINDS[kind], calendar, standing, today)
    else:
        day = next_school_day(calendar, today + timedelta(days=1))
    return None if day is None else instant(day, TOLD_AT)
