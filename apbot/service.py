"""One process of apbot running: what it does of the web, the schedules and delivery, until it is told to stop."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import timedelta
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from apbot.app import ChatApp
from apbot.logs import journal
from apbot.running.listening import listen
from apbot.running.presence import stay_known
from apbot.running.supervised import stay_watched
from apbot.running.ticking import keep_ticking, until_somebody_delivers
from apbot.running.told import log_the_head, told_of
from apbot.schedules import retaining
from apbot.store.processes import Part
from apbot.watching.health import Pulse
from apbot.watching.watch import Watch
from apbot.watching.webhooks import watched_routes
from apbot.web.server import GuardedApp, WebServer, create_app, server_config

log = structlog.get_logger()

SILENT_AFTER = timedelta(seconds=30)
"""So long without a finished tick means that the scheduler is dead; where the ticks are far apart, two of them."""


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
        self._pulse = Pulse(max(SILENT_AFTER, 2 * timedelta(seconds=app.settings.tick_seconds)))
        parts = app.process.parts
        self._watch = Watch(
            app.settings,
            app.database,
            pulse=self._pulse if Part.SCHEDULES in parts else None,
            conditions=app.delivery.conditions if Part.DELIVERY in parts else None,
            platforms=app.platforms,
        )
        self.web = self._pages(self._watch.routes)
        self.server = WebServer(server_config(self.web, app.settings), app.chat, when_up)

    def _pages(self, for_all: Sequence[BaseRoute]) -> Starlette:
        """What is served: everything, or, by a process without the web, what every process says of itself."""
        if Part.WEB not in self._app.process.parts:
            return GuardedApp(self._app.settings.public_url, for_all)
        app = self._app
        webhooks = watched_routes(app.platforms, app.database)
        return create_app(app.settings, app.database, app.chat, extra_routes=[*for_all, *webhooks])

    async def run(self) -> None:
        """Do it all until the server is asked to stop. Raises what ended a part that should have gone on."""
        settle_memory()
        self._app.database.hear_others()
        self._app.database.journal = journal
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
        yield stay_known(database, process, self._watch.found)
        yield stay_watched(lambda: self._pulse.quiet_for if Part.SCHEDULES in process.parts else 0.0)
        if Part.SCHEDULES in process.parts:
            yield self._schedule()
            yield log_the_head(database, after=retaining.RAN)
        if Part.DELIVERY in process.parts:
            yield self._deliver()
        if Part.WEB in process.parts:
            for platform in self._app.platforms:
                yield listen(platform, database, process.key)
        yield self._watch.run()

    async def _schedule(self) -> None:
        database, every = self._app.database, self._app.settings.tick_seconds
        await until_somebody_delivers(database, every, self._pulse)
        await keep_ticking(self._app.decide, every, self._pulse, database.clock)

    async def _deliver(self) -> None:
        delivery = self._app.delivery
        with told_of(self._app.database, "messages", delivery.wake):
            await delivery.run(self._app.settings.tick_seconds)

    def _ended(self, part: "asyncio.Task[None]") -> None:
        """A process that has lost a part ends, to be started again whole."""
        if not part.cancelled() and (failure := part.exception()) is not None:
            log.error("a part of this process has failed; the process ends", exc_info=failure)
            self.server.should_exit = True
