"""Hours and patterns: which sessions of a week run, when, and how both are kept."""

import json
from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apbot.domain.marks import Session
from apbot.domain.timetable import Hours, Pattern, Span

AM, PM = Session.AM, Session.PM
MON, WED, FRI = 0, 2, 4

TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
SPANS = st.builds(Span, TIMES, TIMES)
SESSIONS = st.sampled_from(Session)
DAYS = st.tuples(st.integers(0, 6), SESSIONS)
HOURS = st.builds(Hours, st.dictionaries(SESSIONS, SPANS), st.dictionaries(DAYS, SPANS, max_size=5))
PATTERNS = st.builds(
    Pattern, st.frozensets(st.tuples(st.integers(0, 6), SESSIONS, st.sampled_from(["", "A", "B"])), max_size=12)
)


def span(starts: str, ends: str) -> Span:
    """A span in the words of the wall."""
    return Span(time.fromisoformat(starts), time.fromisoformat(ends))


OAK_FARM = Hours(
    {AM: span("09:30", "12:00"), PM: span("13:00", "15:00")},
    {(FRI, PM): span("12:45", "14:30")},
)


def test_a_weekday_of_its_own_comes_before_the_usual_hours() -> None:
    assert OAK_FARM.span(MON, PM) == span("13:00", "15:00")
    assert OAK_FARM.span(FRI, PM) == span("12:45", "14:30")
    assert OAK_FARM.span(FRI, AM) == span("09:30", "12:00")


def test_where_nobody_said_when_a_session_runs_there_is_none() -> None:
    assert Hours({AM: span("09:30", "12:00")}).span(MON, PM) is None
    assert Hours().span(MON, AM) is None


def test_a_placement_without_hours_has_its_providers() -> None:
    assert Hours().over(OAK_FARM) == OAK_FARM


def test_a_placements_usual_hours_come_before_its_providers_single_weekdays() -> None:
    own = Hours({PM: span("13:30", "15:00")}).over(OAK_FARM)
    assert own.span(FRI, PM) == span("13:30", "15:00")
    assert own.span(FRI, AM) == span("09:30", "12:00")


def test_a_placements_single_weekday_leaves_the_others_as_they_were() -> None:
    own = Hours(on={(WED, AM): span("10:15", "12:00")}).over(OAK_FARM)
    assert own.span(WED, AM) == span("10:15", "12:00")
    assert own.span(MON, AM) == span("09:30", "12:00")
    assert own.span(FRI, PM) == span("12:45", "14:30")


@settings(max_examples=40, deadline=None)
@given(HOURS, HOURS, DAYS)
def test_what_a_placement_says_holds_and_where_it_says_nothing_its_provider_does(
    own: Hours, below: Hours, day: tuple[int, Session]
) -> None:
    assert own.over(below).span(*day) == (own.span(*day) or below.span(*day))


@settings(max_examples=40, deadline=None)
@given(HOURS)
def test_hours_over_nothing_and_over_themselves_are_the_same_hours(hours: Hours) -> None:
    for weekday in range(7):
        for session in Session:
            assert hours.over(Hours()).span(weekday, session) == hours.span(weekday, session)
            assert hours.over(hours).span(weekday, session) == hours.span(weekday, session)


@settings(max_examples=40, deadline=None)
@given(HOURS)
def test_hours_are_kept_as_plain_json_and_come_back(hours: Hours) -> None:
    assert Hours.from_json(json.loads(json.dumps(hours.to_json()))) == hours


@settings(max_examples=40, deadline=None)
@given(PATTERNS)
def test_a_pattern_is_kept_as_plain_json_and_comes_back(pattern: Pattern) -> None:
    assert Pattern.from_json(json.loads(json.dumps(pattern.to_json()))) == pattern


def test_hours_and_patterns_are_kept_in_the_words_of_the_field() -> None:
    assert OAK_FARM.to_json() == {
        "usual": {"am": ["09:30", "12:00"], "pm": ["13:00", "15:00"]},
        "on": {"fri pm": ["12:45", "14:30"]},
    }
    assert Pattern(frozenset({(WED, PM, "A"), (MON, AM, "")})).to_json() == ["mon am", "wed pm A"]


def test_hours_of_nothing_are_no_hours() -> None:
    assert Hours.from_json({}) == Hours()


@pytest.mark.parametrize("week", ["A", "B"])
def test_every_week_is_expected_in_both(week: str) -> None:
    assert Pattern.from_json(["mon am"]).expects(MON, AM, week)


def test_alternate_weeks_are_expected_in_their_own_week_only() -> None:
    pattern = Pattern.from_json(["mon am A", "wed am B", "wed pm A"])
    assert (pattern.expects(MON, AM, "A"), pattern.expects(MON, AM, "B")) == (True, False)
    assert (pattern.expects(WED, AM, "A"), pattern.expects(WED, AM, "B")) == (False, True)
    assert (pattern.expects(WED, PM, "A"), pattern.expects(WED, PM, "B")) == (True, False)


@settings(max_examples=40, deadline=None)
@given(PATTERNS, DAYS, st.sampled_from(["A", "B"]))
def test_nothing_is_expected_that_the_pattern_does_not_name(
    pattern: Pattern, day: tuple[int, Session], week: str
) -> None:
    named = {(weekday, session) for weekday, session, letter in pattern.sessions if letter in ("", week)}
    assert pattern.expects(*day, week) == (day in named)


def test_a_weekend_is_expected_only_where_the_pattern_names_it() -> None:
    usual = Pattern(frozenset((weekday, session, "") for weekday in range(5) for session in Session))
    assert not any(usual.expects(weekday, session, "A") for weekday in (5, 6) for session in Session)
    assert Pattern.from_json(["sat am"]).expects(5, AM, "B")
