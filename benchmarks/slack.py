"""A session's prompts and alerts through the Slack channel, beside Slack's own client with one shared session."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.port import Outgoing
from apbot.channels.slack.blocks import blocks_of, text_of
from apbot.channels.slack.channel import SlackChannel
from apbot.channels.slack.settings import Settings
from benchmarks.burst import Burst, all_at_once, measure
from benchmarks.measure import Figure

TOKEN = "xoxb-stand-in"  # noqa: S105  (the stand-in takes any)
FLOOR = "its bare client with a shared session"


def run(folder: Path) -> list[Figure]:
    """The figures."""
    return measure(folder, BURST, FLOOR)


def _make(where: str, desk: Desk, with_limits: bool) -> Platform:
    own = Settings(
        _env_file=None, bot_token=SecretStr(TOKEN), signing_secret=SecretStr("x" * 32), api_url=f"{where}/api/"
    )
    return SlackChannel(own, desk, messages_a_second=None if with_limits else 0)


async def _bare(where: str, sent: Sequence[Outgoing]) -> float:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=TOKEN, base_url=f"{where}/api/", session=session)
        posts = [
            partial(client.chat_postMessage, channel=each.address, text=text_of(each.card), blocks=blocks_of(each.card))
            for each in sent
        ]
        return await all_at_once(posts)


BURST = Burst("slack", lambda kind, number: f"{'U' if kind == 'person' else 'C'}{number}", _make, _bare)
