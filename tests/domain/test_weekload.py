"""How much of a week placements take, and where two of them clash."""

from datetime import time

from apbot.domain.marks import Session
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.domain.weekload import clash, days_a_week, hours_a_week

HOURS = Hours(
    {Session.AM: Span(time(9, 30), time(12)), Session.PM: Span(time(12, 45), time(15))},
    {(4, Session.PM): Span(time(12, 45), time(14))},
)


def pattern(*sessions: str) -> Pattern:
    return Pattern.from_json(sessions)


def test_hours_are_those_of_the_sessions_also_on_a_short_friday() -> None:
    assert hours_a_week(pattern("mon am", "mon pm", "fri pm"), HOURS) == 2.5 + 2.25 + 1.25


def test_alternate_weeks_are_averaged() -> None:
    assert hours_a_week(pattern("mon am A"), HOURS) == 1.25
    assert days_a_week(pattern("mon am", "tue am A", "tue pm A")) == 1.5


def test_a_session_that_is_expected_every_week_and_in_week_a_counts_once() -> None:
    assert hours_a_week(pattern("mon am", "mon am A"), HOURS) == 2.5


def test_a_session_without_times_counts_nothing() -> None:
    assert hours_a_week(pattern("mon am"), Hours()) == 0


def test_the_first_session_that_both_expect_is_the_clash() -> None:
    assert clash(pattern("tue pm", "wed am"), pattern("wed am", "tue pm")) == (1, Session.PM)
    assert clash(pattern("mon am A"), pattern("mon am")) == (0, Session.AM)
    assert clash(pattern("mon am A"), pattern("mon am B")) is None
    assert clash(pattern("mon am"), pattern("mon pm")) is None
