"""A channel that does not work is told to the admins at once, by another, and each morning until it works again."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from apbot.channels.port import Outcome, Receipt
from apbot.store.channel_troubles import Found
from apbot.store.processes import EVERYTHING, SILENT_AFTER, Process, beat, leave
from apbot.store.tables import addresses, channel_troubles, messages
from tests.day import Day
from tests.stories.test_where_people_are_told import at, with_slack

ADMIN = "Ada Quill"
AGAIN = Receipt(Outcome.AGAIN, why="token_revoked")
REMEDY = "Put a new token into APBOT_SLACK_BOT_TOKEN, restart."
WORKS = Found()


def process(key: str) -> Process:
    """One of several that deliver on Slack too."""
    return Process(EVERYTHING, ["web", "slack"], key=key, host="box", pid=7)


def broken(day: Day, remedy: str = REMEDY) -> Found:
    """What a process finds two minutes after Slack has taken nothing any more."""
    return Found(day.clock.now() - timedelta(minutes=2), "Slack does not accept the bot token", remedy)


async def finds(day: Day, key: str, found: Found | None) -> None:
    """A process writes down that it lives, and how Slack does, where it knows."""
    day.database.run(beat, process(key), {} if found is None else {"slack": found})
    await day.app.tick()


async def begun(day: Day) -> None:
    """It is ten past ten. The admin is on Slack first, and in the web chat."""
    with_slack(day, ADMIN)
    await day.until("10:10")


def headings(day: Day) -> list[str]:
    """What the admin has of it in the web chat."""
    return [each.heading for each in day.person(ADMIN).cards if "Slack" in each.heading]


async def test_the_admins_are_told_at_once_by_another_channel_what_is_wrong_and_what_to_do(day: Day) -> None:
    slack = with_slack(day, ADMIN, "Dorothy Okafor")
    await day.until("09:59")
    slack.answers = [AGAIN] * 100
    await day.until("10:02")
    await finds(day, "a", broken(day))
    day.person(ADMIN).sees("Slack does not work", "Since 10:00", "does not accept the bot token", REMEDY)
    day.person(ADMIN).sees("Slack does not work", "2 messages wait there", "next channel", "apbot check --send-test")
    assert not any("Slack does not work" in each for each in at(slack, ADMIN))


async def test_however_many_processes_find_it_out_it_is_said_once(day: Day) -> None:
    await begun(day)
    for _ in range(3):
        for key in ("a", "b", "c"):
            await finds(day, key, broken(day))
    assert headings(day) == ["Slack does not work"]


async def test_it_is_said_again_each_morning_while_it_lasts(day: Day) -> None:
    await begun(day)
    await finds(day, "a", broken(day))
    await day.until("23:59")
    assert headings(day) == ["Slack does not work"]
    day.date += timedelta(days=1)
    await day.until("07:31")
    assert headings(day) == ["Slack does not work", "Slack still does not work"]
    day.person(ADMIN).sees("still does not work", "10:08 on Thu 17 Sep 2026")


async def test_when_it_works_again_what_was_said_says_so(day: Day) -> None:
    await begun(day)
    await finds(day, "a", broken(day))
    await finds(day, "a", WORKS)
    await day.until("10:30")
    assert headings(day) == ["Slack works again"]
    assert not day.rows(sa.select(channel_troubles).where(channel_troubles.c.next_at.is_not(None)))


async def test_it_is_not_well_before_all_who_use_it_find_so(day: Day) -> None:
    await begun(day)
    await finds(day, "a", broken(day))
    await finds(day, "b", broken(day))
    await finds(day, "a", WORKS)
    assert headings(day) == ["Slack does not work"]
    await finds(day, "b", WORKS)
    assert headings(day) == ["Slack works again"]


async def test_a_process_that_is_gone_keeps_no_trouble_alive(day: Day) -> None:
    await begun(day)
    await finds(day, "a", broken(day))
    day.clock.set(day.clock.now() + SILENT_AFTER * 2)
    await finds(day, "b", WORKS)
    assert headings(day) == ["Slack works again"]


async def test_a_restart_is_no_sign_that_it_works_again(day: Day) -> None:
    await begun(day)
    await finds(day, "a", broken(day))
    day.database.run(leave, process("a"))
    await finds(day, "b", None)
    assert headings(day) == ["Slack does not work"]
    await finds(day, "b", broken(day))
    assert headings(day) == ["Slack does not work"]


async def test_each_time_that_it_stops_it_is_told_anew(day: Day) -> None:
    await begun(day)
    await finds(day, "a", broken(day))
    await finds(day, "a", WORKS)
    await day.until("10:20")
    await finds(day, "a", broken(day))
    assert headings(day) == ["Slack works again", "Slack does not work"]


async def test_what_is_found_wrong_later_is_said_in_the_same_message(day: Day) -> None:
    await begun(day)
    await finds(day, "a", Found(day.clock.now(), "it takes no message"))
    day.person(ADMIN).sees("it takes no message", "apbot check says what is wrong")
    await finds(day, "a", broken(day))
    assert headings(day) == ["Slack does not work"]
    day.person(ADMIN).sees("does not accept the bot token", REMEDY)


async def test_a_channel_that_is_not_used_any_more_is_no_trouble(day: Day) -> None:
    await begun(day)
    await finds(day, "a", broken(day))
    day.database.run(leave, process("a"))
    day.clock.set(day.clock.now() + timedelta(minutes=3))
    day.database.run(beat, Process(EVERYTHING, ["web"], key="b", host="box", pid=8))
    await day.app.tick()
    assert headings(day) == ["Slack is not used any more"]


async def test_where_the_admins_have_no_other_channel_the_log_says_so(day: Day) -> None:
    await begun(day)
    day.change(addresses, addresses.c.channel == "web", disabled_at=day.clock.now())
    with capture_logs() as logs:
        await finds(day, "a", broken(day))
    assert any("no admin is reached by any other" in each["event"] for each in logs if each["log_level"] == "error")


async def test_where_the_other_channel_takes_nothing_either_it_goes_on_to_the_next(day: Day) -> None:
    await begun(day)
    day.recorder.answers = [Receipt(Outcome.AGAIN)] * 3
    await finds(day, "a", broken(day))
    day.change(messages, messages.c.kind == "channel trouble", tries=2, next_at=day.clock.now())
    await day.app.tick()
    there = {row.channel for row in day.rows(sa.select(messages.c.channel).where(messages.c.kind == "channel trouble"))}
    assert there == {"web", "slack"}


@pytest.mark.parametrize("waiting", [0, 1])
async def test_how_many_wait_there_is_said(day: Day, waiting: int) -> None:
    slack = with_slack(day, *["Dorothy Okafor"][:waiting])
    await day.until("09:59")
    slack.answers = [AGAIN] * 100
    await day.until("10:01")
    await finds(day, "a", broken(day))
    counted = len(day.rows(sa.select(messages.c.id).where(messages.c.channel == "slack", messages.c.state == "owed")))
    day.person(ADMIN).sees("Slack does not work", "Nothing waits there" if not waiting else f"{counted} message")
    assert bool(counted) == bool(waiting)
