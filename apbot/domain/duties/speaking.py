"""On which school days a duty is spoken of: before it is due, on the day, and afterwards until it is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from apbot.domain.calendar import Calendar
from apbot.domain.duties.model import DutyKind
from apbot.domain.duties.schooldays import DAY, last_school_day, next_school_day, school_days_after
from apbot.domain.walltime import local

TOLD_AT = time(8, 15)
"""When everybody gets their list, on the wall: before lessons, and after the morning's check."""

UNTIL = time(18, 0)
"""Who was to be told by day and was not, because apbot was down, is told the next school day."""


def may_speak(calendar: Calendar, now: datetime) -> bool:
    """Whether anybody is told of a duty now: never in holidays or at night."""
    at = local(now)
    return calendar.is_school_day(at.date()) and at.time() < UNTIL


@dataclass(frozen=True)
class Standing:
    """When a duty opens, is due, can no longer be made up for, and for which day it is booked."""

    opens_on: date
    due_on: date
    lapses_on: date | None = None
    booked_on: date | None = None

    def is_overdue(self, day: date) -> bool:
        """Whether it should have been done by `day`: booked for a later day of its window, it is not overdue before."""
        return day > self.due_on


def can_wait(kind: DutyKind, calendar: Calendar, standing: Standing, today: date) -> bool:
    """Whether the list of the next school day is soon enough for what comes up once today's has gone out.

    It is not for what is urgent, nor for what is due, or booked, before that day.
    """
    tomorrow = next_school_day(calendar, today + DAY)
    first = min(day for day in (standing.due_on, standing.booked_on) if day is not None)
    return not kind.is_urgent and tomorrow is not None and tomorrow <= first


def next_mention(kind: DutyKind, calendar: Calendar, standing: Standing, after: date) -> date | None:
    """The first school day after `after` on which the duty is spoken of; None where it is not any more."""
    return next((day for day in _days(kind, calendar, standing) if day > after), None)


def _days(kind: DutyKind, calendar: Calendar, standing: Standing) -> Iterator[date]:
    """Every day on which it is spoken of, in order, until it lapses."""
    opens = next_school_day(calendar, standing.opens_on)
    if opens is None:
        return
    before = {max(opens, day) for day in _before(kind, calendar, standing)}
    ends = max((*before, standing.due_on))
    yield from sorted(before)
    day = next_school_day(calendar, ends + DAY)
    while day is not None and (standing.lapses_on is None or day <= standing.lapses_on):
        yield day
        day = school_days_after(calendar, day, kind.repeat)


def _before(kind: DutyKind, calendar: Calendar, standing: Standing) -> Iterator[date]:
    """The reminders until it is due; once it is booked, the days around the booking.

    Booked for later than it is due, it is also spoken of on the day on which it is due, and once after it: whoever
    leads hears then that it waits, and for which day.
    """
    if standing.booked_on is not None:
        booked = last_school_day(calendar, standing.booked_on)
        before = calendar.school_days_before(standing.booked_on, 1)
        yield from (day for day in (before, booked) if day is not None)
        after = next_school_day(calendar, standing.booked_on + DAY)
        if after is not None and after <= standing.due_on:
            yield from (after, standing.due_on)
        elif standing.booked_on > standing.due_on:
            yield standing.due_on
            if (overdue := next_school_day(calendar, standing.due_on + DAY)) is not None:
                yield overdue
        return
    for number in kind.reminders:
        day = (
            standing.due_on - DAY * number if kind.in_calendar_days else _school_days_before(calendar, standing, number)
        )
        if (found := last_school_day(calendar, day)) is not None:
            yield found


def _school_days_before(calendar: Calendar, standing: Standing, count: int) -> date:
    if not count:
        return standing.due_on
    return calendar.school_days_before(standing.due_on, count) or standing.opens_on
