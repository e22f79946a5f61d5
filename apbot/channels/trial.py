"""Trying the channels out: whether each is set up rightly, and whether each person would be reached on it."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from apbot.cards import Card, Tone
from apbot.channels.platform import Platform, Trouble
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.domain.walltime import local_date, spoken_date, wall

PATIENCE = 20.0
"""Seconds that one question to a platform may take."""

AT_ONCE = 5
"""So many addresses of one platform are asked about at once."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Trial:
    """What came of trying: by channel what is wrong with it, by channel and address what keeps messages from it."""

    channels: Mapping[str, Sequence[Trouble]]
    addresses: Mapping[tuple[str, str], Trouble | None]


async def try_out(platforms: Sequence[Platform], wanted: Sequence[tuple[str, str]]) -> Trial:
    """Ask every platform about itself, and, where it is well, about these (channel, address) pairs."""
    of_channel: dict[str, list[str]] = defaultdict(list)
    for channel, address in wanted:
        of_channel[channel].append(address)
    found = await asyncio.gather(*(_try_platform(each, of_channel[each.name]) for each in platforms))
    return Trial(
        {platform.name: troubles for platform, (troubles, _) in zip(platforms, found, strict=True)},
        {
            (platform.name, address): trouble
            for platform, (_, asked) in zip(platforms, found, strict=True)
            for address, trouble in asked.items()
        },
    )


async def _try_platform(
    platform: Platform, addresses: Sequence[str]
) -> tuple[Sequence[Trouble], dict[str, Trouble | None]]:
    try:
        troubles = await asyncio.wait_for(platform.check(), PATIENCE)
    except Exception as problem:  # noqa: BLE001  (whatever it is, it keeps people from being reached)
        troubles = [_unexpected(platform, problem)]
    if troubles:
        return troubles, {}
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(address: str) -> Trouble | None:
        async with turns:
            try:
                return await asyncio.wait_for(platform.check_address(address), PATIENCE)
            except Exception as problem:  # noqa: BLE001  (as above)
                return _unexpected(platform, problem)

    return (), dict(zip(addresses, await asyncio.gather(*map(ask, addresses)), strict=True))


def _unexpected(platform: Platform, problem: Exception) -> Trouble:
    log.warning("a channel could not be tried", channel=platform.name, problem=type(problem).__name__)
    return Trouble(f"it gave no usable answer ({type(problem).__name__})", "Try again in a few minutes.")


def trial_card(now: datetime) -> Card:
    """What a test message says."""
    return Card(
        heading="Test message from apbot",
        tone=Tone.DONE,
        lines=("If you can read this, apbot reaches you here. There is nothing to do.",),
        footer=f"Sent at {wall(now)}, {spoken_date(local_date(now))}",
    )


async def send_test(platform: Platform, address: str, now: datetime) -> Trouble | None:
    """Send a test message there; what kept it from being accepted, or None."""
    (receipt,) = await platform.deliver([Outgoing(0, address, trial_card(now))])
    return None if receipt.outcome is Outcome.ACCEPTED else _trouble(receipt)


def _trouble(receipt: Receipt) -> Trouble:
    match receipt.outcome:
        case Outcome.REFUSED:
            return Trouble(f"refused: {receipt.why}", "Link them again: `apbot link REF --code`.")
        case Outcome.UNKNOWN:
            return Trouble("no answer in time: it may have arrived", "Ask them, or try again.")
        case _:
            return Trouble(f"not accepted just now: {receipt.why}", "Try again in a few minutes.")
