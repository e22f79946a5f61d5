"""The outside platforms: what sending and listening come to, and, when nothing is sent for hours, what they say."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from apbot.channels.condition import Condition
from apbot.channels.platform import Platform, Trouble
from apbot.store.channel_troubles import Found
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


def found_of(conditions: Mapping[str, Condition], now: datetime) -> dict[str, Found]:
    """What is to be written down of the channels: those that work, and those that have not for `OUT_OF_REACH_AFTER`.

    Of the others nobody can say yet.
    """
    found = {name: _found(each, now) for name, each in conditions.items()}
    return {name: each for name, each in found.items() if each is not None}


_LINK = re.compile(r"\w+://\S*")


def _found(condition: Condition, now: datetime) -> Found | None:
    if condition.works:
        return Found()
    troubles = {
        "it gives no answer, or refuses apbot": condition.unusable_for,
        "it takes no message": condition.failing_for,
        "what people write or press there is not heard": condition.deaf_for,
    }
    lasting = {what: each for what, each in troubles.items() if each is not None and each > OUT_OF_REACH_AFTER}
    if not lasting:
        return None
    wrong, remedy = condition.found_wrong
    said = _LINK.sub("its address", wrong) or next(iter(lasting))
    return Found(now - timedelta(seconds=max(lasting.values())), said, remedy)


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
        first = troubles[0] if troubles else Trouble("", "")
        platform.condition.checked(well=not troubles, wrong=first.what, remedy=first.do)
        if troubles != said and troubles:
            log.error("a channel can't be used: run apbot check", channel=platform.name, problem=first.what)
        said = troubles
        await _until_asked_again(platform.condition)


async def _until_asked_again(condition: Condition) -> None:
    """At once it is of use only while something is wrong: then whoever mends it must hear what."""
    waited = 0.0
    while waited < ASKED_EVERY:
        await asyncio.sleep(ASKED_AGAIN_AFTER)
        waited += ASKED_AGAIN_AFTER
        if not condition.works:
            return


async def _asked(platform: Platform) -> Sequence[Trouble]:
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            troubles = await platform.check()
    except Exception as problem:  # noqa: BLE001  (whatever it is, it keeps people from being reached)
        return [Trouble(f"it gives no answer ({type(problem).__name__})", "See whether this machine reaches it.")]
    return [each for each in troubles if not each.is_advice]
