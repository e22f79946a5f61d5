"""What is said, and then said otherwise."""

from tests.day import Day
from tests.stories.awkward_days.changes import alerts, entry


async def test_left_again_is_escalated_again_though_nobody_recorded_the_return(day: Day) -> None:
    oak_farm, dorothy = day.provider("Oak Farm"), day.person("Dorothy Okafor")
    await day.until("09:40")
    await oak_farm.taps("Arrived", pupil="CD34")
    await oak_farm.taps("Left site", pupil="CD34")
    await day.until("09:50")
    await oak_farm.types("CD34 has left site")
    assert alerts(day) == ["left site: open"], "said twice while somebody looks for them is said once"
    await dorothy.taps("Acknowledge")
    await dorothy.taps("Record outcome", pupil="CD34", outcome="found safe", words="at the gate, back with staff")
    assert alerts(day) == ["left site: closed"]
    await day.until("10:40")
    await oak_farm.types("CD34 has left site")
    assert alerts(day) == ["left site: closed", "left site: open"]


async def test_left_returned_and_left_again_is_escalated_again(day: Day) -> None:
    oak_farm = day.provider("Oak Farm")
    await day.until("09:31")
    await oak_farm.taps("Arrived", pupil="CD34")
    await day.jump("10:40")
    await oak_farm.taps("Left site", pupil="CD34")
    await day.jump("10:50")
    await oak_farm.taps("Here now", pupil="CD34")
    assert alerts(day) == ["left site: stood down"]
    await day.jump("11:20")
    await oak_farm.taps("Left site", pupil="CD34")
    assert alerts(day) == ["left site: stood down", "left site: open"]
    day.dsl("Hillcrest").sees("Left site: 1 pupil", "Left site at 11:20", "Acknowledge")


async def test_an_escalated_pupil_corrected_twice_is_alerted_as_often_as_they_are_missing(day: Day) -> None:
    oak_farm = day.provider("Oak Farm")
    await day.until("10:05")
    await oak_farm.taps("Arrived", pupil="CD34")
    assert alerts(day) == ["not arrived: stood down"]
    await day.jump("10:20")
    await oak_farm.taps("Correct", pupil="CD34", fact="not arrived", because="wrong pupil")
    assert alerts(day) == ["not arrived: stood down", "not arrived: open"]
    await day.jump("10:30")
    await oak_farm.taps("Here now", pupil="CD34")
    assert alerts(day) == ["not arrived: stood down", "not arrived: stood down"]
    await day.jump("10:40")
    await oak_farm.taps("Correct", pupil="CD34", fact="not arrived", because="wrong pupil")
    assert alerts(day)[2:] == ["not arrived: open"]
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil", "CD34", "Acknowledge")


async def test_a_session_that_runs_after_all_stands_its_alert_down_pupil_by_pupil(day: Day) -> None:
    oak_farm = day.provider("Oak Farm")
    await day.until("09:31")
    await oak_farm.taps("Session not running", reason="site closed")
    assert alerts(day) == ["session not running: open"]
    await day.jump("09:50")
    await oak_farm.taps("Here now", pupil="CD34")
    assert alerts(day) == ["session not running: stood down"]
    oak_farm.sees("CD34", "Arrived late at 09:50")


async def test_a_pupil_for_whom_a_welfare_check_was_asked_and_who_arrives_is_stood_down(day: Day) -> None:
    await day.until("10:00")
    asked = "welfare check asked of police or social care"
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome=asked)
    await day.jump("10:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    assert alerts(day) == ["not arrived: stood down"]
    day.dsl("Hillcrest").sees("Arrived: CD34", "Nobody needs to look for them")


async def test_a_provider_that_answers_after_the_session_stands_the_alert_down(day: Day) -> None:
    await day.until("10:00")
    await day.jump("12:20")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    assert alerts(day)[0] == "not arrived: stood down"
    assert entry(day).fact == "arrived"


async def test_not_arrived_said_after_the_session_leaves_the_alert_open(day: Day) -> None:
    await day.until("10:00")
    await day.jump("12:20")
    await day.provider("Oak Farm").taps("Not arrived", pupil="CD34", reason="ill")
    assert alerts(day) == ["not arrived: open"]
    day.dsl("Hillcrest").sees("Not arrived: ill")


async def test_a_correction_to_arrived_is_an_arrival_and_not_a_late_one_at_the_hour_of_the_correction(
    day: Day,
) -> None:
    oak_farm = day.provider("Oak Farm")
    await day.until("09:35")
    await oak_farm.taps("Not arrived", pupil="CD34")
    await day.jump("09:50")
    await oak_farm.taps("Correct", pupil="CD34", fact="arrived", because="marked by mistake")
    assert (entry(day).fact, entry(day).fact_at) == ("arrived", None)


async def test_late_without_a_time_cannot_be_said_of_a_session_that_is_over(day: Day) -> None:
    await day.until("10:00")
    await day.jump("15:00")
    await day.provider("Oak Farm").taps("Late", pupil="CD34")
    assert entry(day).fact_at is None or entry(day).fact_at < entry(day).ends_at
