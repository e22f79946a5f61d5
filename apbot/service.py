"""apbot running: the scheduler, delivery and the web server, until it is told to stop."""

import asyncio
import contextlib
import gc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from apbot.app import ChatApp
from apbot.channels.platform import Platform
from apbot.logs import journal
from apbot.schedules import retaining
from apbot.store.sealing import read_chain_head
from apbot.watching.health import Pulse
from apbot.watching.watch import Watch
from apbot.watching.webhooks import watched_routes
from apbot.web.server import WebServer, create_app, server_config

log = structlog.get_logger()

SILENT_AFTER = timedelta(seconds=30)
"""So long without a finished tick means that the scheduler is dead."""


def settle_memory() -> None:
    """What is loaded by now stays: Python's collector need not go through all of it again and again, amid the taps."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


class Service:
    """One process of apbot. Any number may run on one database: the rows decide who acts."""

    def __init__(self, app: ChatApp, when_up: Callable[[int], None]) -> None:
        """Serve `app`. `when_up` is called with the port once it can be opened."""
        self._app = app
        self._pulse = Pulse(SILENT_AFTER)
        self._watch = Watch(
            app.settings,
            app.database,
            pulse=self._pulse,
            conditions=app.delivery.conditions,
            platforms=app.platforms,
        )
        self.web = create_app(
            app.settings,
            app.database,
            app.chat,
            extra_routes=[*self._watch.routes, *watched_routes(app.platforms, app.database)],
        )
        self.server = WebServer(server_config(self.web, app.settings), app.chat, when_up)

    async def run(self) -> None:
        """Do what is due, deliver and serve, until the server is asked to stop."""
        settle_memory()
        loop = asyncio.get_running_loop()
        delivery = self._app.delivery

        def committed(touched: frozenset[str]) -> None:
            if "messages" in touched:
                with contextlib.suppress(RuntimeError):  # the loop has closed: nothing more goes out from here
                    loop.call_soon_threadsafe(delivery.wake)
            if retaining.RAN in touched:
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(lambda: work.append(asyncio.create_task(self._keep_head())))

        self._app.database.listeners.append(committed)
        self._app.database.journal = journal
        scheduler = self._scheduler()
        work = [
            asyncio.create_task(delivery.run(self._app.settings.tick_seconds)),
            *(asyncio.create_task(_listen(platform)) for platform in self._app.platforms),
            asyncio.create_task(self._watch.run()),
        ]
        scheduler.start()
        try:
            await self.server.serve()
        finally:
            scheduler.shutdown(wait=False)
            for each in work:
                each.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            for platform in self._app.platforms:
                await platform.close()

    def _scheduler(self) -> AsyncIOScheduler:
        # Without a grace time a tick that comes late is dropped in silence; with one it is made up for, once.
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        scheduler.add_listener(self._trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        scheduler.add_job(
            self._tick, "interval", seconds=self._app.settings.tick_seconds, next_run_time=datetime.now(UTC)
        )
        return scheduler

    async def _tick(self) -> None:
        await self._app.decide()
        self._pulse.beat(self._app.database.clock.now())

    def _trouble(self, event: JobExecutionEvent) -> None:
        self._pulse.failed(event.exception)
        log.error("tick failed or was missed", problem=type(event.exception).__name__ if event.exception else "missed")

    async def _keep_head(self) -> None:
        """The audit log's head goes to the journal each night: another place, from which the log can be verified."""
        head = await self._app.database.read(read_chain_head)
        log.info("retention has run", audit_head=str(head))


LISTEN_AGAIN = 5.0
"""Seconds until a platform that could not be listened to is tried again."""


async def _listen(platform: Platform) -> None:
    """Listen for as long as apbot runs: one platform's trouble is no other's, and ends nothing."""
    while True:
        try:
            await platform.listen()
        except Exception as problem:  # noqa: BLE001  (whatever it is; its text may hold a token)
            log.error("a channel can't listen; trying again", channel=platform.name, problem=type(problem).__name__)
        await asyncio.sleep(LISTEN_AGAIN)
