"""Time that passes only when nothing else is left to do: an event loop, and the machine's clock upon it."""

import asyncio
import selectors
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

FOREVER = 1e9
"""Seconds after which nothing happens any more."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits: where it would, its time goes on at once to the next thing planned.

    Everything on it happens in the same order each time: it has one thread and no clock of its own.
    """

    def __init__(self) -> None:
        """Begin at 0 seconds."""
        self._virtual = 0.0
        self.before_waiting: Callable[[], float] = lambda: FOREVER
        """Asked before time goes on: the instant, in this loop's seconds, at which something else is planned."""
        self.after_waiting: Callable[[], object] = lambda: None
        """Called when time has gone on."""
        super().__init__(_NeverWaits(self._pass))

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._virtual

    def _pass(self, timeout: float) -> None:
        planned = self._virtual + timeout
        self._virtual = max(self._virtual, min(planned, self.before_waiting()))
        self.after_waiting()


class _NeverWaits(selectors.SelectSelector):
    """Knows which files are watched, and never looks at one."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_time = pass_time

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let time pass."""
        if timeout is None or timeout > 0:
            self._pass_time(FOREVER if timeout is None else timeout)
        return []


class MachineClock:
    """The machine's clock: it goes with the loop, and somebody may set it."""

    def __init__(self, loop: VirtualLoop, start: datetime) -> None:
        """It shows `start` now."""
        self._loop = loop
        self._zero = start.astimezone(UTC) - timedelta(seconds=loop.time())

    def now(self) -> datetime:
        """What it shows, in UTC."""
        return self._zero + timedelta(seconds=self._loop.time())

    def set(self, by: timedelta) -> None:
        """Set it forward, or back."""
        self._zero += by

    def seconds_at(self, instant: datetime) -> float:
        """When, in the loop's seconds, it will show `instant`."""
        return (instant - self._zero).total_seconds()
