"""What every channel to an outside platform is, besides able to deliver: it listens, and can tell what is wrong."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from starlette.routing import BaseRoute

from apbot.channels.condition import Condition
from apbot.channels.port import Outgoing, Receipt


@dataclass(frozen=True)
class Trouble:
    """Something that keeps a channel from reaching people: what, and what to do about it. Never a secret."""

    what: str
    do: str
    is_advice: bool = False
    """Whether messages arrive all the same: then it is no reason to call the channel out of order."""


class Platform(ABC):
    """One outside platform. A subclass gives what is abstract, and what it has besides."""

    name: str
    """The channel's name in addresses: "slack"."""

    batch: int = 20
    """How many messages `deliver` takes at a time: few, so that an alert waits for few others."""

    batches: int = 4
    """How many batches are under way at once: while one waits for the platform, the next is put together."""
    most_to_one: int | None = None
    """How many messages of a batch go to one conversation, where the platform sets a pace for each: those that wait
    for their turn in one must not keep those to others waiting."""

    can_edit: bool = True
    """Whether a message that was sent can be changed."""

    references_only: bool = False
    """Whether its messages name pupils by reference alone: for those that others than their reader may come to see."""

    takes_pictures: bool = False
    """Whether it shows `Outgoing.png`; then with the picture's `alt` for who can't see it."""

    listens_alone: bool = False
    """Whether only one process may listen at a time: the platform would refuse a second, or tell each the same."""

    @cached_property
    def condition(self) -> Condition:
        """How it does. Whoever listens says whether that works; delivery says what sending came to."""
        return Condition()

    @abstractmethod
    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post or edit each message; one receipt each, in the same order. Never raises for a platform's failure."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """What the web server answers for this platform: its webhooks."""
        return ()

    async def listen(self) -> None:
        """Hear what people do, until cancelled; for a platform that is asked, rather than calls. Reconnects itself."""
        await asyncio.Event().wait()

    async def check(self) -> Sequence[Trouble]:
        """What keeps the platform from being used as it is set up: a wrong token, a missing permission."""
        return ()

    async def check_address(self, address: str) -> Trouble | None:
        """What keeps messages from this address: apbot is not in the conversation, the person has blocked it."""
        return None

    async def close(self) -> None:
        """Let the connections go."""
        return
