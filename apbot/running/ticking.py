"""Doing what is due, every tick, for as long as the process runs."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from apbot.clock import Clock
from apbot.store.database import Database
from apbot.store.processes import has_been_delivered_from
from apbot.watching.health import Pulse

log = structlog.get_logger()


class NobodyDelivers(Exception):
    """No process that delivers has been started yet."""


async def until_somebody_delivers(database: Database, every: float, pulse: Pulse) -> None:
    """Wait for the first process that delivers, asking every `every` seconds.

    On which channels anybody can be reached is known from it alone: what is decided before would be owed to nobody.
    Where one has been, and is gone, deciding goes on: what it owes waits, and the board shows it.
    """
    while not await database.read(has_been_delivered_from):
        pulse.failed(NobodyDelivers())
        await asyncio.sleep(every)


async def keep_ticking(decide: Callable[[], Awaitable[object]], every: float, pulse: Pulse, clock: Clock) -> None:
    """Do what is due every `every` seconds until cancelled; each tick is a beat of `pulse`, by `clock`."""

    async def tick() -> None:
        with contextlib.suppress(asyncio.CancelledError):  # the process ends: what is left is due for the next
            await decide()
            pulse.beat(clock.now())

    def trouble(event: JobExecutionEvent) -> None:
        pulse.failed(event.exception)
        log.error("tick failed or was missed", problem=type(event.exception).__name__ if event.exception else "missed")

    # Without a grace time a tick that comes late is dropped in silence; with one it is made up for, once.
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    scheduler.add_listener(trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    scheduler.add_job(tick, "interval", seconds=every, next_run_time=datetime.now(UTC))
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)
