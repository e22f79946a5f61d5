"""How many batches of one lane of delivery are under way at once, and what may go out while all of them hang."""

import asyncio

from apbot.domain.priority import Priority

EVERYTHING = Priority.PUTTING_AWAY
"""Whatever is due, however little it weighs."""

HANGS_AFTER = 1.0
"""Seconds after which places that are all taken count as hanging, if none has become free: a platform that is well
has answered a batch by then."""

FOR_ALERTS = 8
"""So many places more there are for alerts alone, where the others hang: each conversation that gives no answer would
otherwise take one of a few places for ten seconds, and four of them everybody's."""


class Places:
    """Those of one lane, and the batches that are in them."""

    def __init__(self, at_once: int) -> None:
        """`at_once` batches of whatever is due."""
        self._at_once = at_once
        self._taken: set[asyncio.Task[int]] = set()

    async def free(self) -> Priority:
        """Wait for a place; what goes out by it has this weight or more: everything, or alerts alone."""
        while len(self._taken) >= self._at_once:
            ended, _ = await asyncio.wait(self._taken, timeout=HANGS_AFTER, return_when=asyncio.FIRST_COMPLETED)
            if not ended and len(self._taken) < self._at_once + FOR_ALERTS:
                return Priority.ESCALATION
        return EVERYTHING

    def take(self, batch: "asyncio.Task[int]") -> None:
        """This batch is in one, until it ends."""
        self._taken.add(batch)
        batch.add_done_callback(self._taken.discard)

    async def close(self) -> None:
        """End whatever is under way."""
        under_way = list(self._taken)
        for batch in under_way:
            batch.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
