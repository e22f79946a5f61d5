"""So many messages in so many seconds and no more: in one conversation, and in all together."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Sequence

Windows = Sequence[tuple[float, int]]
"""Pairs of seconds and how many messages these may hold."""

CONVERSATION: Windows = ((1, 7), (2, 8), (30, 60), (3600, 1800))
"""What Teams lets one bot send to one conversation."""

EVERYWHERE: Windows = ((1, 30),)
"""What Teams lets one bot send in one tenant."""

UNLIMITED: Windows = ()

REMEMBERED = 5000
"""So many conversations are remembered."""


class TooFast(Exception):
    """A message would have to wait too long; `seconds` is how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Pace:
    """Makes messages wait for their turn."""

    def __init__(
        self, conversation: Windows = CONVERSATION, everywhere: Windows = EVERYWHERE, patience: float = 2.0
    ) -> None:
        """`patience`: the seconds that a message waits here; longer, and it had better be tried again later."""
        self._conversation = conversation
        self._everywhere = everywhere
        self._patience = patience
        self._sent: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque()

    async def turn(self, conversation: str) -> None:
        """Wait until one more message may go to `conversation`, and count it. Raises `TooFast`."""
        patient_until = time.monotonic() + self._patience
        while True:
            now = time.monotonic()
            own = self._sent.setdefault(conversation, deque())
            self._sent.move_to_end(conversation)
            wait = max(_wait(own, self._conversation, now), _wait(self._all, self._everywhere, now))
            if wait <= 0:
                break
            if now + wait > patient_until:
                raise TooFast(wait)
            await asyncio.sleep(wait)
        if self._conversation:
            own.append(now)
        if self._everywhere:
            self._all.append(now)
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)


def _wait(sent: deque[float], windows: Windows, now: float) -> float:
    """How long until one more fits all windows; forgets what is older than the longest."""
    longest = max((seconds for seconds, _ in windows), default=0)
    while sent and sent[0] <= now - longest:
        sent.popleft()
    wait = 0.0
    for seconds, most in windows:
        if len(sent) >= most:
            wait = max(wait, sent[-most] + seconds - now)
    return wait
