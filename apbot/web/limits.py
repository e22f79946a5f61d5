"""How often: what a client may ask for within a minute, and how many secrets it may guess.

Kept in memory, a count for each process. That is enough here: every secret in an address, a cookie or a key has 256
bits of chance in it, so that no number of tries finds one, and a limit only keeps a guesser from costing much. A right
secret is taken from whatever address: a whole office shares one, and nobody may be locked out by a neighbour. The codes
that people type have less chance in them: their tries are counted in the database (`store/guesses.py`).
"""

import ipaddress
import math
from collections import deque
from datetime import timedelta

import structlog
from starlette.requests import Request

from apbot.clock import Clock

WINDOW = timedelta(minutes=1)

MOST_CLIENTS = 10_000
"""Somebody has many addresses: those that are quiet are forgotten, and then the oldest."""

WRONG_A_MINUTE = 30
"""Secrets that open nothing, for each client address."""

log = structlog.get_logger()


class Limit:
    """So many at most within a minute for each client."""

    def __init__(self, a_minute: int, clock: Clock) -> None:
        """Count by `clock`. One that is set back lets everybody off, rather than holding anybody up."""
        self._most = a_minute
        self._clock = clock
        self._seen: dict[str, deque[float]] = {}

    def is_reached(self, client: str) -> bool:
        """Whether this client has used up what it has."""
        return len(self._of_the_last_minute(client)) >= self._most

    def wait(self, client: str) -> int:
        """Whole seconds until this client has another one left, at least 1."""
        times = self._of_the_last_minute(client)
        over = times[0] + WINDOW.total_seconds() - self._now() if times else 0
        return max(1, math.ceil(over))

    def count(self, client: str) -> None:
        """Count one."""
        times = self._of_the_last_minute(client)
        if not times:
            times = self._seen[client] = deque(maxlen=self._most)
        times.append(self._now())
        if len(self._seen) > MOST_CLIENTS:
            for each in list(self._seen):
                self._of_the_last_minute(each)
            while len(self._seen) > MOST_CLIENTS:
                self._seen.pop(next(iter(self._seen)))

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _of_the_last_minute(self, client: str) -> deque[float]:
        times, now = self._seen.get(client, deque()), self._now()
        while times and not now - WINDOW.total_seconds() < times[0] <= now:
            times.popleft()
        if not times:
            self._seen.pop(client, None)
        return times


class Guesses:
    """Secrets of one kind that opened nothing, by who brought them."""

    def __init__(self, kind: str, clock: Clock) -> None:
        """`kind` is what the log calls them."""
        self._kind = kind
        self._limit = Limit(WRONG_A_MINUTE, clock)

    def wrong(self, request: Request) -> int:
        """One more: 0, or how many seconds this client has to wait, where it has brought too many."""
        client = client_of(request)
        if self._limit.is_reached(client):
            return self._limit.wait(client)
        self._limit.count(client)
        if self._limit.is_reached(client):
            log.warning("web: too many wrong secrets from one address", kind=self._kind, client=client)
        return 0


def client_of(request: Request) -> str:
    """Who asks, as far as limits go: the address, of which an IPv6 customer has 2^64."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:100]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
