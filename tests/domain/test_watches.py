"""What a school watches: ten unauthorised sessions in ten school weeks, and fifteen days of sickness."""

from datetime import date, timedelta

import pytest

from apbot.domain.calendar import Calendar, Term
from apbot.domain.duties.schooldays import school_weeks
from apbot.domain.watches import ROLLING_WEEKS, Sickness, is_unauthorised, sickness

YEAR = Calendar(
    terms=(
        Term("Autumn 1", date(2026, 9, 2), date(2026, 10, 23)),
        Term("Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
        Term("Spring 1", date(2027, 1, 4), date(2027, 2, 12)),
    )
)


def days(first: date, count: int) -> list[date]:
    found = [first + timedelta(days=number) for number in range(200)]
    return [day for day in found if YEAR.is_school_day(day)][:count]


def rolling(day: date) -> date:
    return school_weeks(YEAR, day, ROLLING_WEEKS)[0]


def test_ten_school_weeks_pass_over_the_holidays() -> None:
    assert rolling(date(2026, 11, 13)) == date(2026, 8, 31)
    assert rolling(date(2026, 11, 20)) == date(2026, 9, 7)
    assert rolling(date(2027, 1, 8)) == date(2026, 10, 12)


def test_the_weeks_go_no_further_back_than_the_calendar() -> None:
    assert rolling(date(2026, 9, 11)) == date(2026, 8, 31)


@pytest.mark.parametrize(("code", "counts"), [("N", True), ("O", True), ("G", True), ("U", True), ("I", False)])
def test_four_codes_count_as_unauthorised(code: str, counts: bool) -> None:
    assert is_unauthorised(code) is counts
    assert not is_unauthorised(None)


def test_fifteen_school_days_of_illness_in_a_row_are_long() -> None:
    ill = [(day, "I") for day in days(date(2026, 9, 7), 15) for _ in "ap"]
    found = sickness(ill, YEAR)
    assert found == Sickness(15, 15, date(2026, 9, 7), date(2026, 9, 25), 15.0)
    assert found.is_long
    assert not sickness(ill[:-2], YEAR).is_long


def test_a_pupil_expected_on_one_day_a_week_is_ill_over_the_days_between() -> None:
    mondays = [(date(2026, 9, 7) + timedelta(days=7 * number), "I") for number in range(4)]
    found = sickness(mondays, YEAR)
    assert (found.days, found.span, found.together) == (4, 16, 2.0)
    assert found.is_long


def test_a_day_attended_ends_a_run_and_a_session_that_did_not_run_does_not() -> None:
    week = days(date(2026, 9, 7), 5)
    assert sickness([(week[0], "I"), (week[1], "B"), (week[2], "I")], YEAR).span == 1
    assert sickness([(week[0], "I"), (week[1], "Y4"), (week[2], None), (week[3], "I")], YEAR).span == 4
    assert sickness([(week[0], "I"), (week[0], "B")], YEAR) == Sickness(together=0.5)


def test_nobody_ill_is_no_sickness() -> None:
    assert sickness([(date(2026, 9, 7), "B")], YEAR) == Sickness()
    assert sickness([], YEAR) == Sickness()
