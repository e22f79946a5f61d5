"""Clocks that are set, machines that sleep, and a process that is told to end while it sends."""

import signal
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.channels.port import MAYBE_REPEAT
from apbot.store.tables import messages
from tests.faults.morning import TOLD, Morning
from tests.processes.running import Nursery


async def test_a_clock_set_back_an_hour_repeats_nothing_and_forgets_nothing(morning: Morning) -> None:
    await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    before = len(morning.slack.workspace.seen)
    morning.wall("08:59:59")
    press = morning.press("Dorothy Okafor", "Dorothy Okafor", "Acknowledge")
    assert await morning.tells(morning.processes[0], press) == 200
    priya = morning.slack.address_of("Priya Nair")
    await morning.until(lambda: morning.slack.seen_by(priya, "Acknowledged by Dorothy Okafor"), "what changes goes out")
    assert not [each for each in morning.slack.workspace.seen[before:] if not each.is_edit]
    morning.wall("10:10:01")  # right again: what nobody has acknowledged goes a step further
    marsh_lane = morning.slack.address_of("Zainab Malik")
    await morning.until(lambda: morning.slack.seen_by(marsh_lane, "· step 2"), "the next step")
    await morning.until(lambda: morning.is_settled, "everything settled")
    morning.holds()


async def test_a_clock_that_was_an_hour_ahead_keeps_no_alert_waiting_for_that_hour(morning: Morning) -> None:
    await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    pause = morning.slack.workspace.error(429, Retry_After="600")
    morning.slack.workspace.trap("asked", pause, method="chat.postMessage", words="Marsh Lane · alert")
    morning.wall("11:00:00")
    others = [each for each in TOLD if each[0] not in ("Zainab Malik", "Alan Pugh")]
    await morning.until(lambda: all(morning.alerts(*each) for each in others), "the others' alerts")
    waits = sa.select(messages.c.id).where(messages.c.tried_at.is_not(None), messages.c.next_at.is_not(None))
    await morning.until(lambda: morning.rows(waits), "one is put off until ten past eleven")
    morning.wall("10:00:30")
    await morning.until(lambda: morning.all_know, "the alert that was put off")


async def test_a_clock_set_back_over_an_alert_that_is_under_way_leaves_it_in_time(morning: Morning) -> None:
    process = await morning.start(points=True)
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.points.at("claimed", "escalation new", lambda: morning.wall("09:00:00"))
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.clock.now() < morning.instant("09:30"), "the clock is set")
    await morning.until(lambda: morning.slack.seen_by(morning.slack.address_of("Alan Pugh"), "Not arrived"), "an alert")
    process.kill()
    await process.end()
    morning.wall("10:01:05")
    await morning.start()
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()


async def test_a_clock_set_forward_ten_minutes_sends_the_alerts_at_once_and_says_that_they_are_late(
    morning: Morning,
) -> None:
    await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:55:00")
    morning.wall("10:05:00")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    assert all("This alert is 5 minutes late" in morning.alerts(*each)[0].text for each in TOLD)


async def test_a_machine_that_slept_over_ten_sends_the_alerts_when_it_wakes_and_says_that_they_are_late(
    morning: Morning,
) -> None:
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    process.send(signal.SIGSTOP)
    morning.wall("10:20:30")
    assert not morning.alerts("Dorothy Okafor", "Oak Farm")
    process.send(signal.SIGCONT)
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    assert all("This alert is 20 minutes late" in morning.alerts(*each)[0].text for each in TOLD)
    await morning.until_well(process)


AFTER = {
    "the clocks went back": (date(2026, 10, 26), "2026-10-25T00:59:50+00:00", "10:00"),
    "the clocks went forward": (date(2027, 3, 30), "2027-03-28T00:59:50+00:00", "09:00"),
}
"""The first school day after the night in which the clocks were changed, that night's hour, and ten o'clock in UTC."""


@pytest.mark.parametrize("when", AFTER)
async def test_a_process_that_runs_through_the_night_of_a_clock_change_is_in_time_on_the_next_school_day(
    when: str, tmp_path: Path, nursery: Nursery
) -> None:
    day, night, ten = AFTER[when]
    morning = Morning(tmp_path, nursery, day=day)
    await morning.begin()
    try:
        before = datetime.fromisoformat(night)
        morning.clock.set(before, 600)  # ten minutes a second: through the hour that is there twice, or not at all
        process = await morning.start()
        await morning.until(lambda: morning.clock.now() > before + timedelta(hours=2), "the night")
        morning.clock.set(morning.clock.now())  # at this speed no tick is ever in time
        await morning.until_well(process)
        morning.wall("09:29:59.5")
        await morning.until(lambda: morning.are_asked, "the registers")
        morning.wall("09:59:59.5")
        await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
        morning.holds()
        assert f"{morning.alerts('Dorothy Okafor', 'Oak Farm')[0].at:%H:%M}" == ten
    finally:
        await morning.end()


async def test_told_to_end_while_it_sends_it_ends_in_good_order_and_loses_nothing(morning: Morning) -> None:
    first = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.slack.workspace.trap("done", lambda _: first.send(signal.SIGTERM), words="Not arrived")
    morning.slack.workspace.trap("answering", morning.slack.workspace.hang, words="Not arrived")
    morning.wall("09:59:59.5")
    assert await first.end() == 0, first.said
    assert not any("Traceback" in line for line in first.said), first.said
    await morning.start()
    morning.wall("10:01:05")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    assert any(MAYBE_REPEAT in each.text for each in morning.slack.workspace.seen)
