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
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant, entries, registers

CODE = sa.func.coalesce(entries.c.code, entries.c.suggested_code)
"""The school's own decision, else the code suggested."""


_NOW = sa.bindparam("now", type_=Instant)
OF_SCHOOL = (
    entries.c.school_id == sa.bindparam("school"),
    entries.c.starts_at >= sa.bindparam("begins", type_=Instant),
    entries.c.starts_at < sa.bindparam("ends", type_=Instant),
)
"""For a query of entries: one school's within some days, said so that an index finds them."""


def of_school(school_id: int, first: date, last: date) -> dict[str, Any]:
    """The values of `OF_SCHOOL` from `first` to `last`."""
    return {"school": school_id, "begins": midnight(first), "ends": midnight(last + timedelta(days=1))}


def counted(column: sa.ColumnElement[Any], *conditions: sa.ColumnElement[bool]) -> Prepared:
    """How often each code was given, by what `column` says of the sessions that are over and meet the conditions."""
    query = sa.select(column.label("what"), CODE.label("code"), sa.func.count().label("sessions"))
    return Prepared(_over(query, *conditions).group_by(sa.literal_column("what"), CODE))


def codes_by(transaction: Transaction, which: Prepared, **values: Any) -> dict[Any, Counter[str | None]]:
    """How often each code was given, in what is `counted`, by what its column says."""
    found: dict[Any, Counter[str | None]] = defaultdict(Counter)
    for row in transaction.rows(which, now=transaction.now, **values):
        found[row.what][row.code] += row.sessions
    return found


def count_by(transaction: Transaction, which: Prepared, **values: Any) -> dict[Any, Attendance]:
    """The attendance in what is `counted`, by what its column says."""
    return {what: attendance(codes.elements()) for what, codes in codes_by(transaction, which, **values).items()}


def count_weeks(
    transaction: Transaction, mondays: Sequence[date], school_id: int, last: date
) -> dict[date, Attendance]:
    """A school's attendance in each of these weeks until `last`, by its Monday; one without a session is not in it."""
    found: dict[date, list[str | None]] = defaultdict(list)
    for day, codes in codes_by(transaction, _BY_DAY, **of_school(school_id, mondays[0], last)).items():
        found[day - timedelta(days=day.weekday())] += codes.elements()
    return {monday: attendance(found[monday]) for monday in mondays if monday in found}


def count_codes(transaction: Transaction, codes: Iterable[str], school: Mapping[str, Any]) -> dict[int, int]:
    """How many sessions `of_school` with one of these codes each pupil has; those without any are not in it."""
    by_pupil = codes_by(transaction, _WITH_CODES, codes=sorted(codes), **school)
    return {pupil: found.total() for pupil, found in by_pupil.items()}


def codes_of_the_ill(transaction: Transaction, at_least: int, school: Mapping[str, Any]) -> dict[int, list[Coded]]:
    """Every session `of_school`, by day, of each pupil with at least so many of illness (I), by the pupil's id."""
    found: dict[int, list[Coded]] = defaultdict(list)
    for row in transaction.rows(_OF_THE_ILL, now=transaction.now, at_least=at_least, **school):
        found[row.pupil_id].append((row.day, row.code))
    return found


def load_cells(transaction: Transaction, school: Mapping[str, Any]) -> dict[int, dict[tuple[date, str], str | None]]:
    """Each pupil's code in each session `of_school` that is over, by (day, "am"), by the pupil's id.

    Where a pupil was expected at two providers at once, the one that was missed is shown.
    """
    found: dict[int, dict[tuple[date, str], str | None]] = defaultdict(dict)
    for row in transaction.rows(_CELLS, now=transaction.now, **school):
        at = row.day, row.session
        if at not in found[row.pupil_id] or not attendance([row.code]).present:
            found[row.pupil_id][at] = row.code
    return found


def together(counts: Iterable[Attendance]) -> Attendance:
    """Several attendances as one."""
    each = list(counts)
    return Attendance(sum(one.present for one in each), sum(one.possible for one in each))


def _over(query: sa.Select[Any], *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Of the sessions that are over and were expected, or excused."""
    return (
        query.select_from(entries)
        .join(registers, registers.c.id == entries.c.register_id)
        .where(entries.c.state != EntryState.WITHDRAWN.value, entries.c.ends_at <= _NOW, *conditions)
    )


BY_PUPIL = counted(entries.c.pupil_id, *OF_SCHOOL)
_BY_DAY = counted(registers.c.day, *OF_SCHOOL)
_WITH_CODES = counted(entries.c.pupil_id, *OF_SCHOOL, CODE.in_(sa.bindparam("codes", expanding=True)))
_ILL = (
    _over(sa.select(entries.c.pupil_id), *OF_SCHOOL, CODE == "I")
    .group_by(entries.c.pupil_id)
    .having(sa.func.count() >= sa.bindparam("at_least", type_=sa.Integer))
)
_CODED = _over(
    sa.select(entries.c.pupil_id, registers.c.day, registers.c.session, CODE.label("code")), *OF_SCHOOL
).order_by(entries.c.starts_at, entries.c.id)
_CELLS = Prepared(_CODED)
_OF_THE_ILL = Prepared(_CODED.where(entries.c.pupil_id.in_(_ILL)))
