"""A morning, from the prompt to the recorded outcome."""

from tests.day import Day


async def test_a_pupil_who_never_arrives_reaches_the_dsl_at_thirty_minutes(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("09:59")
    day.dsl("Hillcrest").sees_nothing()
    await day.until("10:00")
    day.dsl("Hillcrest").sees("not arrived", "CD34")
    day.dsl("Hillcrest").does_not_see("AB12")
