"""How a channel does: what its last sends came to, whether it hears, and what its platform says of itself.

Kept in memory by the process that sends and listens, and asked by whoever watches it (`watching/`). It holds times, and
what `Platform.check` says is wrong: no address, and no secret.
"""

import time
from collections.abc import Callable, Sequence

from apbot.channels.port import Outcome, Receipt

STALE = 400.0
"""Seconds after which a failed send counts for nothing any more: what is owed is tried again at least every 375, or
when the pause is over that the platform has asked for."""


class Condition:
    """One channel's. To be told in the event loop's thread; every duration is in seconds."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        """`timer` gives seconds that only ever grow."""
        self._timer = timer
        self._moved_at: float | None = None
        self._failing: float | None = None
        self._failed_at = 0.0
        self._deaf: float | None = None
        self._unusable: float | None = None
        self._answered = False
        self.found_wrong: tuple[str, str] = ("", "")
        """What the platform found wrong when it was asked, and what to do about it; empty where it found nothing."""

    def moved(self) -> None:
        """Delivery has a place for a further batch, or has just settled one."""
        self._moved_at = self._timer()

    def sent(self, receipts: Sequence[Receipt]) -> None:
        """These came of one batch. A refusal of an address is an answer as well: the platform is there."""
        if any(each.outcome in (Outcome.ACCEPTED, Outcome.REFUSED) for each in receipts):
            self._failing = None
            self._answered = True
        elif receipts:
            now = self._timer()
            pauses = [each.retry_after.total_seconds() for each in receipts if each.retry_after is not None]
            self._failed_at = now + max(pauses, default=0.0)
            if self._failing is None:
                self._failing = now

    def hears(self, *, well: bool) -> None:
        """Whether the channel could just be listened to: connected, or asked for what is new."""
        self._deaf = None if well else self._deaf if self._deaf is not None else self._timer()

    def checked(self, *, well: bool, wrong: str = "", remedy: str = "") -> None:
        """Whether the platform, when it was asked, found apbot set up so that it can be used; else what is wrong."""
        self._answered = self._answered or well
        self.found_wrong = ("", "") if well else (wrong, remedy)
        self._unusable = None if well else self._unusable if self._unusable is not None else self._timer()

    @property
    def works(self) -> bool:
        """Whether the platform has answered, and nothing is wrong since. What is not known yet does not work."""
        return self._answered and (self.failing_for, self.deaf_for, self.unusable_for) == (None, None, None)

    @property
    def stuck_for(self) -> float | None:
        """How long delivery has not come on; None before it has begun."""
        return self._since(self._moved_at)

    @property
    def failing_for(self) -> float | None:
        """How long nothing that was sent has been answered; None while the last was, or nothing is sent any more."""
        return self._since(self._failing) if self._timer() - self._failed_at < STALE else None

    @property
    def deaf_for(self) -> float | None:
        """How long it has not been listened to."""
        return self._since(self._deaf)

    @property
    def unusable_for(self) -> float | None:
        """How long the platform has been saying, or not answering, that apbot may not use it."""
        return self._since(self._unusable)

    def _since(self, began: float | None) -> float | None:
        return None if began is None else self._timer() - began
