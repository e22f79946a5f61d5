"""School days, school weeks, half terms and terms, as one school's calendar has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from apbot.domain.calendar import Calendar, Term, school_year
from apbot.domain.duties.model import Placed
from apbot.domain.marks import Session

DAY = timedelta(days=1)
LONGEST_BREAK = 100
"""No school is closed for more days than this in a row."""


def next_school_day(calendar: Calendar, day: date) -> date | None:
    """`day`, or the first school day after it; None where the calendar says nothing of so late a time."""
    for _ in range(LONGEST_BREAK):
        if calendar.is_school_day(day):
            return day
        day += DAY
    return None


def last_school_day(calendar: Calendar, day: date) -> date | None:
    """`day`, or the last school day before it."""
    for _ in range(LONGEST_BREAK):
        if calendar.is_school_day(day):
            return day
        day -= DAY
    return None


def school_days_after(calendar: Calendar, day: date, count: int) -> date | None:
    """The school day that is `count` school days after `day`; for 0 `day` itself, or the next one."""
    at = next_school_day(calendar, day)
    while at is not None and count > 0:
        at, count = next_school_day(calendar, at + DAY), count - 1
    return at


def count_school_days(calendar: Calendar, first: date, last: date) -> int:
    """How many school days there are from `first` to `last`."""
    return sum(calendar.is_school_day(first + DAY * number) for number in range((last - first).days + 1))


@dataclass(frozen=True)
class Span:
    """A school week, a half term or a term: its first and last school day."""

    first: date
    last: date


def school_week(calendar: Calendar, day: date) -> Span | None:
    """The school days of the week of `day`, from the first to the last; None where there is none."""
    monday = day - DAY * day.weekday()
    days = [monday + DAY * number for number in range(5) if calendar.is_school_day(monday + DAY * number)]
    return Span(days[0], days[-1]) if days else None


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


def half_terms(calendar: Calendar) -> list[Term]:
    """The school's half terms, in order."""
    return sorted(calendar.terms, key=lambda term: term.starts_on)


def half_term_of(calendar: Calendar, day: date) -> Span | None:
    """The half term that `day` lies in, from its first school day to its last; None in a holiday."""
    for term in half_terms(calendar):
        if term.starts_on <= day <= term.ends_on:
            return _taught(calendar, term.starts_on, term.ends_on)
    return None


def half_term_after(calendar: Calendar, day: date) -> Span | None:
    """The first half term that begins after `day`."""
    for term in half_terms(calendar):
        if term.starts_on > day:
            return _taught(calendar, term.starts_on, term.ends_on)
    return None


def term_of(calendar: Calendar, day: date) -> Span | None:
    """The term that `day` lies in: the half terms of one season, autumn, spring or summer, together.

    Which half terms make a term no calendar says. A school year of six goes by pairs; of any other number, by the
    month in which each begins.
    """
    terms = half_terms(calendar)
    here = next((term for term in terms if term.starts_on <= day <= term.ends_on), None)
    if here is None:
        return None
    year = [term for term in terms if school_year(term.starts_on) == school_year(here.starts_on)]
    if len(year) == 6:
        pair = year.index(here) // 2
        together = year[2 * pair : 2 * pair + 2]
    else:
        together = [term for term in year if _season(term) == _season(here)]
    return _taught(calendar, together[0].starts_on, together[-1].ends_on)


def _season(term: Term) -> str:
    month = term.starts_on.month
    return "autumn" if month >= 8 else "spring" if month <= 3 else "summer"


def _taught(calendar: Calendar, first: date, last: date) -> Span | None:
    starts, ends = next_school_day(calendar, first), last_school_day(calendar, last)
    return Span(starts, ends) if starts is not None and ends is not None and starts <= ends else None


def expected_days(placed: Placed, first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last` on which the pupil is expected at the provider."""
    day = max(first, placed.starts_on)
    end = last if placed.ends_on is None else min(last, placed.ends_on)
    while day <= end:
        week = placed.calendar.week_letter(day)
        if any(
            placed.pattern.expects(day.weekday(), session, week)
            and placed.calendar.is_open(day, session)
            and placed.provider_calendar.is_open(day, session)
            for session in Session
        ):
            yield day
        day += DAY
