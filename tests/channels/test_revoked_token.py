"""A token that its platform accepts no more: who looks after apbot hears of it where they are reached still."""

import asyncio

import pytest

from apbot.channels.platform import Platform
from apbot.store.processes import beat
from apbot.watching.platforms import ask_in_turns, found_of
from tests.channels.chatday import ChatDay, begun
from tests.channels.slackstand import SlackStand
from tests.channels.stand import Stand
from tests.channels.telegram_stand import TelegramStand

ADMIN = "Ada Quill"


def revoke(stand: Stand) -> None:
    """The platform takes apbot's token for wrong from now on."""
    if isinstance(stand, SlackStand):
        for method in ("chat.postMessage", "chat.update", "auth.test"):
            stand.workspace.errors[method] = "token_revoked"
    else:
        assert isinstance(stand, TelegramStand)
        stand.api.token = "1:another"


def restore(stand: Stand, token: str) -> None:
    """It is right again."""
    if isinstance(stand, SlackStand):
        stand.workspace.errors.clear()
    else:
        assert isinstance(stand, TelegramStand)
        stand.api.token = token


async def is_asked(platform: Platform, *, well: bool) -> None:
    """The platform is asked how it is, until it is known to be so."""
    asking = asyncio.create_task(ask_in_turns([platform]))
    async with asyncio.timeout(10):
        while (platform.condition.unusable_for is None) is not well:
            await asyncio.sleep(0.01)  # the answer comes over a socket
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def beats(day: ChatDay) -> None:
    """The process writes down how its channels do, and does what is due."""
    day.database.run(beat, day.app.process, found_of(day.app.delivery.conditions, day.clock.now()))
    await day.app.tick()


@pytest.mark.parametrize(
    ("make", "name", "token"),
    [(SlackStand, "Slack", "APBOT_SLACK_BOT_TOKEN"), (TelegramStand, "Telegram", "APBOT_TELEGRAM_TOKEN")],
)
async def test_the_admin_reads_in_the_web_chat_that_the_token_is_refused_and_then_that_all_is_well(
    make: type[Stand], name: str, token: str
) -> None:
    async with begun(make()) as day:
        day.channel.condition._timer = lambda: day.clock.now().timestamp()
        right = getattr(getattr(day.stand, "api", None), "token", "")
        await day.until("09:58")
        revoke(day.stand)
        await is_asked(day.channel, well=False)
        await day.until("10:00")
        await beats(day)
        assert name not in day.person(ADMIN).text, "it may be a hitch: two minutes have not passed"
        await day.until("10:03")
        await beats(day)
        day.person(ADMIN).sees(f"{name} does not work", "token", token, "wait there", "apbot check --send-test")
        assert right not in day.person(ADMIN).text or not right
        restore(day.stand, right)
        await is_asked(day.channel, well=True)
        await day.until("10:05")
        await beats(day)
        day.person(ADMIN).sees(f"{name} works again")
        assert f"{name} does not work" not in day.person(ADMIN).text
        assert any("Not arrived" in each.text for each in day.stand.shown(day.dsl_address))
