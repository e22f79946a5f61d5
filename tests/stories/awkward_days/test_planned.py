"""Absences that the school plans when an alert is already there, or about to be."""

from datetime import date

from tests.day import Day
from tests.stories.awkward_days.changes import alerts, entry, plan_absence, roster, withdraw_absence


async def test_an_absence_planned_after_the_alert_leaves_it_open_until_an_outcome_is_recorded(day: Day) -> None:
    await day.until("10:05")
    planned = await plan_absence(day)
    await day.until("10:21")
    assert alerts(day) == ["not arrived: open"]
    await withdraw_absence(day, planned)
    await day.until("10:40")
    assert alerts(day) == ["not arrived: open"], "and one is enough when it is withdrawn"
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="in school")
    assert alerts(day) == ["not arrived: closed"]


async def test_an_alert_stays_readable_whatever_the_roster_does_to_its_pupil(day: Day) -> None:
    await day.until("10:05")
    await plan_absence(day)
    await roster(day, ends_on=date(2026, 9, 2))
    await day.until("10:21")
    day.person("Helen Marsh").sees("Not arrived: 1 pupil", "CD34")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="in school")
    assert alerts(day) == ["not arrived: closed"]


async def test_an_absence_planned_after_not_arrived_was_said_does_not_escalate(day: Day) -> None:
    await day.until("09:35")
    await day.provider("Oak Farm").taps("Not arrived", pupil="CD34", reason="medical or dental appointment")
    planned = await plan_absence(day)
    await day.until("10:10")
    assert alerts(day) == []
    assert (entry(day).fact, entry(day).suggested_code) == ("not arrived", "M")
    await withdraw_absence(day, planned)
    assert alerts(day) == ["not arrived: open"], "and escalates at once where it was a mistake"


async def test_an_absence_planned_again_with_another_code_is_suggested_with_that(day: Day) -> None:
    await withdraw_absence(day, await plan_absence(day, "M"))
    await day.until("06:00")
    first = await plan_absence(day, "M")
    await day.until("06:10")
    await withdraw_absence(day, first)
    await plan_absence(day, "I")
    await day.until("06:20")
    assert (entry(day).state, entry(day).suggested_code) == ("excused", "I")
