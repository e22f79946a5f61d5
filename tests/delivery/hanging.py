"""A platform that gives no answer for some of what it is given."""

import asyncio
from collections.abc import Sequence

from apbot.channels.platform import Platform as AnyPlatform
from apbot.channels.port import Outcome, Outgoing, Receipt


class HangingOn(AnyPlatform):
    """A platform with two places. It gives no answer for a batch with one of these notes, until they have changed."""

    name = "web"
    batch = 2
    batches = 2

    def __init__(self, *notes: str) -> None:
        self.on = list(notes)
        self.changed = asyncio.Event()
        self.given: list[str] = []

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        said = [each.card.heading for each in batch]
        self.given += said
        while set(said) & set(self.on):
            await self.changed.wait()
            self.changed.clear()
        return [Receipt(Outcome.ACCEPTED, f"ref {each.message_id}") for each in batch]
