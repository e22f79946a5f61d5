"""Doing what only one process may do at a time: whoever holds the lease does it; when it dies, another takes over."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from apbot.store.database import Database
from apbot.store.leases import give_back, take

log = structlog.get_logger()

LASTS = timedelta(seconds=15)
"""How long a lease is left to a process that does not renew it any more."""

RENEWED_EVERY = LASTS / 3


async def alone(
    database: Database,
    name: str,
    holder: str,
    work: Callable[[], Awaitable[None]],
    *,
    every: timedelta = RENEWED_EVERY,
    lasts: timedelta = LASTS,
) -> None:
    """Do `work` while this process holds the lease `name`, and stand by while another does; until cancelled.

    The work is cancelled before the lease can be anybody else's. Raises what it raises.
    """
    loop = asyncio.get_running_loop()
    working: asyncio.Future[None] | None = None
    ours_until = loop.time()
    try:
        while True:
            asked_at = loop.time()
            is_ours = await _take(database, name, holder, lasts)
            if is_ours:
                ours_until = asked_at + lasts.total_seconds()
            if is_ours and working is None:
                log.info("this process does it now; others stand by", what=name)
                working = asyncio.ensure_future(work())
            elif working is not None and (is_ours is False or ours_until - loop.time() <= every.total_seconds()):
                log.warning("another process does it now; this one stands by", what=name)
                await _stop(working)
                working = None
            if working is None:
                await asyncio.sleep(every.total_seconds())
            elif (await asyncio.wait([working], timeout=every.total_seconds()))[0]:
                return working.result()
    finally:
        if working is not None:
            await _stop(working)
            with contextlib.suppress(Exception):
                async with asyncio.timeout(every.total_seconds()):
                    await database.write(give_back, name, holder)


async def _take(database: Database, name: str, holder: str, lasts: timedelta) -> bool | None:
    """Whether the lease is ours; None where the database could not be asked in time."""
    try:
        async with asyncio.timeout(lasts.total_seconds() / 3):
            return await database.write(take, name, holder, lasts)
    except Exception as problem:  # noqa: BLE001  (whatever it is, it is asked again soon)
        log.error("a lease could not be renewed; trying again", what=name, problem=type(problem).__name__)
        return None


async def _stop(working: "asyncio.Future[None]") -> None:
    """Wait until it has ended, whatever it ends with. Who is cancelled meanwhile is cancelled, and not it alone."""
    working.cancel()
    await asyncio.wait([working])
    if not working.cancelled():
        working.exception()
