"""kill -9 of a process, at every point between deciding and settling."""

import asyncio

import pytest

from apbot.channels.port import MAYBE_REPEAT
from tests.faults.morning import Morning
from tests.processes.points import POINTS
from tests.processes.running import Running

AT_THE_PLATFORM = ("begun", "asked", "done", "half answered")
EVERYWHERE = [*POINTS[:3], *AT_THE_PLATFORM, *POINTS[3:]]
"""In the order in which a message comes to them."""

NOBODY_HAS_BEGUN = ("decided", "owed")


def kill_at(morning: Morning, process: Running, point: str, decided_by: str, about: str, words: str) -> None:
    """Have the process killed when it, or the platform for it, comes to this point with such a message."""
    method = "chat.update" if about.endswith("edit") else "chat.postMessage"
    if point in NOBODY_HAS_BEGUN:
        morning.points.at(point, decided_by, process.kill)
    elif point == "half answered":
        morning.slack.workspace.trap("done", lambda _: process.kill(), method=method, words=words)
        morning.slack.workspace.trap("answering", morning.slack.workspace.half, method=method, words=words)
    elif point in AT_THE_PLATFORM:
        words = "" if point == "begun" else words
        morning.slack.workspace.trap(point, lambda _: process.kill(), method=method, words=words)
    else:
        morning.points.at(point, about, process.kill)


async def killed(process: Running) -> None:
    """Wait until it is gone."""
    assert await process.end() == -9, process.said


async def test_a_morning_without_faults_tells_everybody_once_and_in_time(morning: Morning) -> None:
    await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know, "the alerts")
    await morning.until(lambda: morning.is_settled, "everything settled")
    morning.holds()
    assert not any(MAYBE_REPEAT in each.text for each in morning.slack.workspace.seen)


@pytest.mark.parametrize("point", EVERYWHERE)
async def test_an_alert_goes_out_wherever_its_process_is_killed(morning: Morning, point: str) -> None:
    first = await morning.start(points=True)
    sam = morning.slack.address_of("Sam Taylor")
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:59:59")
    await morning.until(
        lambda: morning.slack.seen_by(sam, "Register not answered") and morning.is_settled, "the nudges"
    )
    kill_at(morning, first, point, "open_alerts", "escalation new", "Not arrived")
    await killed(first)
    await morning.start()
    # What was claimed is left to the process that claimed it for a minute: nobody can know that it is gone.
    morning.wall("10:00:01" if point in NOBODY_HAS_BEGUN else "10:01:05")
    await morning.until(lambda: morning.all_know, "the alerts")
    await morning.until(lambda: morning.is_settled, "everything settled")
    morning.holds()
    if point in NOBODY_HAS_BEGUN:
        assert not any(MAYBE_REPEAT in each.text for each in morning.slack.workspace.seen)
    elif point == "settled":  # by then the next batch is claimed; of the first nothing is repeated
        assert len(morning.alerts("Zainab Malik", "Oak Farm")) == 1
    else:
        assert any(MAYBE_REPEAT in each.text for each in morning.slack.workspace.seen)


@pytest.mark.parametrize("point", EVERYWHERE)
async def test_a_register_is_asked_for_wherever_its_process_is_killed(morning: Morning, point: str) -> None:
    first = morning.launch(points=True)
    kill_at(morning, first, point, "prompt", "register new", "Register:")
    await killed(first)
    await morning.start()
    morning.wall("09:30:01" if point in NOBODY_HAS_BEGUN else "09:31:05")
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.holds({})


@pytest.mark.parametrize("point", EVERYWHERE)
async def test_others_see_who_acknowledged_wherever_the_process_is_killed(morning: Morning, point: str) -> None:
    first = await morning.start(points=True)
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    before = len([each for each in morning.slack.workspace.seen if not each.is_edit])
    kill_at(morning, first, point, "take", "escalation edit", "Acknowledged by")
    press = morning.press("Dorothy Okafor", "Dorothy Okafor", "Acknowledge", "")
    pressing = asyncio.create_task(morning.tells(first, press))
    await killed(first)
    is_thanked = await pressing == 200
    second = await morning.start()
    if not is_thanked:  # Slack shows her a sign that it did not work, and she presses again
        assert await morning.tells(second, morning.press("Dorothy Okafor", "Dorothy Okafor", "Acknowledge")) == 200
    morning.wall("10:01:05")
    others = morning.slack.address_of("Priya Nair")
    await morning.until(lambda: morning.slack.seen_by(others, "Acknowledged by Dorothy Okafor"), "who acknowledged")
    await morning.until(lambda: morning.is_settled, "everything settled")
    assert len([each for each in morning.slack.workspace.seen if not each.is_edit]) == before
    morning.holds()
