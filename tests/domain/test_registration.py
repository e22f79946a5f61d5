"""What guidance says of pupils at a provider that is not registered as a school."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from apbot.domain.registration import FULL_TIME_PUPILS, Place, Warned, planned_end, warnings

TODAY = date(2026, 9, 1)
STARTS = date(2026, 9, 7)
FULL = Place("CD34", STARTS, STARTS + timedelta(days=83), hours=23.75, days=5)
"""Full time for twelve weeks."""
PART = Place("EF56", STARTS, date(2027, 7, 16), hours=9.5, days=2)
"""Two days a week for the whole year."""


def warned(*places: Place, registered: bool | None = False, today: date = TODAY) -> list[Warned]:
    return warnings(registered, places, today)


def pupils(count: int) -> list[Place]:
    return [replace(FULL, pupil=f"P{number}") for number in range(count)]


def test_twelve_weeks_full_time_or_two_days_for_a_year_are_within_guidance() -> None:
    assert warned(FULL, PART) == []


def test_at_a_registered_provider_there_is_nothing_to_say() -> None:
    long = replace(FULL, last_on=None, looked_after=True)
    assert warned(*(replace(long, pupil=f"P{number}") for number in range(9)), registered=True) == []


@pytest.mark.parametrize(
    "place",
    [
        replace(FULL, last_on=STARTS + timedelta(days=84)),
        replace(FULL, last_on=None),
        replace(PART, days=2.5),
        replace(PART, last_on=None, days=3),
    ],
)
def test_a_day_longer_than_twelve_weeks_or_without_an_end_is_too_long_for_more_than_two_days(place: Place) -> None:
    (found,) = warned(place)
    assert found.pupils == {place.pupil}
    assert "longer than 12 weeks" in found.what


def test_five_pupils_full_time_at_once_are_warned_of_and_four_are_not() -> None:
    assert FULL_TIME_PUPILS == 5
    assert warned(*pupils(4)) == []
    (found,) = warned(*pupils(5))
    assert len(found.pupils) == 5
    assert found.what.startswith("5 pupils are there full time (over 18 hours a week)")


def test_pupils_who_follow_one_another_are_not_there_at_once() -> None:
    later = [
        replace(each, pupil=f"L{n}", starts_on=date(2027, 1, 4), last_on=date(2027, 3, 26))
        for n, each in enumerate(pupils(3))
    ]
    assert warned(*pupils(3), *later) == []


def test_eighteen_hours_are_not_over_eighteen() -> None:
    assert warned(*(replace(each, hours=18.0) for each in pupils(5))) == []


@pytest.mark.parametrize("what", ["ehc_plan", "looked_after"])
def test_one_pupil_with_a_plan_or_looked_after_full_time_is_enough_and_the_authority_is_told(what: str) -> None:
    (found,) = warned(replace(FULL, **{what: True}), PART)
    assert found.pupils == {"CD34"}
    assert "Tell the local authority." in found.do
    assert warned(replace(PART, **{what: True})) == []


def test_two_placements_of_one_pupil_at_the_provider_count_together() -> None:
    half = replace(FULL, hours=10.0, days=2, last_on=None)
    (found,) = warned(half, half)
    assert found.pupils == {"CD34"}
    assert warned(half, replace(half, pupil="EF56")) == []


def test_where_nobody_has_said_whether_it_is_registered_that_is_what_to_do() -> None:
    (found,) = warned(replace(FULL, last_on=None), registered=None)
    assert found.do.startswith("Nobody has said whether it is registered")
    (found,) = warned(replace(FULL, last_on=None))
    assert found.do.startswith("It is not registered")


def test_what_is_over_is_not_warned_of() -> None:
    assert warned(replace(FULL, last_on=date(2026, 12, 31), looked_after=True), today=date(2027, 1, 4)) == []


def test_no_sentence_says_that_guidance_is_law() -> None:
    found = warned(*(replace(each, last_on=None, ehc_plan=True) for each in pupils(5)))
    assert len(found) == 3
    assert all("guidance says" in each.what for each in found)


def test_the_planned_end_is_the_end_date_else_a_target_still_ahead_and_never_after_the_pupil_has_left() -> None:
    end, target, left = date(2026, 12, 18), date(2027, 3, 25), date(2026, 10, 23)
    assert planned_end(end, target, None, TODAY) == end
    assert planned_end(None, target, None, TODAY) == target
    assert planned_end(None, target, None, date(2027, 3, 26)) is None
    assert planned_end(None, target, left, TODAY) == left
    assert planned_end(None, None, None, TODAY) is None
