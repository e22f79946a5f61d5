"""A weekday's cell and "Other times", as people write them, and as they are written back."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.marks import Session
from apbot.roster.problems import Unreadable
from apbot.roster.weeks import OtherTime, other_times, spell_sessions, spell_times, weekday_sessions

AM, PM = Session.AM, Session.PM


@pytest.mark.parametrize("typed", ["am", " AM ", "a.m.", "Morning", "AM only", "am session", "am every week"])
def test_a_morning(typed: str) -> None:
    assert weekday_sessions(typed) == {(AM, "")}


@pytest.mark.parametrize(
    "typed",
    [
        *("all day", "All-Day", "allday", "am+pm", "am/pm", "AM & PM", "am and pm", "am, pm", "am\npm", "both"),
        *("full day", "whole day", "day", "a.m. and p.m.", "x", "yes", "1", 1, True, "✓"),
    ],
)
def test_all_day(typed: object) -> None:
    assert weekday_sessions(typed) == {(AM, ""), (PM, "")}


@pytest.mark.parametrize("typed", ["A am", "am A", "am (A)", "week A am", "am wk A", "AM - week A", "a: am"])
def test_a_morning_in_alternate_weeks(typed: str) -> None:
    assert weekday_sessions(typed) == {(AM, "A")}


@pytest.mark.parametrize(
    "typed", ["A am, B pm", "A am B pm", "am A pm B", "am A / pm B", "A: am; B: pm", "Week A am\nWeek B pm"]
)
def test_one_session_in_one_week_and_the_other_in_the_other(typed: str) -> None:
    assert weekday_sessions(typed) == {(AM, "A"), (PM, "B")}


def test_the_letter_counts_for_all_of_its_part() -> None:
    assert weekday_sessions("all day B") == {(AM, "B"), (PM, "B")}
    assert weekday_sessions("A am+pm") == {(AM, "A"), (PM, "A")}
    assert weekday_sessions("am A pm") == {(AM, "A"), (PM, "A")}
    assert weekday_sessions("A/B am") == {(AM, "A"), (AM, "B")}
    assert weekday_sessions("am, A pm") == {(AM, ""), (PM, "A")}


@pytest.mark.parametrize("typed", ["-", "no", "n/a", "off", "0", 0, "School", "in school", False, "none"])
def test_a_day_on_which_the_pupil_is_not_there(typed: object) -> None:
    assert weekday_sessions(typed) == frozenset()


@pytest.mark.parametrize("typed", ["alday", "week A", "A", "9.30", "am 9:30", "maybe", "C am", "?!"])
def test_what_is_not_a_part_of_the_day_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        weekday_sessions(typed)


@given(st.frozensets(st.tuples(st.sampled_from(Session), st.sampled_from(["", "A", "B"])), min_size=1))
def test_sessions_are_read_back_as_they_are_written(sessions: frozenset[tuple[Session, str]]) -> None:
    assert weekday_sessions(spell_sessions(sessions)) == sessions


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "Fri pm 12:45-14:30; Wed am 10:00",
            "Friday PM: 12.45pm – 2.30pm, Wednesday AM 10",
            "fri pm 12:45 to 14:30\nWed am 10.00",
        ),
    ],
)
def test_other_times(typed: str) -> None:
    assert other_times(typed) == (
        OtherTime((4,), PM, time(12, 45), time(14, 30)),
        OtherTime((2,), AM, time(10)),
    )


@pytest.mark.parametrize(
    ("typed", "weekdays"),
    [
        ("Mon-Wed am 9:15-12", (0, 1, 2)),
        ("Mon, Tue am 9:15-12", (0, 1)),
        ("Mon & Thu am 9:15-12", (0, 3)),
        ("Mon/Thurs am 9:15-12", (0, 3)),
        ("am 9:15-12", ()),
        ("every day am 9:15-12", ()),
        ("Mon-Fri am 9:15-12", ()),
    ],
)
def test_other_times_of_several_days(typed: str, weekdays: tuple[int, ...]) -> None:
    assert other_times(typed) == (OtherTime(weekdays, AM, time(9, 15), time(12)),)


def test_a_session_that_does_not_run_is_left_out_of_the_placements_instead() -> None:
    with pytest.raises(Unreadable) as trouble:
        other_times("Fri pm closed")
    assert "leave those sessions out of the placements' days" in trouble.value.expected


@pytest.mark.parametrize(
    "typed", ["Fri", "Fri 12:45", "Fri pm", "Sat am 10:00", "Fri pm 25:00", "by arrangement", "pm 3-2-1"]
)
def test_other_times_that_are_not_understood(typed: str) -> None:
    with pytest.raises(Unreadable):
        other_times(typed)


TIMES = st.times(time(13), time(20, 59)).map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
ENTRIES = st.builds(
    OtherTime,
    st.sets(st.integers(0, 4), min_size=1, max_size=4).map(lambda days: tuple(sorted(days))),
    st.sampled_from(Session),
    TIMES,
    st.one_of(st.none(), TIMES),
)


@given(st.lists(ENTRIES, max_size=4))
def test_other_times_are_read_back_as_they_are_written(entries: list[OtherTime]) -> None:
    assert other_times(spell_times(entries)) == tuple(entries)
