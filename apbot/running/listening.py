"""Hearing what people do on the platforms that are asked for it, for as long as the process runs."""

import asyncio
from functools import partial

import structlog

from apbot.channels.platform import Platform
from apbot.running.alone import alone
from apbot.store.database import Database

log = structlog.get_logger()

LISTEN_AGAIN = 5.0
"""Seconds until a platform that could not be listened to is tried again."""


async def listen(platform: Platform, database: Database, process_key: str) -> None:
    """Listen until cancelled: one platform's trouble is no other's, and ends nothing.

    Where a platform lets only one process listen, it is one at a time; the others stand by.
    """
    hear = platform.listen
    if platform.listens_alone:
        hear = partial(alone, database, f"listen {platform.name}", process_key, partial(_until_another_does, platform))
    while True:
        try:
            await hear()
        except Exception as problem:  # noqa: BLE001  (whatever it is; its text may hold a token)
            log.error("a channel can't listen; trying again", channel=platform.name, problem=type(problem).__name__)
        await asyncio.sleep(LISTEN_AGAIN)


async def _until_another_does(platform: Platform) -> None:
    try:
        await platform.listen()
    except asyncio.CancelledError:
        platform.condition.hears(well=True)  # that this process hears nothing any more is as it should be
        raise
