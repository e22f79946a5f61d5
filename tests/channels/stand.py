"""What a stand-in for a platform must be able to do, so that the contract can be tried on its channel."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.port import Outcome

PATIENCE = 5.0
"""Seconds that a channel waits for its stand-in's answer: a busy machine takes its time."""

SOON = 1.0
"""The same from when on the stand-in has been told not to answer."""


class Failure(Enum):
    """How the stand-in fails the next request that posts or edits."""

    BUSY = "too many requests, with a time to wait"
    BROKEN = "a server error"
    SILENT = "accepts, and never answers"
    REFUSED = "refuses for good: the person has gone, or apbot has been thrown out"


@dataclass
class Shown:
    """A message as people see it on the platform now."""

    ref: str
    text: str
    buttons: list[str] = field(default_factory=list)
    """The labels of what can be pressed, in order."""
    is_deleted: bool = False


class Stand(ABC):
    """A platform's stand-in on loopback, with the channel under test connected to it over its real wire.

    It holds every request to the platform's documented limits and fails the test for one that breaks them: what
    `problems` holds at the end of a test fails it.
    """

    name: str
    """The channel's."""
    has_shared: bool = True
    """Whether several people can share a conversation there."""
    broken_means: Outcome = Outcome.UNKNOWN
    """What is known of a message after a server's error: whether it was taken, or, where the platform says so, not."""
    turned_away: str = "not linked"
    """Words in the answer to somebody who may do nothing there any more."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    @abstractmethod
    async def start(self, desk: Desk) -> Platform:
        """Start the stand-in and give the channel under test, connected to it and listening."""

    @abstractmethod
    async def stop(self) -> None:
        """Let everything go: the channel first."""

    @abstractmethod
    def address_of(self, person: str) -> str:
        """The address at which this person is written to; always the same for the same name."""

    @abstractmethod
    def shared_by(self, provider: str) -> str:
        """The address of this provider's shared conversation; `has_shared` stands say one that every member is in."""

    @abstractmethod
    def shown(self, address: str) -> Sequence[Shown]:
        """What stands in this conversation now, the oldest first, with the answers that people got there."""

    def shown_to_all(self, address: str) -> Sequence[Shown]:
        """As much of it as everybody there sees."""
        return self.shown(address)

    @abstractmethod
    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        """Fail the next request that posts or edits; `wait` is how long BUSY asks for."""

    @abstractmethod
    async def tap(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> str:
        """Press the newest button in `place` whose label begins so, about a pupil where one is given, and fill in.

        `inputs` are by the names of the card's inputs, as "reason": "ill"; a stand gives them in the platform's own
        way, one after another if need be. Gives what the person was told in answer, as text.
        """

    @abstractmethod
    async def type(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        """Type words, or a command. Gives what was answered, as text."""

    @abstractmethod
    async def again(self) -> str:
        """The platform tells of the last thing somebody did once more. Gives what was answered, if anything."""

    @abstractmethod
    def delete(self, shown: Shown) -> None:
        """A person deletes this message of apbot's."""
