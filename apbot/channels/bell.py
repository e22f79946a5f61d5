"""Wakes who waits for a conversation to change, in whichever thread or process the change was committed."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator

from apbot.store.audit import latest_entry
from apbot.store.database import Database
from apbot.store.webchat import conversations_changed, latest_change

PREFIX = "chat:"
"""What `Transaction.touched` says before the name of a conversation that changed."""

ASK_EVERY = 2.0
"""Seconds between two looks at the database for what other processes have written."""


class Ear:
    """One that waits for changes of `conversations`, or of anything at all. Both may be changed between two waits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.conversations: frozenset[str] = frozenset()
        self.hears_everything = False
        self._loop = loop
        self._rung = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring, at most so long; whether there was one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        rung = self._rung.is_set()
        self._rung.clear()
        return rung

    def ring(self) -> None:
        """Wake the one that waits. May be called from any thread."""
        with contextlib.suppress(RuntimeError):  # its loop has just been closed: nobody waits any longer
            self._loop.call_soon_threadsafe(self._rung.set)


class Bell:
    """Rings for changes of the chat. Those made by this process are heard at once, others within `ASK_EVERY`."""

    def __init__(self, database: Database) -> None:
        """Listen to `database` from now on."""
        self.closed = False
        self._database = database
        self._ears: set[Ear] = set()
        self._lock = threading.Lock()
        self._seen: int | None = None
        self._seen_entry: int | None = None
        self._asked_at = float("-inf")
        database.listeners.append(self._committed)

    @property
    def listeners(self) -> int:
        """How many wait: the pages that are open now."""
        return len(self._ears)

    @contextlib.contextmanager
    def ear(self) -> Iterator[Ear]:
        """Something that hears the bell for as long as the block runs."""
        ear = Ear(asyncio.get_running_loop())
        with self._lock:
            self._ears.add(ear)
        try:
            yield ear
        finally:
            with self._lock:
                self._ears.discard(ear)

    async def look(self) -> None:
        """Ring for what other processes have written. However many wait, the database is asked once in a while."""
        now = asyncio.get_running_loop().time()
        if now - self._asked_at < ASK_EVERY:
            return
        self._asked_at = now
        await self._look_for_everything()
        if self._seen is None:  # whoever waits has read what there is after it began to wait
            self._seen = await self._database.read(latest_change)
            return
        changed, self._seen = await self._database.read(conversations_changed, self._seen)
        self._ring(lambda ear: not ear.conversations.isdisjoint(changed))

    async def _look_for_everything(self) -> None:
        """Every change is in the audit log: when that has grown, there is something to look at."""
        with self._lock:
            if not any(ear.hears_everything for ear in self._ears):
                return
        before, self._seen_entry = self._seen_entry, await self._database.read(latest_entry)
        if before != self._seen_entry:
            self._ring(lambda ear: ear.hears_everything)

    def close(self) -> None:
        """Let everybody who waits go: the server is stopping."""
        self.closed = True
        self._ring(lambda _: True)

    def _committed(self, touched: Iterable[str]) -> None:
        changed = {name.removeprefix(PREFIX) for name in touched if name.startswith(PREFIX)}
        self._ring(lambda ear: ear.hears_everything or not ear.conversations.isdisjoint(changed))

    def _ring(self, wanted: Callable[[Ear], bool]) -> None:
        with self._lock:
            ears = [ear for ear in self._ears if wanted(ear)]
        for ear in ears:
            ear.ring()
