"""Sessions counted by pupil, provider, week and code: by the database, so that a school's year is a few rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.attendance import Attendance, attendance
from apbot.domain.register import EntryState
from apbot.domain.watches import Coded
from apbot.store.coding import midnight
from apbot.store.database import Transaction
from apbot.store.tables import entries, registers

CODE = sa.func.coalesce(entries.c.code, entries.c.suggested_code)
"""The school's own decision, else the code suggested."""


def of_school(school_id: int, first: date, last: date) -> tuple[sa.ColumnElement[bool], ...]:
    """For a query of entries: one school's from `first` to `last`, said so that an index finds them."""
    ends = midnight(first), midnight(last + timedelta(days=1))
    return entries.c.school_id == school_id, entries.c.starts_at >= ends[0], entries.c.starts_at < ends[1]


def count_by(
    transaction: Transaction, column: sa.ColumnElement[Any], *conditions: sa.ColumnElement[bool]
) -> dict[Any, Attendance]:
    """The attendance in the sessions that are over and meet the conditions, by what `column` says of them."""
    counts: dict[Any, Counter[str | None]] = defaultdict(Counter)
    for row in transaction.rows(
        _counted(transaction, column.label("what"), *conditions).group_by(sa.literal_column("what"), CODE)
    ):
        counts[row.what][row.code] += row.sessions
    return {what: attendance(codes.elements()) for what, codes in counts.items()}


def count_weeks(
    transaction: Transaction, mondays: Sequence[date], *conditions: sa.ColumnElement[bool]
) -> dict[date, Attendance]:
    """The attendance of each of these weeks, by its Monday; a week without a session is not in it."""
    by_day = codes_by_day(transaction, *conditions)
    found: dict[date, list[str | None]] = defaultdict(list)
    for day, codes in by_day.items():
        found[day - timedelta(days=day.weekday())] += codes.elements()
    return {monday: attendance(found[monday]) for monday in mondays if monday in found}


def codes_by_day(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> Mapping[date, Counter[str | None]]:
    """How often each code was given on each day, in the sessions that are over and meet the conditions."""
    found: dict[date, Counter[str | None]] = defaultdict(Counter)
    for row in transaction.rows(_counted(transaction, registers.c.day, *conditions).group_by(registers.c.day, CODE)):
        found[row.day][row.code] += row.sessions
    return found


def count_codes(transaction: Transaction, codes: Iterable[str], *conditions: sa.ColumnElement[bool]) -> dict[int, int]:
    """How many sessions with one of these codes each pupil has, by the pupil's id; those without any are not in it."""
    query = _counted(transaction, entries.c.pupil_id, *conditions, CODE.in_(sorted(codes)))
    found: dict[int, int] = defaultdict(int)
    for row in transaction.rows(query.group_by(entries.c.pupil_id, CODE)):
        found[row.pupil_id] += row.sessions
    return found


def codes_of_the_ill(
    transaction: Transaction, at_least: int, *conditions: sa.ColumnElement[bool]
) -> dict[int, list[Coded]]:
    """Every session, by day, of each pupil with at least so many sessions of illness (I), by the pupil's id."""
    ill = (
        _over(transaction, sa.select(entries.c.pupil_id), *conditions, CODE == "I")
        .group_by(entries.c.pupil_id)
        .having(sa.func.count() >= at_least)
    )
    query = _over(
        transaction,
        sa.select(entries.c.pupil_id, registers.c.day, CODE.label("code")),
        *conditions,
        entries.c.pupil_id.in_(ill),
    )
    found: dict[int, list[Coded]] = defaultdict(list)
    for row in transaction.rows(query.order_by(entries.c.starts_at, entries.c.id)):
        found[row.pupil_id].append((row.day, row.code))
    return found


def load_cells(
    transaction: Transaction, *conditions: sa.ColumnElement[bool]
) -> dict[int, dict[tuple[date, str], str | None]]:
    """Each pupil's code in each session that is over, by (day, "am"), by the pupil's id.

    Where a pupil was expected at two providers at once, the one that was missed is shown.
    """
    query = _over(
        transaction,
        sa.select(entries.c.pupil_id, registers.c.day, registers.c.session, CODE.label("code")),
        *conditions,
    )
    found: dict[int, dict[tuple[date, str], str | None]] = defaultdict(dict)
    for row in transaction.rows(query.order_by(entries.c.starts_at, entries.c.id)):
        at = row.day, row.session
        if at not in found[row.pupil_id] or not attendance([row.code]).present:
            found[row.pupil_id][at] = row.code
    return found


def together(counts: Iterable[Attendance]) -> Attendance:
    """Several attendances as one."""
    each = list(counts)
    return Attendance(sum(one.present for one in each), sum(one.possible for one in each))


def _counted(
    transaction: Transaction, column: sa.ColumnElement[Any], *conditions: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    query = sa.select(column, CODE.label("code"), sa.func.count().label("sessions"))
    return _over(transaction, query, *conditions)


def _over(transaction: Transaction, query: sa.Select[Any], *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Of the sessions that are over and were expected, or excused."""
    return (
        query.select_from(entries)
        .join(registers, registers.c.id == entries.c.register_id)
        .where(entries.c.state != EntryState.WITHDRAWN.value, entries.c.ends_at <= transaction.now, *conditions)
    )
