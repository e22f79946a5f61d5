"""A school's day of codes: in the morning what is left from earlier days, in the afternoon the day's own."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.domain.calendar import Calendar
from apbot.domain.priority import Priority
from apbot.domain.register import EntryState
from apbot.domain.roles import Role
from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.store.audit import SCHEDULE, note_all
from apbot.store.calendars import load_calendars
from apbot.store.chases import Chase, load_chases
from apbot.store.coding import CODES, OVERDUE, OVERDUE_COPY, keep_suggestions, load_days, midnight, newest_chases
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.people import load_teams
from apbot.store.prepared import Prepared
from apbot.store.tables import code_chases, entries, registers, school_days

log = structlog.get_logger()

CHASE, ASK, DONE = range(3)
"""The steps of a school's day: what is left from before, the day's own codes, nothing more."""

SETTLES_IN = timedelta(minutes=15)
"""How long after the end of a school's last session its codes are asked for: marks come in late."""

LOOKS_BACK = 20
"""So many school days back, what nobody has confirmed is still listed each morning."""


BATCH = 10
"""So many school days are taken in one transaction."""


def settle_days(transaction: Transaction, rows: Sequence[Any], *, codes_at: str, reason_school_days: int) -> None:
    """Take these school days further: the morning's list, or the day's codes.

    `codes_at` is a time on the wall. An absence without a reason is chased when it is older than
    `reason_school_days`; when it is older than twice as many, the DSL gets a copy.
    """
    today = local_date(transaction.now)
    # What is left of a day that has gone by stands in the next morning's list.
    _move_on(transaction, [(row, DONE, None) for row in rows if row.day < today])
    due = [row for row in rows if row.day >= today]
    _chase(transaction, [row for row in due if row.step == CHASE], codes_at, reason_school_days)
    _ask(transaction, [row for row in due if row.step == ASK], codes_at)


def _chase(transaction: Transaction, rows: Sequence[sa.Row[Any]], codes_at: str, reason_school_days: int) -> None:
    if not rows:
        return
    replaced = newest_chases(transaction, {row.school_id for row in rows})
    calendars = load_calendars(transaction)
    transaction.insert_new(
        code_chases,
        [_limits(row, calendars.school(row.school_id), reason_school_days, transaction.now) for row in rows],
    )
    _move_on(transaction, [(row, ASK, instant(row.day, parse_wall(codes_at))) for row in rows])
    chases = load_chases(transaction, [row.id for row in rows])
    keep_suggestions(transaction, (coding for chase in chases.values() for coding in chase.codings))
    refresh(transaction, [OVERDUE, OVERDUE_COPY], {each.id for each in replaced.values()})
    _tell(transaction, [(chases[row.id], row.next_at) for row in rows if not chases[row.id].is_empty])


def _limits(row: sa.Row[Any], calendar: Calendar, reason_school_days: int, now: datetime) -> dict[str, Any]:
    """From when to when the morning's list looks back, by the school's own calendar."""
    looked_from = calendar.school_days_before(row.day, LOOKS_BACK) or row.day - timedelta(days=366)
    overdue = calendar.school_days_before(row.day, reason_school_days)
    copied = calendar.school_days_before(row.day, 2 * reason_school_days)
    return {
        "school_day_id": row.id,
        "made_at": now,
        "looked_from": midnight(looked_from),
        "overdue_before": overdue and midnight(overdue),
        "copied_before": copied and midnight(copied),
    }


def _tell(transaction: Transaction, wanted: Sequence[tuple[Chase, datetime]]) -> None:
    """Owe the attendance contact the morning's list, and the DSL a copy of what has been open for long."""
    teams = load_teams(transaction, {chase.school_id for chase, _ in wanted}, local_date(transaction.now))
    owed, unreachable = [], []
    for chase, due_at in wanted:
        contacts = teams[chase.school_id].choose([Role.ATTENDANCE_CONTACT]).person_ids
        dsls = teams[chase.school_id].choose([Role.DSL]).person_ids if chase.copied else ()
        owed += _to(contacts, Subject(OVERDUE, chase.id), due_at)
        owed += _to((each for each in dsls if each not in contacts), Subject(OVERDUE_COPY, chase.id), due_at)
        if not contacts:
            unreachable.append(chase.id)
    owe(transaction, owed)
    _note_unreachable(transaction, unreachable)


def _ask(transaction: Transaction, rows: Sequence[sa.Row[Any]], codes_at: str) -> None:
    """Owe the attendance contact the day's codes, once every session of the school is over."""
    if not rows:
        return
    ends = _last_ends(transaction, rows)
    later, ready = [], []
    for row in rows:
        at = max(instant(row.day, parse_wall(codes_at)), ends.get(row.school_id, row.next_at) + SETTLES_IN)
        if row.school_id in ends and at > transaction.now:
            later.append((row, ASK, at))
        else:
            ready.append(row)
    _move_on(transaction, [*later, *((row, DONE, None) for row in ready)])
    days = load_days(transaction, [row.id for row in ready])
    keep_suggestions(transaction, (coding for day in days.values() for coding in day.codings))
    teams = load_teams(transaction, {row.school_id for row in ready}, local_date(transaction.now))
    owed, unreachable = [], []
    for row in ready:
        if not any(coding.is_open for coding in days[row.id].codings):
            continue
        contacts = teams[row.school_id].choose([Role.ATTENDANCE_CONTACT]).person_ids
        owed += _to(contacts, Subject(CODES, row.id), row.next_at)
        if not contacts:
            unreachable.append(row.id)
    owe(transaction, owed)
    _note_unreachable(transaction, unreachable)


def _last_ends(transaction: Transaction, rows: Sequence[sa.Row[Any]]) -> dict[int, datetime]:
    """When the last session of each school's day ends; a school without any is not in it."""
    days, schools = list({row.day for row in rows}), [row.school_id for row in rows]
    return {row.school_id: row.ends_at for row in transaction.rows(_LAST_ENDS, days=days, schools=schools)}


_LAST_ENDS = Prepared(
    sa.select(entries.c.school_id, sa.func.max(entries.c.ends_at).label("ends_at"))
    .join_from(entries, registers)
    .where(
        registers.c.day.in_(sa.bindparam("days", expanding=True)),
        entries.c.school_id.in_(sa.bindparam("schools", expanding=True)),
        entries.c.state != EntryState.WITHDRAWN.value,
    )
    .group_by(entries.c.school_id)
)


def _to(person_ids: Iterable[int], subject: Subject, due_at: datetime) -> list[Owed]:
    return [Owed(subject, Priority.DIGEST, due_at, person) for person in person_ids]


def _move_on(transaction: Transaction, moves: Sequence[tuple[sa.Row[Any], int, datetime | None]]) -> None:
    for row, step, next_at in moves:
        transaction.update(school_days, row.id, step=step, next_at=next_at)


def _note_unreachable(transaction: Transaction, school_day_ids: Sequence[int]) -> None:
    if school_day_ids:
        log.error("nobody can be reached", school_days=school_day_ids)
        subjects: list[tuple[str, dict[str, Any]]] = [
            (f"school day:{each}", {"about": "codes"}) for each in school_day_ids
        ]
        note_all(transaction, SCHEDULE, "nobody can be reached", subjects)
