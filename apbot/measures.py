"""What the parts tell whoever counts what happens in this process. Where nobody counts, nothing is done."""

import contextlib
import time
from collections.abc import Iterator

from apbot.logs import numbered


class Measures:
    """Told by the parts as things happen, from any thread. Every duration is in seconds.

    `channel` and `kind` are names from apbot's own lists; nothing that people type or are called comes here.
    """

    def settled(self, channel: str, outcome: str) -> None:
        """One try to send a message came to this ("accepted"), and that is committed."""

    def accepted(self, channel: str, kind: str, seconds: float) -> None:
        """A platform has taken a new message, so long after it was due."""

    def ticked(self, seconds: float) -> None:
        """Everything that was due has been done."""

    def ran(self, schedule: str, seconds: float) -> None:
        """One schedule has done a batch of what was due."""

    def pressed(self, channel: str, seconds: float) -> None:
        """Something that a person did is done and committed, so long after it came in."""

    @contextlib.contextmanager
    def press(self, channel: str) -> Iterator[None]:
        """What a person did on `channel` is done within, under one number; unless it fails, its duration is told."""
        began = time.perf_counter()
        with numbered():
            yield
        self.pressed(channel, time.perf_counter() - began)

    def refused(self, channel: str, reason: str) -> None:
        """A webhook did not take what it was told."""

    def sign_in_failed(self) -> None:
        """Somebody came with a link that can't be used."""

    def queued(self, waiting: int) -> None:
        """So many units of work wait for a commit."""

    def committed(self, seconds: float) -> None:
        """One commit, with everything that was done in it, took so long."""

    def tried_again(self) -> None:
        """A transaction was run once more, because another one came between."""
