"""Sending a batch: to one address in order, to several side by side, and never for longer than delivery waits."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from apbot.channels.parts import Parts
from apbot.channels.port import Outcome, Outgoing, Receipt

ENOUGH = 20.0
"""Seconds after which nothing more of a batch is begun. Delivery gives up a whole batch that takes 45, and what was
accepted by then would go out again."""

NO_TIME = Receipt(Outcome.AGAIN, why="the messages before it took too long")
NOT_TRIED = Receipt(Outcome.AGAIN, why="the message before it was not answered")

Send = Callable[[Outgoing, Parts], Awaitable[Receipt]]
"""Sends one message. The parts are what stands there of it, for channels that show one message in several."""

log = structlog.get_logger()


def is_unanswered(receipt: Receipt) -> bool:
    """Whether waiting for the same address again would only use up everybody's time."""
    return receipt.outcome is Outcome.UNKNOWN


async def send_side_by_side(
    batch: Sequence[Outgoing],
    send: Send,
    *,
    at_once: int = 1000,
    stops: Callable[[Receipt], bool] = is_unanswered,
) -> list[Receipt]:
    """Send each message; one receipt each, in the same order.

    To `at_once` addresses at the same time. After a receipt that `stops`, the others to that address are not tried.
    A message whose sending raises is one of which nobody knows what became, and stops no other.
    """
    end = asyncio.get_running_loop().time() + ENOUGH
    by_address: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(batch):
        by_address[each.address].append(at)
    receipts: dict[int, Receipt] = {}
    turns = asyncio.Semaphore(at_once)

    async def to_one(which: Sequence[int]) -> None:
        for done, at in enumerate(which):
            if asyncio.get_running_loop().time() >= end:
                receipts[at] = NO_TIME
                continue
            receipt, goes_on = await _sent(batch[at], send, stops)
            receipts[at] = receipt
            if not goes_on:
                not_tried = replace(NOT_TRIED, retry_after=receipt.retry_after)
                receipts.update(dict.fromkeys(which[done + 1 :], not_tried))
                return

    async def in_turn(which: Sequence[int]) -> None:
        async with turns:
            await to_one(which)

    await asyncio.gather(*map(in_turn, by_address.values()))
    return [receipts[at] for at in range(len(batch))]


async def _sent(outgoing: Outgoing, send: Send, stops: Callable[[Receipt], bool]) -> tuple[Receipt, bool]:
    parts = Parts(outgoing.platform_ref, edit_only=outgoing.edit_only)
    try:
        receipt = await send(outgoing, parts)
    except Exception as problem:  # noqa: BLE001  (whatever it is, one message's trouble is no other's)
        log.error("a message could not be sent", message=outgoing.message_id, problem=type(problem).__name__)
        return Receipt(Outcome.UNKNOWN, parts.refs, why=type(problem).__name__), True
    return receipt, not stops(receipt)
