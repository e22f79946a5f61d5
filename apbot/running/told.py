"""Doing something in the event loop whenever something has been committed, by whichever thread or process."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

import structlog

from apbot.store.database import Database
from apbot.store.sealing import read_chain_head

log = structlog.get_logger()


@contextlib.contextmanager
def told_of(database: Database, what: str, do: Callable[[], None]) -> Iterator[None]:
    """For as long as the block runs, `do` is called in this event loop when `what` has been touched by a commit."""
    loop = asyncio.get_running_loop()

    def committed(touched: frozenset[str]) -> None:
        if what in touched:
            with contextlib.suppress(RuntimeError):  # the loop has closed
                loop.call_soon_threadsafe(do)

    database.listeners.append(committed)
    try:
        yield
    finally:
        database.listeners.remove(committed)


async def log_the_head(database: Database, after: str) -> None:
    """The audit log's head goes to the journal whenever `after` has been touched: another place, to verify it from."""
    ran = asyncio.Event()
    with told_of(database, after, ran.set):
        while True:
            await ran.wait()
            ran.clear()
            try:
                head = await database.read(read_chain_head)
            except Exception:  # a database that is away just now must not end the process: another head comes tomorrow
                log.exception("the audit log's head could not be read")
            else:
                log.info("retention has run", audit_head=str(head))
