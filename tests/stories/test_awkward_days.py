"""Days on which something is otherwise than usual: each of them once lost an alert, or could have."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.app import App, open_database
from apbot.cards import Action
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours
from apbot.domain.walltime import instant, parse_wall
from apbot.store.tables import (
    entries,
    escalated,
    escalations,
    messages,
    openings,
    people,
    placements,
    planned_absences,
    roles,
    terms,
)
from tests.blank import url_in
from tests.day import Day, Recorder, act

CD34 = "CD34 placement"


@pytest.fixture
def day() -> Iterator[Day]:
    """A Thursday on which CD34 alone is expected anywhere, and only in the morning."""
    a_day = Day()
    a_day.change(placements, placements.c.id != a_day.ids[CD34], ends_on=date(2026, 9, 2))
    a_day.change(placements, sa.true(), pattern=["thu am"])
    yield a_day
    a_day.close()


async def roster(day: Day, *, placement: str = CD34, **values: Any) -> None:
    """The roster changes what a placement expects."""
    now = day.clock.now()
    day.change(placements, placements.c.id == day.ids[placement], touched_at=now, **values)
    await reopen(day)


async def reopen(day: Day) -> None:
    """Today is worked out again."""
    day.change(openings, openings.c.day == day.date, next_at=day.clock.now())
    await day.app.tick()


def starts(at: str, ends: str = "12:00") -> dict[str, Any]:
    """Hours of a placement's own in the morning."""
    return Hours.from_json({"usual": {"am": [at, ends]}}).to_json()


async def plan_absence(day: Day, code: str = "M") -> int:
    """The school plans an absence of CD34 today; its id."""
    planned = day.plan_absence("CD34", code)
    await reopen(day)
    return planned


async def withdraw_absence(day: Day, planned: int) -> None:
    """... and takes it back."""
    day.change(planned_absences, planned_absences.c.id == planned, withdrawn_at=day.clock.now())
    await reopen(day)


def alerts(day: Day) -> list[str]:
    """Every alert about today's morning there has been: what for, and how it stands."""
    return [f"{row.kind}: {row.state}" for row in day.rows(sa.select(escalations).order_by(escalations.c.id))]


def entry(day: Day) -> sa.Row[Any]:
    """CD34's morning."""
    found = day.rows(sa.select(entries).where(entries.c.placement_id == day.ids[CD34]).order_by(entries.c.id))
    return found[0]


def press(day: Day, verb: str, subject: int, person: str = "Sam Taylor") -> None:
    """Somebody presses a button, and nothing has been delivered since."""
    action = Action("web", f"press-{verb}-{subject}", "", verb=verb, subject=subject)
    day.database.run(act, day.ids[person], action)


# What happens between deciding and telling.


async def test_a_pupil_who_arrives_between_the_decision_and_the_telling_is_not_alerted(day: Day) -> None:
    await day.until("09:59")
    day.clock.set(instant(day.date, parse_wall("10:00")))
    await day.app.decide()
    press(day, "arrived", entry(day).id)
    await day.app.tick()
    day.dsl("Hillcrest").does_not_see("Not arrived", "Acknowledge")
    assert alerts(day) == ["not arrived: stood down"]


async def test_stopped_at_one_minute_to_ten_and_started_again_it_alerts_and_says_how_late(tmp_path: Path) -> None:
    day = Day(url=url_in(tmp_path))
    await day.until("09:59")
    day.app.database.close()
    day.clock.set(instant(day.date, parse_wall("10:07")))
    again = App(day.settings, open_database(day.settings, day.clock, inline=True), [day.recorder])
    await again.tick()
    said = day.dsl("Hillcrest").cards
    assert [card.heading for card in said] == [
        "Not arrived: 2 pupils, Oak Farm, am",
        "Not arrived: 1 pupil, The Garage, am",
    ]
    assert all("This alert is 7 minutes late: it was due at 10:00." in card.lines for card in said)
    again.database.close()


async def test_two_processes_that_tick_at_once_tell_everybody_once(tmp_path: Path) -> None:
    url = url_in(tmp_path)
    day = Day(url=url)
    await day.until("09:59")
    day.clock.set(instant(day.date, parse_wall("10:00")))
    others = [open_database(day.settings, day.clock, inline=True) for _ in range(2)]
    apps = [day.app, *(App(day.settings, other, [Recorder(day.clock)]) for other in others)]

    def ticks(app: App) -> None:
        for _ in range(3):
            asyncio.run(app.decide())

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(ticks, app) for app in apps]:
            done.result()
    assert alerts(day) == ["not arrived: open"] * 3, "one for each provider and school"
    members = day.rows(sa.select(escalated.c.entry_id))
    assert len(members) == len({row.entry_id for row in members}) == 4
    told = day.rows(sa.select(messages.c.recipient, messages.c.subject_id).where(messages.c.kind == "escalation"))
    assert len(told) == 6, "the attendance contact and the DSL of each"
    for app in apps:
        app.database.close()


# What is said, and said otherwise.


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


# Times that differ within one register.


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


async def test_whoever_joins_a_register_that_nobody_was_on_is_asked_for(day: Day) -> None:
    await day.until("06:00")
    await roster(day, ends_on=date(2026, 9, 2))
    await day.until("09:50")
    day.provider("Oak Farm").sees_nothing()
    await roster(day, ends_on=None)
    day.provider("Oak Farm").sees("Register: Oak Farm, am", "CD34")


# Absences that the school plans.


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


# Who is told.


async def test_a_person_with_two_roles_is_told_once_of_each_step(day: Day) -> None:
    for role in (Role.ATTENDANCE_CONTACT, Role.DEPUTY_DSL, Role.ADMIN):
        day.database.run(
            lambda t, role=role: t.insert(
                roles, person_id=day.ids["Dorothy Okafor"], role=role.value, school_id=day.ids["Hillcrest"]
            )
        )
    day.change(placements, placements.c.id == day.ids[CD34], key_worker_id=day.ids["Dorothy Okafor"])
    await day.until("10:21")
    assert len(day.dsl("Hillcrest").cards) == 3


async def test_cover_that_has_left_is_passed_over_for_the_next_in_line(day: Day) -> None:
    day.change(people, people.c.id == day.ids["Helen Marsh"], leaves_on=date(2026, 9, 16))
    day.cover("Dorothy Okafor", by="Helen Marsh")
    await day.until("10:00")
    day.person("Helen Marsh").sees_nothing()
    day.person("Tom Beckett").sees("Not arrived: 1 pupil")


async def test_a_key_worker_who_has_left_gets_no_copy(day: Day) -> None:
    day.change(people, people.c.id == day.ids["Kit Lowry"], leaves_on=date(2026, 9, 16))
    await day.until("10:00")
    day.dsl("Hillcrest").sees("Not arrived")
    day.person("Kit Lowry").sees_nothing()


async def test_a_key_worker_is_not_told_that_somebody_deals_with_an_alert_that_is_open_again(day: Day) -> None:
    await day.until("10:00")
    await day.dsl("Hillcrest").taps("Acknowledge")
    day.person("Kit Lowry").sees("Dorothy Okafor is dealing with it")
    await day.until("11:16")
    assert alerts(day) == ["not arrived: open"]
    day.person("Kit Lowry").does_not_see("is dealing with it")


# Nights, and clocks.


async def test_an_alert_that_nobody_takes_goes_on_through_the_night_to_whoever_is_there_then(day: Day) -> None:
    day.change(people, people.c.id == day.ids["Dorothy Okafor"], leaves_on=day.date)
    await day.until("10:20")
    day.clock.set(instant(day.date, parse_wall("23:50")))
    await day.app.tick()
    before = len(day.dsl("Hillcrest").cards)
    tom = len(day.person("Tom Beckett").cards)
    for minutes in (15, 30):
        day.clock.set(instant(day.date, parse_wall("23:50")) + timedelta(minutes=minutes))
        await day.app.tick()
    assert len(day.person("Tom Beckett").cards) == tom + 2
    assert len(day.dsl("Hillcrest").cards) == before, "her last day was over at midnight"
    assert alerts(day)[0] == "not arrived: open"


async def test_a_further_step_edits_no_message_that_says_the_same_as_before(day: Day) -> None:
    await day.until("10:20")
    shown = [posted for posted in day.recorder.posted.values() if "alert" in posted.card.footer]
    assert len(shown) == 2 + 3 + 4
    assert all(len(posted.history) == 1 for posted in shown)


@pytest.mark.parametrize(
    ("on", "hour"),
    [
        (date(2026, 10, 23), 8),
        (date(2026, 10, 26), 9),
        (date(2027, 3, 26), 9),
        (date(2027, 3, 30), 8),
        (date(2028, 2, 29), 9),
    ],
)
async def test_half_past_nine_is_half_past_nine_on_both_sides_of_a_clock_change(on: date, hour: int) -> None:
    day = Day(on)
    day.change(terms, sa.true(), starts_on=on, ends_on=on)
    is_open = on != date(2027, 3, 26)  # Good Friday
    await day.until("09:29")
    day.provider("Oak Farm").sees_nothing()
    await day.until("10:00")
    sent = [posted.at for posted in day.recorder.posted.values() if posted.card.heading.startswith("Register: Oak")]
    assert [(at.hour, at.minute) for at in sent] == ([(hour, 30)] if is_open else [])
    alerted = day.rows(sa.select(escalations.c.opened_at))
    assert {(row.opened_at.hour, row.opened_at.minute) for row in alerted} == ({(hour + 1, 0)} if is_open else set())
    day.close()
