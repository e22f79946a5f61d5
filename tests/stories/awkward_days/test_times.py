"""Times that differ within one register, or change."""

from datetime import date

from apbot.domain.walltime import instant, parse_wall
from tests.day import Day
from tests.stories.awkward_days.changes import alerts, entry, press, roster, starts


async def test_all_arrived_says_nothing_of_a_pupil_whose_session_has_not_begun(day: Day) -> None:
    await roster(day, placement="AB12 placement", ends_on=None)
    await roster(day, hours=starts("11:00"))
    await day.until("09:31")
    press(day, "all_arrived", entry(day).register_id)
    await day.app.tick()
    assert entry(day).fact is None
    await day.until("11:30")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil", "CD34")


async def test_all_of_these_in_a_nudge_says_nothing_of_a_pupil_it_does_not_name(day: Day) -> None:
    await roster(day, placement="AB12 placement", ends_on=None)
    await roster(day, hours=starts("11:00"))
    await day.until("09:46")
    day.person("Sam Taylor").sees("Register not answered", "AB12")
    day.person("Sam Taylor").does_not_see("CD34")
    await day.person("Sam Taylor").taps("All of these arrived")
    assert entry(day).fact is None


async def test_all_in_when_typed_says_nothing_of_a_pupil_whose_session_has_not_begun(day: Day) -> None:
    await roster(day, placement="AB12 placement", ends_on=None)
    await roster(day, hours=starts("11:00"))
    await day.until("09:31")
    await day.provider("Oak Farm").types("all in")
    assert entry(day).fact is None


async def test_a_later_start_in_the_same_register_is_nudged_and_alerted_by_its_own_clock(day: Day) -> None:
    await roster(day, placement="AB12 placement", ends_on=None)
    await roster(day, hours=starts("10:15"))
    await day.until("09:31")
    day.provider("Oak Farm").sees("AB12", "CD34 J.S.: from 10:15")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("10:29")
    day.person("Sam Taylor").sees_nothing()
    await day.until("10:30")
    day.person("Sam Taylor").sees("Register not answered", "CD34")
    await day.until("10:44")
    assert alerts(day) == []
    await day.until("10:45")
    assert alerts(day) == ["not arrived: open"]


async def test_a_pupil_with_two_placements_in_one_session_is_answered_for_at_each(day: Day) -> None:
    await roster(day, placement="AB12 placement", ends_on=None, pupil_id=day.ids["CD34"], hours=starts("10:45"))
    await day.until("09:31")
    press(day, "arrived", entry(day).id)
    await day.app.tick()
    day.provider("Oak Farm").sees("Please answer for the one left", "CD34 J.S.: from 10:45")
    await day.until("11:14")
    assert alerts(day) == []
    await day.until("11:15")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil", "CD34", "The session started at 10:45")


async def test_minutes_agreed_otherwise_for_one_placement_alert_each_at_its_own_time(day: Day) -> None:
    await roster(day, placement="AB12 placement", ends_on=None)
    await roster(day, alert_minutes=15)
    await day.until("09:45")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil", "CD34")
    day.dsl("Hillcrest").does_not_see("AB12")
    await day.until("10:00")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil", "AB12")
    assert alerts(day) == ["not arrived: open"] * 2


async def test_an_alert_that_is_due_after_the_sessions_end_comes_all_the_same(day: Day) -> None:
    await roster(day, hours=starts("09:30", "09:50"))
    await day.until("09:55")
    assert alerts(day) == []
    await day.until("10:00")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil", "CD34")


async def test_a_change_of_the_roster_after_the_session_loses_no_alert_that_is_still_to_come(day: Day) -> None:
    await roster(day, hours=starts("09:30", "09:50"))
    await day.until("09:55")
    await roster(day, alert_minutes=30)
    await day.until("10:00")
    assert alerts(day) == ["not arrived: open"]


async def test_a_start_put_off_after_the_alert_is_alerted_again_by_the_new_one(day: Day) -> None:
    await day.until("10:05")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="other", words="starts at eleven today")
    await roster(day, hours=starts("11:00"))
    await day.until("11:30")
    assert alerts(day) == ["not arrived: closed", "not arrived: open"]


async def test_a_start_put_off_while_the_alert_is_open_makes_no_second_one(day: Day) -> None:
    await day.until("10:05")
    await roster(day, hours=starts("11:00"))
    await day.until("11:31")
    assert alerts(day) == ["not arrived: open"]


async def test_more_minutes_given_after_the_alert_leave_it_due_when_it_was(day: Day) -> None:
    await roster(day, alert_minutes=20)
    await day.until("09:51")
    await roster(day, alert_minutes=30)
    await day.until("10:05")
    assert (entry(day).alert_minutes, entry(day).alert_due) == (30, instant(day.date, parse_wall("09:50")))
    assert alerts(day) == ["not arrived: open"]


async def test_whoever_joins_a_register_that_nobody_was_on_is_asked_for(day: Day) -> None:
    await day.until("06:00")
    await roster(day, ends_on=date(2026, 9, 2))
    await day.until("09:50")
    day.provider("Oak Farm").sees_nothing()
    await roster(day, ends_on=None)
    day.provider("Oak Farm").sees("Register: Oak Farm, am", "CD34")
