"""Doing what is due, every tick, for as long as the process runs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from apbot.clock import Clock

log = structlog.get_logger()


class Ticking:
    """Calls `decide` every `every` seconds. `last` is when it last came to its end, by `clock`."""

    def __init__(self, decide: Callable[[], Awaitable[object]], every: float, clock: Clock) -> None:
        self.last: datetime | None = None
        self._decide = decide
        self._every = every
        self._clock = clock

    async def run(self) -> None:
        """Tick until cancelled."""
        # Without a grace time a tick that comes late is dropped in silence; with one it is made up for, once.
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        scheduler.add_listener(_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        scheduler.add_job(self._tick, "interval", seconds=self._every, next_run_time=datetime.now(UTC))
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    async def _tick(self) -> None:
        await self._decide()
        self.last = self._clock.now()


def _trouble(event: JobExecutionEvent) -> None:
    log.error("tick failed or was missed", problem=type(event.exception).__name__ if event.exception else "missed")
