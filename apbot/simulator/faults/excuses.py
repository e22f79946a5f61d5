"""When something was in the way, of everybody or of one address: what lateness is measured against."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apbot.clock import Clock

Span = tuple[datetime, datetime]


@dataclass
class Excuses:
    """Spans of the machine's time in which a fault, or what follows from it, holds messages up."""

    clock: Clock
    _everywhere: list[Span] = field(default_factory=list)
    """In order, and apart from each other."""
    _addresses: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    def everywhere(self, seconds: float) -> None:
        """Everybody's messages may be held up from now for so long."""
        _add(self._everywhere, self.clock.now(), seconds)

    def span(self, first: datetime, last: datetime) -> None:
        """Everybody's, from `first` to `last`."""
        _add(self._everywhere, first, (last - first).total_seconds())

    def address(self, address: str, seconds: float) -> None:
        """Messages to this address may be held up from now for so long."""
        _add(self._addresses[address], self.clock.now(), seconds)

    def is_anything(self, at: datetime) -> bool:
        """Whether something is in everybody's way at this instant."""
        return _covers(self._everywhere, at)

    def first_clear(self, since: datetime, until: datetime, long: timedelta, address: str | None) -> datetime | None:
        """The end of the first stretch of `since` to `until` so `long` without anything in the way, or None."""
        spans = _within(self._everywhere, since, until)
        if address is not None:
            spans = sorted((*spans, *_within(self._addresses.get(address, []), since, until)))
        at = since
        for first, last in spans:
            if first - at >= long:
                return at + long
            at = max(at, last)
        return at + long if until - at >= long else None


def _add(spans: list[Span], first: datetime, seconds: float) -> None:
    last = first + timedelta(seconds=seconds)
    while spans and spans[-1][1] >= first:
        before = spans.pop()
        first, last = min(first, before[0]), max(last, before[1])
    spans.append((first, last))


def _within(spans: list[Span], since: datetime, until: datetime) -> list[Span]:
    place = max(0, bisect_right(spans, (since, since)) - 1)
    found = []
    for first, last in spans[place:]:
        if first > until:
            break
        if last >= since:
            found.append((first, last))
    return found


def _covers(spans: list[Span], at: datetime) -> bool:
    return bool(_within(spans, at, at))
