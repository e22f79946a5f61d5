"""School days, school weeks, half terms and terms, as one school's calendar has them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from apbot.domain.calendar import Calendar, Term, school_year
from apbot.domain.duties.model import Placed

DAY = timedelta(days=1)
LONGEST_HOLIDAY = timedelta(days=60)


def next_school_day(calendar: Calendar, day: date) -> date | None:
    """`day`, or the first school day after it; None where the calendar says nothing of so late a time."""
    return school_days_after(calendar, day, 0)


def last_school_day(calendar: Calendar, day: date) -> date | None:
    """`day`, or the last school day before it; None where the calendar says nothing of so early a time."""
    at = bisect_right(calendar.school_days, day) - 1
    return calendar.school_days[at] if at >= 0 else None


def due_by(calendar: Calendar, day: date) -> date:
    """`day`, or the last school day before it, when something can still be done about it.

    `day` itself where the calendar does not go so far: what comes next year is not due on the last day of this one.
    """
    last = last_school_day(calendar, day)
    is_known = last is not None and (day - last <= LONGEST_HOLIDAY or next_school_day(calendar, day) is not None)
    return last if last is not None and is_known else day


def school_days_after(calendar: Calendar, day: date, count: int) -> date | None:
    """The school day that is `count` school days after `day`, or after the next one where `day` is none."""
    at = bisect_left(calendar.school_days, day) + count
    return calendar.school_days[at] if at < len(calendar.school_days) else None


def school_days_from(calendar: Calendar, first: date, last: date) -> Sequence[date]:
    """The school days from `first` to `last`, both included."""
    days = calendar.school_days
    return days[bisect_left(days, first) : bisect_right(days, last)]


def count_school_days(calendar: Calendar, first: date, last: date) -> int:
    """How many school days there are from `first` to `last`."""
    return len(school_days_from(calendar, first, last))


@dataclass(frozen=True)
class Span:
    """A school week, a half term or a term: its first and last school day."""

    first: date
    last: date


def school_week(calendar: Calendar, day: date) -> Span | None:
    """The school days of the week of `day`, from the first to the last; None where there is none."""
    monday = day - DAY * day.weekday()
    return taught(calendar, monday, monday + DAY * 4)


def school_weeks(calendar: Calendar, day: date, count: int) -> list[date]:
    """The Mondays of the last `count` school weeks, that of `day` being the last, the oldest first.

    A week of holidays is none. There may be fewer: no calendar goes back for ever.
    """
    found: list[date] = []
    monday = day - DAY * day.weekday()
    for _ in range(2 * 52):
        if len(found) == count:
            break
        if school_week(calendar, monday) is not None:
            found.append(monday)
        monday -= 7 * DAY
    return found[::-1]


def block_of(calendar: Calendar, day: date) -> Term | None:
    """The half term that `day` lies in, as the calendar has it; None in a holiday."""
    return next((term for term in calendar.half_terms if term.starts_on <= day <= term.ends_on), None)


def half_term_of(calendar: Calendar, day: date) -> Span | None:
    """The half term that `day` lies in, from its first school day to its last; None in a holiday."""
    term = block_of(calendar, day)
    return None if term is None else taught(calendar, term.starts_on, term.ends_on)


def half_term_after(calendar: Calendar, day: date) -> Span | None:
    """The first half term that begins after `day`."""
    term = next((term for term in calendar.half_terms if term.starts_on > day), None)
    return None if term is None else taught(calendar, term.starts_on, term.ends_on)


def term_of(calendar: Calendar, day: date) -> Span | None:
    """The term that `day` lies in: the half terms of one season, autumn, spring or summer, together.

    Which half terms make a term no calendar says. A school year of six goes by pairs; of any other number, by the
    month in which each begins.
    """
    here = block_of(calendar, day)
    if here is None:
        return None
    year = [term for term in calendar.half_terms if school_year(term.starts_on) == school_year(here.starts_on)]
    if len(year) == 6:
        pair = year.index(here) // 2
        together = year[2 * pair : 2 * pair + 2]
    else:
        together = [term for term in year if _season(term) == _season(here)]
    return taught(calendar, together[0].starts_on, together[-1].ends_on)


def _season(term: Term) -> str:
    month = term.starts_on.month
    return "autumn" if month >= 8 else "spring" if month <= 3 else "summer"


def taught(calendar: Calendar, first: date, last: date) -> Span | None:
    """From the first school day to the last between these two days; None where there is none."""
    days = school_days_from(calendar, first, last)
    return Span(days[0], days[-1]) if days else None


def expected_days(placed: Placed, first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last` on which the pupil is expected at the provider."""
    day = max(first, placed.starts_on)
    end = last if placed.ends_on is None else min(last, placed.ends_on)
    while day <= end:
        week = placed.calendar.week_letter(day)
        if any(
            placed.pattern.expects(day.weekday(), session, week) and placed.provider_calendar.is_open(day, session)
            for session in placed.calendar.sessions_on(day)
        ):
            yield day
        day += DAY
