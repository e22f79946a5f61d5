"""Days and times as people type them and as spreadsheets keep them, which is without a zone."""
# ruff: noqa: DTZ001

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.walltime import FIRST_DAY, LAST_DAY
from apbot.roster.days import EARLIEST_START, LATEST_END, clock, day, optional_day
from apbot.roster.problems import Unreadable

THIRD = date(2026, 9, 3)


@pytest.mark.parametrize(
    "typed",
    [
        *("3/9/26", "03/09/2026", "3.9.26", "3-9-2026", "3 9 26", " 3 / 9 / 2026 ", "3\\9\\26", "3/9/2026\xa0"),
        *("03-Sep-2026", "3 Sept 26", "3rd September 2026", "3rd of September, 2026", "3Sep26", "September 3, 2026"),
        *("Thu 3 Sep 2026", "Thursday, 3rd September 2026", "THURS 3/9/26"),
        *("2026-09-03", "2026/9/3", "20260903", "2026-09-03 00:00:00", "2026-09-03T00:00:00", "03/09/2026 00:00"),
        *("46268", 46268, 46268.0, 46268.4, 20260903, THIRD, datetime(2026, 9, 3), datetime(2026, 9, 3, 9, 30)),
    ],
)
def test_a_day_however_it_is_written(typed: object) -> None:
    assert day(typed) == THIRD


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("31/02/26", "does not exist"),
        ("31 June 2026", "does not exist"),
        ("9/30/26", "no such month: 30"),
        ("3/9", "has no year"),
        ("3 Sep", "has no year"),
        ("September 3", "has no year"),
        ("12", "not a day"),
        ("May", "not a day"),
        ("Sep 2026", "not a day"),
        ("next Monday", "not a day"),
        ("3 Mai 2026", "no month: 'mai'"),
        ("3 Ju 2026", "not a day"),
        ("03/09/1926", "in the year 1926"),
        ("03/09/2126", "in the year 2126"),
        ("Mon 3 Sep 2026", "is a Thursday"),
        ("03/09/26 - 10/09/26", "not a day"),
        ("", "not a day"),
        ("#VALUE!", "not a day"),
        (0, "not a day"),
        (True, "not a day"),
        (time(9, 30), "is a time"),
        (timedelta(hours=9), "is a time"),
        (float("nan"), "not a day"),
        (float("inf"), "not a day"),
        (10**40, "not a day"),
    ],
)
def test_nonsense_for_a_day_is_refused_with_the_reason(typed: object, wrong: str) -> None:
    with pytest.raises(Unreadable) as trouble:
        day(typed)
    assert wrong in trouble.value.wrong
    assert trouble.value.expected


def test_the_day_comes_first_whatever_the_month_would_allow() -> None:
    assert day("4/5/26") == date(2026, 5, 4)


@pytest.mark.parametrize("typed", ["", "ongoing", "TBC", "n/a", "-", " none ", "Open-ended"])
def test_an_end_that_is_not_known_is_no_end(typed: str) -> None:
    assert optional_day(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("9.30", "9:30", "09:30", "9:30am", "9.30 AM", "9:30 a.m.", "0930", "930", "09h30", "9;30", "09:30:00"),
        *(930, 9.3, 0.3958333333, "0.395833", time(9, 30), time(9, 29, 59, 999), datetime(1899, 12, 30, 9, 30)),
        *(datetime(2026, 9, 3, 9, 30), timedelta(hours=9, minutes=30)),
    ],
)
def test_half_past_nine_however_it_is_written(typed: object) -> None:
    assert clock(typed) == time(9, 30)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("1.00", time(13)),
        ("1:15", time(13, 15)),
        (1, time(13)),
        (time(1, 15), time(13, 15)),
        ("12.45pm", time(12, 45)),
        ("2.30 p.m.", time(14, 30)),
        ("noon", time(12)),
        ("12", time(12)),
        (9, time(9)),
        ("9am", time(9)),
        ("3pm", time(15)),
        (1300, time(13)),
        (0.5, time(12)),
        ("15:00 hrs", time(15)),
    ],
)
def test_a_time_in_the_afternoon_needs_no_pm(typed: object, means: time) -> None:
    assert clock(typed) == means


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("9.5", "half past or ten to"),
        (9.5, "half past or ten to"),
        ("9:3", "not a time"),
        ("25:00", "not a time"),
        ("9:75", "not a time"),
        (9.75, "not a time"),
        ("half nine", "not a time"),
        ("9.30-12.00", "not a time"),
        ("12am", "outside the hours"),
        ("5am", "outside the hours"),
        ("22:00", "outside the hours"),
        (date(2026, 9, 3), "is a day"),
        (datetime(2026, 9, 3), "is a day"),
        (timedelta(days=2), "not a time"),
        (True, "not a time"),
        ("", "not a time"),
    ],
)
def test_nonsense_for_a_time_is_refused_with_the_reason(typed: object, wrong: str) -> None:
    with pytest.raises(Unreadable) as trouble:
        clock(typed)
    assert wrong in trouble.value.wrong


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times()))
def test_a_day_or_a_time_is_read_or_refused_and_nothing_else_happens(value: object) -> None:
    for read, first, last in ((day, FIRST_DAY, LAST_DAY), (clock, EARLIEST_START, LATEST_END)):
        try:
            found = read(value)
        except Unreadable:
            continue
        assert first <= found <= last  # type: ignore[operator]
        assert read(found) == found


@given(st.dates(FIRST_DAY, LAST_DAY))
def test_every_day_is_read_back_from_the_ways_it_is_written(value: date) -> None:
    for form in ("%d/%m/%Y", "%d/%m/%y", "%d-%b-%Y", "%A %d %B %Y", "%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"):
        assert day(value.strftime(form)) == value
