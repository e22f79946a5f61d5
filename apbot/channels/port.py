"""The port between apbot and a chat platform.

Outward, delivery hands a channel batches of `Outgoing` and gets a `Receipt` for each: accepted, refused for good,
to be tried again, or unknown. Inward, a channel turns what its platform sends into an `Action` and gives it to
the function it was made with, which answers with a `Reply`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from apbot.cards import Action, Card, Reply

Act = Callable[[Action], Awaitable[Reply]]
"""What a channel calls for each thing a person does. It commits before it returns."""


MAYBE_REPEAT = "May be a repeat."
"""Stands on a message that may be there already."""


@dataclass(frozen=True)
class Outgoing:
    """One message to post, or, where `platform_ref` is set, to bring up to date in place."""

    message_id: int
    address: str
    card: Card
    platform_ref: str = ""
    maybe_repeat: bool = False
    """An earlier try ended unknown: the message may be there already, and says so."""
    edit_only: bool = False
    """Nobody is to be told anything: where the message is not there any more, none is posted in its place."""
    png: bytes = b""
    """The card's picture, the first time that it is sent, for channels that take pictures. What it shows is in the
    words too: where it can't be shown, the message is sent without it."""

    @property
    def marked(self) -> Card:
        """The card with a note that it may be a repeat, where it may, for channels that show the footer last."""
        if not self.maybe_repeat:
            return self.card
        return replace(self.card, footer=f"{self.card.footer} {MAYBE_REPEAT}".strip())


class Outcome(StrEnum):
    """What became of one try to send."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good: a dead address, a revoked token. The person's next channel is tried at once."""
    AGAIN = "again"
    """Not accepted, and worth another try: a rate limit, a connection that was never made."""
    UNKNOWN = "unknown"
    """It may have been accepted: no answer after the request went out, or a server's error, which may be of what came
    after (Slack says so of its own, and a proxy knows no more than that it got no answer)."""


@dataclass(frozen=True)
class Receipt:
    """The platform's answer for one `Outgoing`. `why` never holds a pupil's data or a secret."""

    outcome: Outcome
    platform_ref: str = ""
    retry_after: timedelta | None = None
    why: str = ""


class Channel(Protocol):
    """A chat platform, as the rest of apbot sees it."""

    @property
    def name(self) -> str:
        """The channel's name in addresses and settings: "web", "slack", "telegram"."""
        ...

    @property
    def batch(self) -> int:
        """How many messages `deliver` takes at a time."""
        ...

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post or edit each message; one receipt each, in the same order. Never raises for a platform's failure."""
        ...
