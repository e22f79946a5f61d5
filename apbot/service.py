"""apbot running: the scheduler, delivery and the web server, until it is told to stop."""

import asyncio
import contextlib
import gc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from apbot.app import ChatApp
from apbot.channels.platform import Platform
from apbot.schedules import retaining
from apbot.store.due import overdue
from apbot.store.sealing import read_chain_head
from apbot.web.server import WebServer, create_app, server_config

log = structlog.get_logger()

OVERDUE_AFTER = timedelta(minutes=2)
"""Whatever has been due for longer than this and is not done makes /healthz say 503."""

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
        self._last_tick: datetime | None = None
        self.web = create_app(
            app.settings,
            app.database,
            app.chat,
            extra_routes=[
                Route("/healthz", self._health, methods=["GET"]),
                *(route for platform in app.platforms for route in platform.routes),
            ],
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
        self._app.database.hear_others()
        scheduler = self._scheduler()
        work = [
            asyncio.create_task(delivery.run(self._app.settings.tick_seconds)),
            *(asyncio.create_task(_listen(platform)) for platform in self._app.platforms),
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
        scheduler.add_listener(_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        scheduler.add_job(
            self._tick, "interval", seconds=self._app.settings.tick_seconds, next_run_time=datetime.now(UTC)
        )
        return scheduler

    async def _tick(self) -> None:
        await self._app.decide()
        self._last_tick = self._app.database.clock.now()

    async def _keep_head(self) -> None:
        """The audit log's head goes to the journal each night: another place, from which the log can be verified."""
        head = await self._app.database.read(read_chain_head)
        log.info("retention has run", audit_head=str(head))

    async def _health(self, _: Request) -> JSONResponse:
        """200 while everything due is done in time; 503 with what is not."""
        database = self._app.database
        now = database.clock.now()
        trouble: dict[str, object] = {}
        try:
            if late := await asyncio.wait_for(database.read(overdue, now - OVERDUE_AFTER), 5):
                trouble["overdue"] = late
        except Exception as problem:  # noqa: BLE001  (whatever it is, the answer is that the database is not well)
            trouble["database"] = type(problem).__name__
        if self._last_tick is None or now - self._last_tick > SILENT_AFTER:
            trouble["scheduler"] = "no tick" if self._last_tick is None else f"last tick at {self._last_tick:%H:%M:%S}"
        return JSONResponse({"ok": not trouble, **trouble}, 503 if trouble else 200)


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


def _trouble(event: JobExecutionEvent) -> None:
    log.error("tick failed or was missed", problem=type(event.exception).__name__ if event.exception else "missed")
