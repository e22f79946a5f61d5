"""The outside platforms: what sending and listening come to, and, when nothing is sent for hours, what they say."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from apbot.channels.condition import Condition
from apbot.channels.platform import Platform
from apbot.watching.health import Probe, seconds

log = structlog.get_logger()

OUT_OF_REACH_AFTER = 120.0
"""Seconds without an answered send, a connection, or a sign that apbot may be there: then it is not well."""

STUCK_AFTER = 90.0
"""Seconds in which delivery must find a place for a further batch. One that hangs is given up after 45, and a database
that is held by another program is waited for as long as 20."""

ASKED_EVERY = 300.0
ASKED_AGAIN_AFTER = 30.0
"""Seconds until a platform is asked how it is: as long as it is well, and while it is not."""

ANSWERS_WITHIN = 20.0


def of_channels(conditions: Mapping[str, Condition]) -> Probe:
    """What is wrong with the channels: each with what does not work and since when."""

    def probe(now: datetime) -> dict[str, dict[str, str]]:
        found = {name: _of_channel(each, now) for name, each in conditions.items()}
        return {name: troubles for name, troubles in found.items() if troubles}

    return probe


def _of_channel(condition: Condition, now: datetime) -> dict[str, str]:
    troubles = {
        "sends nothing": condition.failing_for,
        "hears nothing": condition.deaf_for,
        "refuses apbot, or does not answer": condition.unusable_for,
    }
    return {
        what: f"since {seconds(now - timedelta(seconds=for_long))}"
        for what, for_long in troubles.items()
        if for_long is not None and for_long > OUT_OF_REACH_AFTER
    }


def of_lanes(conditions: Mapping[str, Condition]) -> Probe:
    """On which channels delivery has come to a standstill, and since when."""

    def probe(now: datetime) -> dict[str, dict[str, str]]:
        stuck = {name: each.stuck_for for name, each in conditions.items()}
        return {
            name: {"hangs since": seconds(now - timedelta(seconds=for_long))}
            for name, for_long in stuck.items()
            if for_long is not None and for_long > STUCK_AFTER
        }

    return probe


async def ask_in_turns(platforms: Sequence[Platform]) -> None:
    """Ask every platform how it is, again and again, until cancelled: a token taken away at night is known before
    the first register of the morning."""
    await asyncio.gather(*map(_ask_in_turns, platforms))


async def _ask_in_turns(platform: Platform) -> None:
    said: Any = ()
    while True:
        troubles = await _asked(platform)
        platform.condition.checked(well=not troubles)
        if troubles != said and troubles:
            log.error("a channel can't be used: run apbot check", channel=platform.name, problem=troubles[0])
        said = troubles
        await asyncio.sleep(ASKED_AGAIN_AFTER if troubles else ASKED_EVERY)


async def _asked(platform: Platform) -> Sequence[str]:
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            troubles = await platform.check()
    except Exception as problem:  # noqa: BLE001  (whatever it is, it keeps people from being reached)
        return [type(problem).__name__]
    return [each.what for each in troubles if not each.is_advice]
