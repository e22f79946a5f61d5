"""A school's week, as its leads are told of it: worked out once, and kept as it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa

from apbot.domain.attendance import Attendance
from apbot.domain.calendar import Calendar, school_year
from apbot.domain.codes import UNAUTHORISED
from apbot.domain.duties.schooldays import half_term_of, school_weeks
from apbot.domain.initials import initials_of
from apbot.domain.marks import Session
from apbot.domain.watches import NEAR, PERSISTENT, ROLLING_WEEKS, Coded, Sickness, sickness
from apbot.store.calendars import Calendars
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.reports.done import DONE_OF_SCHOOL, Done, count_done
from apbot.store.reports.nonarrivals import NON_ARRIVALS_OF_SCHOOL, Response, load_non_arrivals, response
from apbot.store.reports.sessions import (
    BY_PUPIL,
    OF_SCHOOL,
    codes_of_the_ill,
    count_by,
    count_codes,
    count_weeks,
    counted,
    load_cells,
    of_school,
    together,
)
from apbot.store.tables import providers, pupils, registers

TREND_WEEKS = 6
PICTURED_WEEKS = 3
LEAST_ILL = 3
"""Sessions of illness from which on it is looked at more closely: on one day a week they span fifteen school days."""


@dataclass(frozen=True)
class Who:
    """A pupil, to be named as the place allows where it is shown."""

    reference: str
    initials: str


@dataclass(frozen=True)
class Grid:
    """The codes of each pupil's sessions: "" where none was expected, "·" where none is given yet."""

    days: tuple[date, ...]
    """Each has two columns, am and pm."""
    rows: tuple[tuple[Who, tuple[str, ...]], ...]


@dataclass(frozen=True)
class WeekReport:
    """One school's week from `first` to `last`, both school days. Attendance is at providers, in sessions."""

    school: str
    first: date
    last: date
    attendance: Attendance
    by_provider: tuple[tuple[str, Attendance], ...]
    by_pupil: tuple[tuple[Who, Attendance], ...]
    """The lowest first."""
    trend: tuple[tuple[date, Attendance], ...]
    """By the Mondays of the last school weeks, the oldest first."""
    non_arrivals: Response
    done_since: date
    """The first day of the half term: what is `done` is counted from then."""
    done: Mapping[str, Done]
    under: tuple[tuple[Who, Attendance], ...]
    """Those under 90 per cent in the school year so far, the lowest first."""
    unauthorised: tuple[tuple[Who, int], ...]
    """Those near or over the threshold in the last ten school weeks, which began with `unauthorised_since`."""
    unauthorised_since: date
    ill: tuple[tuple[Who, Sickness], ...]
    """Those who were ill for fifteen school days: in a row in the last ten school weeks, or together in the year."""
    grid: Grid

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing at all to report: nobody was expected anywhere, and nothing was due."""
        return not (self.by_pupil or self.non_arrivals.count or self.done)


def work_out_week(
    transaction: Transaction, school_id: int, school: str, calendars: Calendars, first: date, last: date
) -> WeekReport:
    """The report on the school week from `first` to `last`, as things are known now."""
    calendar = calendars.school(school_id)
    year_begins = date(school_year(last), 8, 1)
    rolling_since = school_weeks(calendar, last, ROLLING_WEEKS)[0]
    mondays = school_weeks(calendar, last, TREND_WEEKS)
    pictured = school_weeks(calendar, last, PICTURED_WEEKS)
    week = of_school(school_id, first, last)
    year = of_school(school_id, year_begins, last)
    by_pupil = count_by(transaction, BY_PUPIL, **week)
    in_year = count_by(transaction, BY_PUPIL, **year)
    rolling = of_school(school_id, rolling_since, last)
    unauthorised = count_codes(transaction, UNAUTHORISED, rolling)
    ill = _sickness(calendar, codes_of_the_ill(transaction, LEAST_ILL, rolling), count_codes(transaction, "I", year))
    cells = load_cells(transaction, of_school(school_id, pictured[0], last))
    who = _who(transaction, school_id)
    block = half_term_of(calendar, last)
    since = block.first if block is not None else first
    lowest = _lowest_first(by_pupil)
    return WeekReport(
        school=school,
        first=first,
        last=last,
        attendance=together(by_pupil.values()),
        by_provider=_by_provider(transaction, count_by(transaction, _BY_PROVIDER, **week)),
        by_pupil=tuple((who[pupil], by_pupil[pupil]) for pupil in lowest),
        trend=tuple(count_weeks(transaction, mondays, school_id, last).items()),
        non_arrivals=response(load_non_arrivals(transaction, NON_ARRIVALS_OF_SCHOOL, **week)),
        done_since=since,
        done=count_done(transaction, DONE_OF_SCHOOL, last + timedelta(days=1), since, last, school=school_id),
        under=tuple(
            (who[pupil], in_year[pupil])
            for pupil in _lowest_first(in_year)
            if (percent := in_year[pupil].percent) is not None and percent < PERSISTENT
        ),
        unauthorised=tuple(
            (who[pupil], count)
            for pupil, count in sorted(unauthorised.items(), key=lambda pair: (-pair[1], pair[0]))
            if count >= NEAR
        ),
        unauthorised_since=rolling_since,
        ill=tuple((who[pupil], each) for pupil, each in sorted(ill.items()) if each.is_long),
        grid=_grid(calendar, pictured[0], last, cells, who, _lowest_first(by_pupil, cells)),
    )


def _sickness(
    calendar: Calendar, lately: Mapping[int, Sequence[Coded]], in_year: Mapping[int, int]
) -> dict[int, Sickness]:
    """Each pupil's longest run of illness in the last ten school weeks, with all of the school year together."""
    return {
        pupil: replace(sickness(lately.get(pupil, ()), calendar), together=halves / 2)
        for pupil, halves in in_year.items()
    }


def _who(transaction: Transaction, school_id: int) -> dict[int, Who]:
    rows = transaction.rows(_PUPILS, school=school_id)
    return {row.id: Who(row.ref, initials_of(row.first_name, row.last_name)) for row in rows}


def _lowest_first(counts: Mapping[int, Attendance], also: Iterable[int] = ()) -> list[int]:
    """The pupils by attendance, the lowest first; those of whom no session counts, and of `also`, last."""

    def order(pupil: int) -> tuple[float, int]:
        percent = counts[pupil].percent if pupil in counts else None
        return (101.0 if percent is None else percent), pupil

    return sorted(counts.keys() | set(also), key=order)


def _by_provider(transaction: Transaction, counts: Mapping[int, Attendance]) -> tuple[tuple[str, Attendance], ...]:
    rows = transaction.rows(_PROVIDERS, ids=list(counts))
    return tuple((row.name, counts[row.id]) for row in rows)


def _grid(
    calendar: Calendar,
    first: date,
    last: date,
    cells: Mapping[int, Mapping[tuple[date, str], str | None]],
    who: Mapping[int, Who],
    order: Iterable[int],
) -> Grid:
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    days = [day for day in every if calendar.is_school_day(day)]
    columns = [(day, session.value) for day in days for session in Session]
    rows = [
        (who[pupil], tuple((cells[pupil][at] or "·") if at in cells[pupil] else "" for at in columns))
        for pupil in order
        if pupil in cells
    ]
    return Grid(tuple(days), tuple(rows))


_BY_PROVIDER = counted(registers.c.provider_id, *OF_SCHOOL)
_PUPILS = Prepared(
    sa.select(pupils.c.id, pupils.c.ref, pupils.c.first_name, pupils.c.last_name).where(
        pupils.c.school_id == sa.bindparam("school")
    )
)
_PROVIDERS = Prepared(
    sa.select(providers.c.id, providers.c.name)
    .where(providers.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(providers.c.name)
)
