"""One process of apbot running: what it does of the web, the schedules and delivery, until it is told to stop."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import timedelta
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from apbot.app import ChatApp
from apbot.running.listening import listen
from apbot.running.presence import stay_known
from apbot.running.ticking import Ticking
from apbot.running.told import log_the_head, told_of
from apbot.schedules import retaining
from apbot.store.due import overdue
from apbot.store.processes import Part, parts_that_nobody_does
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
        """Do the app's parts. `when_up` is called with the port once it can be opened."""
        self._app = app
        self._ticking = Ticking(app.decide, app.settings.tick_seconds, app.database.clock)
        self.web = self._pages([Route("/healthz", self._health, methods=["GET"])])
        self.server = WebServer(server_config(self.web, app.settings), app.chat, when_up)

    def _pages(self, for_all: Sequence[BaseRoute]) -> Starlette:
        """What is served: everything, or, by a process without the web, what every process says of itself."""
        if Part.WEB not in self._app.process.parts:
            return Starlette(routes=for_all)
        webhooks = [route for platform in self._app.platforms for route in platform.routes]
        return create_app(self._app.settings, self._app.database, self._app.chat, extra_routes=[*for_all, *webhooks])

    async def run(self) -> None:
        """Do it all until the server is asked to stop. Raises what ended a part that should have gone on."""
        settle_memory()
        self._app.database.hear_others()
        work = [asyncio.create_task(each) for each in self._work()]
        for each in work:
            each.add_done_callback(self._ended)
        try:
            await self.server.serve()
        finally:
            failed = [each for each in work if each.done() and not each.cancelled()]
            for each in work:
                each.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            for platform in self._app.platforms:
                await platform.close()
        for each in failed:
            each.result()

    def _work(self) -> Iterator[Coroutine[Any, Any, None]]:
        database, process = self._app.database, self._app.process
        yield stay_known(database, process)
        if Part.SCHEDULES in process.parts:
            yield self._ticking.run()
            yield log_the_head(database, after=retaining.RAN)
        if Part.DELIVERY in process.parts:
            yield self._deliver()
        if Part.WEB in process.parts:
            for platform in self._app.platforms:
                yield listen(platform, database, process.key)

    async def _deliver(self) -> None:
        delivery = self._app.delivery
        with told_of(self._app.database, "messages", delivery.wake):
            await delivery.run(self._app.settings.tick_seconds)

    def _ended(self, part: "asyncio.Task[None]") -> None:
        """A part goes on until it is cancelled: a process that has lost one ends, to be started again whole."""
        if not part.cancelled():
            log.error("a part of this process has ended; the process ends too", exc_info=part.exception())
            self.server.should_exit = True

    async def _health(self, _: Request) -> JSONResponse:
        """200 while everything due is done in time; 503 with what is not."""
        database = self._app.database
        now = database.clock.now()
        trouble: dict[str, object] = {}
        try:
            if late := await asyncio.wait_for(database.read(overdue, now - OVERDUE_AFTER), 5):
                trouble["overdue"] = late
            if undone := await asyncio.wait_for(database.read(parts_that_nobody_does), 5):
                trouble["nobody does"] = undone
        except Exception as problem:  # noqa: BLE001  (whatever it is, the answer is that the database is not well)
            trouble["database"] = type(problem).__name__
        last = self._ticking.last
        if Part.SCHEDULES in self._app.process.parts and (last is None or now - last > SILENT_AFTER):
            trouble["scheduler"] = "no tick" if last is None else f"last tick at {last:%H:%M:%S}"
        return JSONResponse({"ok": not trouble, **trouble}, 503 if trouble else 200)
