"""Doing what is due, every tick, for as long as the process runs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from apbot.clock import Clock
from apbot.watching.health import Pulse

log = structlog.get_logger()


async def keep_ticking(decide: Callable[[], Awaitable[object]], every: float, pulse: Pulse, clock: Clock) -> None:
    """Do what is due every `every` seconds until cancelled; each tick is a beat of `pulse`, by `clock`."""

    async def tick() -> None:
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
