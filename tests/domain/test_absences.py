"""A planned absence as it is typed: every word has to be understood."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.absences import Absence, read_absence
from apbot.domain.codes import PLANNED
from apbot.domain.dates import Unclear

THURSDAY = date(2026, 9, 17)
FRIDAY = date(2026, 9, 18)


@pytest.mark.parametrize(
    ("typed", "code", "sessions"),
    [
        ("medical tomorrow am", "M", "am"),
        ("M tomorrow", "M", "all day"),
        ("m tomorrow a.m.", "M", "am"),
        ("dentist appointment tomorrow afternoon", "M", "pm"),
        ("ill tomorrow all day", "I", "all day"),
        ("I am tomorrow", "I", "am"),
        ("J1 tomorrow p.m.", "J1", "pm"),
        ("has an interview tomorrow morning", "J1", "am"),
        ("tomorrow, study leave", "S", "all day"),
        ("religious observance on Friday", "R", "all day"),
        ("Eid tomorrow", "R", "all day"),
        ("suspended tomorrow", "E", "all day"),
        ("leave tomorrow", "C", "all day"),
        ("C1 tomorrow", "C1", "all day"),
        ("part-time timetable tomorrow", "C2", "all day"),
        ("T tomorrow", "T", "all day"),
    ],
)
def test_what_is_certain_is_read(typed: str, code: str, sessions: str) -> None:
    assert read_absence(typed, THURSDAY) == Absence(code, FRIDAY, FRIDAY, sessions)


def test_mornings_of_several_days_have_to_be_said_as_such() -> None:
    expected = Absence("M", date(2026, 9, 21), date(2026, 9, 25), "am")
    assert read_absence("medical mornings 21-25 Sep", THURSDAY) == expected
    assert read_absence("medical every morning 21-25 Sep", THURSDAY) == expected
    with pytest.raises(Unclear, match="mornings"):
        read_absence("medical 21-25 Sep am", THURSDAY)


@pytest.mark.parametrize(
    ("typed", "asks"),
    [
        ("tomorrow", "Why?"),
        ("appointment tomorrow", "Why?"),
        ("medical", "Which day?"),
        ("medical tomorrow am pm", "more than one part of the day"),
        ("medical tomorrow am and pm", "more than one part of the day"),
        ("not medical tomorrow", "don't understand"),
        ("no longer ill tomorrow", "don't understand"),
        ("medical tomorrow at 10:30", "don't understand"),
        ("medical tomorrow 10am", "don't understand"),
        ("ill hospital tomorrow", "Which reason: I or M"),
        ("holiday tomorrow", "granted"),
        ("O tomorrow", "can't be planned"),
        ("N tomorrow", "can't be planned"),
        ("B tomorrow", "can't be planned"),
        ("# tomorrow", "can't be planned"),
        ("medical at his dad's tomorrow", "don't understand"),
    ],
)
def test_what_is_not_certain_is_asked_back(typed: str, asks: str) -> None:
    with pytest.raises(Unclear, match=asks.replace("?", r"\?")):
        read_absence(typed, THURSDAY)


@pytest.mark.parametrize("code", PLANNED)
def test_every_code_that_may_be_planned_can_be_typed(code: str) -> None:
    assert read_absence(f"{code} tomorrow", THURSDAY).code == code


WORDS = st.lists(
    st.sampled_from(
        [
            "medical",
            "M",
            "ill",
            "I",
            "am",
            "pm",
            "not",
            "tomorrow",
            "today",
            "monday",
            "21",
            "sep",
            "to",
            "morning",
            "mornings",
            "every",
            "this",
            "all",
            "day",
            "suspended",
            "E",
            "leave",
            "holiday",
            "the",
            "for",
            "never",
            "cancelled",
            "3/10",
            "10:30",
        ]
    ),
    max_size=9,
)


@given(WORDS)
def test_a_word_that_may_turn_the_meaning_is_never_passed_over(words: list[str]) -> None:
    try:
        found = read_absence(" ".join(words), THURSDAY)
    except Unclear:
        return
    assert not {"not", "never", "cancelled", "holiday", "10:30"} & set(words)
    assert found.code in PLANNED
    assert found.ends_on >= THURSDAY


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_or_asked_back(typed: str) -> None:
    try:
        assert read_absence(typed, THURSDAY).code in PLANNED
    except Unclear as unclear:
        assert str(unclear)  # noqa: PT017  (either is right)
