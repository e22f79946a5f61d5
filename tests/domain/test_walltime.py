"""Wall times and instants, through the clock changes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apbot.domain.walltime import LONDON, instant, local, local_date, parse_wall, spoken_date, wall

FORWARD = (date(2026, 3, 29), date(2027, 3, 28), date(2028, 3, 26))
BACK = (date(2026, 10, 25), date(2027, 10, 31), date(2028, 10, 29))
EVERY_MINUTE = [time(hour, minute) for hour in range(24) for minute in range(60)]
MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def utc(day: date, hour: int, minute: int) -> datetime:
    """An instant in UTC."""
    return datetime.combine(day, time(hour, minute), tzinfo=UTC)


def test_a_session_at_half_past_nine_is_at_half_past_eight_utc_in_summer_and_half_past_nine_in_winter() -> None:
    summer, winter = date(2026, 6, 17), date(2026, 11, 18)
    assert instant(summer, time(9, 30)) == utc(summer, 8, 30)
    assert instant(winter, time(9, 30)) == utc(winter, 9, 30)


@pytest.mark.parametrize("sunday", FORWARD)
def test_half_past_nine_moves_an_hour_earlier_in_utc_over_the_weekend_in_march(sunday: date) -> None:
    friday, monday = sunday - timedelta(days=2), sunday + timedelta(days=1)
    assert instant(friday, time(9, 30)) == utc(friday, 9, 30)
    assert instant(monday, time(9, 30)) == utc(monday, 8, 30)


@pytest.mark.parametrize("sunday", BACK)
def test_half_past_nine_moves_an_hour_later_in_utc_over_the_weekend_in_october(sunday: date) -> None:
    friday, monday = sunday - timedelta(days=2), sunday + timedelta(days=1)
    assert instant(friday, time(9, 30)) == utc(friday, 8, 30)
    assert instant(monday, time(9, 30)) == utc(monday, 9, 30)


@pytest.mark.parametrize("day", FORWARD)
def test_each_wall_time_on_the_day_the_clock_goes_forward(day: date) -> None:
    for at in EVERY_MINUTE:
        in_utc = datetime.combine(day, at, tzinfo=UTC)
        assert instant(day, at) == (in_utc if at < time(2) else in_utc - timedelta(hours=1))
        skipped = time(1) <= at < time(2)
        shown = wall(instant(day, at))
        assert shown == (f"02:{at.minute:02}" if skipped else f"{at:%H:%M}")


@pytest.mark.parametrize("day", BACK)
def test_each_wall_time_on_the_day_the_clock_goes_back_is_shown_as_it_was_given(day: date) -> None:
    for at in EVERY_MINUTE:
        in_utc = datetime.combine(day, at, tzinfo=UTC)
        assert instant(day, at) == (in_utc - timedelta(hours=1) if at < time(2) else in_utc)
        assert wall(instant(day, at)) == f"{at:%H:%M}"


@pytest.mark.parametrize("day", [*FORWARD, *BACK])
def test_a_later_wall_time_is_never_an_earlier_instant(day: date) -> None:
    # Through the hour that is skipped 01:30 and 02:30 are the same instant.
    moments = [instant(day, at) for at in EVERY_MINUTE]
    skipped = [at for at in EVERY_MINUTE if day in FORWARD and time(1) <= at < time(2)]
    kept = [moment for at, moment in zip(EVERY_MINUTE, moments, strict=True) if at not in skipped]
    assert kept == sorted(kept)


@settings(max_examples=40, deadline=None)
@given(DAYS, st.times())
def test_no_day_and_time_raises_and_what_comes_out_is_utc(day: date, at: time) -> None:
    assert instant(day, at).tzinfo is UTC


@settings(max_examples=40, deadline=None)
@given(DAYS, MINUTES)
def test_a_wall_time_that_exists_comes_back_as_it_was(day: date, at: time) -> None:
    moment = instant(day, at)
    exists = local(moment).time() == at
    offset = datetime.combine(day, at, tzinfo=LONDON).utcoffset()
    assert offset is not None
    if exists:
        assert (local_date(moment), wall(moment)) == (day, f"{at:%H:%M}")
    else:
        assert (day.weekday(), day.month, at.hour) == (6, 3, 1), "only the hour that March skips does not exist"


@settings(max_examples=40, deadline=None)
@given(st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)))  # noqa: DTZ001
def test_an_instant_comes_back_unless_its_wall_time_came_a_second_time(moment: datetime) -> None:
    shown = local(moment)
    again = instant(shown.date(), shown.time())
    assert again in (moment, moment - timedelta(hours=1))
    assert (again == moment) == (shown.fold == 0)


def test_the_date_on_the_wall_changes_at_midnight_in_london() -> None:
    assert local_date(datetime(2026, 6, 16, 23, 30, tzinfo=UTC)) == date(2026, 6, 17)
    assert local_date(datetime(2026, 11, 16, 23, 30, tzinfo=UTC)) == date(2026, 11, 16)


@pytest.mark.parametrize("text", ["09:30", "00:00", "23:59"])
def test_a_time_of_day_is_read(text: str) -> None:
    assert f"{parse_wall(text):%H:%M}" == text


@pytest.mark.parametrize("text", ["", "24:00", "9.30", "12:60", "half nine", "09:30:00", " 09:30", "09:30 ", "-9:30"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_wall(text)


@pytest.mark.parametrize("text", ["9:5", "09:5", "10:3"])
def test_a_single_figure_after_the_colon_is_refused_and_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_wall(text)


def test_a_date_is_written_as_people_write_it() -> None:
    assert spoken_date(date(2026, 9, 3)) == "Thu 3 Sep 2026"
