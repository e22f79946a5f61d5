"""Writing down that this process lives, so that the others, and people, know who does what."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from apbot.store.channel_troubles import Found
from apbot.store.database import Database
from apbot.store.processes import BEAT, Process, beat, leave

log = structlog.get_logger()


async def stay_known(database: Database, process: Process, found: Callable[[datetime], Mapping[str, Found]]) -> None:
    """Write it down every few seconds, with what is `found` of the channels, until cancelled; then, that it has ended
    in good order."""
    try:
        while True:
            try:
                await database.write(beat, process, found(database.clock.now()))
            except Exception as problem:  # noqa: BLE001  (whatever it is, the process goes on, and tries again)
                log.error("it could not be written down that this process lives", problem=type(problem).__name__)
            await asyncio.sleep(BEAT.total_seconds())
    finally:
        await asyncio.shield(_leave(database, process))


async def _leave(database: Database, process: Process) -> None:
    try:
        async with asyncio.timeout(BEAT.total_seconds()):
            await database.write(leave, process)
    except Exception as problem:  # noqa: BLE001  (the others will see by themselves that it is gone)
        log.warning("it could not be written down that this process has ended", problem=type(problem).__name__)
