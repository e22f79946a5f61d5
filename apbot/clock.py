"""The clock: the system's, or one that is moved by hand in the demo, the simulator and the tests."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Every instant inside apbot is aware and in UTC."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved. It can go back, as a machine's clock can."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it was last set to, in UTC."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to `instant`, given in any zone."""
        self._now = instant.astimezone(UTC)

    def forward(self, by: timedelta) -> None:
        """Move on by `by`."""
        self._now += by
