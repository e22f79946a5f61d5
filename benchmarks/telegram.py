"""A session's prompts and alerts through the Telegram channel, beside the library's own bot."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from telegram import Bot
from telegram.request import HTTPXRequest

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.port import Outgoing
from apbot.channels.telegram.channel import TelegramChannel
from apbot.channels.telegram.limiter import unlimited
from apbot.channels.telegram.rendering import render
from apbot.channels.telegram.settings import Settings
from benchmarks.burst import AT_ONCE, Burst, all_at_once, measure
from benchmarks.measure import Figure

TOKEN = "1:stand-in"  # noqa: S105  (the stand-in takes any)
START = {"person": 1_000_000, "provider": 2_000_000}


def run(folder: Path) -> list[Figure]:
    """The figures."""
    return measure(folder, BURST, "its library's own bot")


def _make(where: str, desk: Desk, with_limits: bool) -> Platform:
    own = Settings(_env_file=None, token=SecretStr(TOKEN), base_url=f"{where}/bot")
    return TelegramChannel(own, "", desk, limiter=None if with_limits else unlimited())


async def _bare(where: str, sent: Sequence[Outgoing]) -> float:
    bot = Bot(TOKEN, base_url=f"{where}/bot", request=HTTPXRequest(connection_pool_size=AT_ONCE))
    rendered = [(int(each.address), render(each.card)) for each in sent]
    posts = [
        partial(bot.send_message, chat, text.text, parse_mode="HTML", reply_markup=text.keyboard)
        for chat, text in rendered
    ]
    seconds = await all_at_once(posts)
    await bot.shutdown()
    return seconds


BURST = Burst("telegram", lambda kind, number: str(START[kind] + number), _make, _bare)
