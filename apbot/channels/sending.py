"""Sending a batch: to one address in order, to several side by side, and never for longer than delivery waits."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from apbot.channels.port import Outcome, Outgoing, Receipt

ENOUGH = 20.0
"""Seconds after which nothing more of a batch is begun. Delivery gives up a whole batch that takes 45, and what was
accepted by then would go out again."""

NO_TIME = Receipt(Outcome.AGAIN, why="the messages before it took too long")


async def send_side_by_side(batch: Sequence[Outgoing], send: Callable[[Outgoing], Awaitable[Receipt]]) -> list[Receipt]:
    """Send each message; one receipt each, in the same order."""
    end = asyncio.get_running_loop().time() + ENOUGH
    by_address: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(batch):
        by_address[each.address].append(at)
    receipts: dict[int, Receipt] = {}

    async def to_one(which: Sequence[int]) -> None:
        for at in which:
            has_time = asyncio.get_running_loop().time() < end
            receipts[at] = await send(batch[at]) if has_time else NO_TIME

    await asyncio.gather(*map(to_one, by_address.values()))
    return [receipts[at] for at in range(len(batch))]
