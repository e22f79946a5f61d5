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
from apbot.running.listening import listen
from apbot.running.presence import stay_known
from apbot.running.supervised import stay_watched
from apbot.running.ticking import keep_ticking
from apbot.running.told import log_the_head, told_of
from apbot.schedules import retaining
from apbot.store.processes import Part, parts_that_nobody_does
from apbot.watching.health import Health, Probe, Pulse
from apbot.watching.pages import health_routes
from apbot.watching.platforms import ask_in_turns, of_channels, of_lanes
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
        """Do the app's parts. `when_up` is called with the port once it can be opened."""
        self._app = app
        self._pulse = Pulse(SILENT_AFTER)
        self.health = Health(app.database, self._probes(), {"nobody does": parts_that_nobody_does})
        self.web = self._pages(health_routes(self.health))
        self.server = WebServer(server_config(self.web, app.settings), app.chat, when_up)

    def _probes(self) -> dict[str, Probe]:
        """What this process says of itself: only of what it does."""
        conditions = self._app.delivery.conditions
        probes: dict[str, Probe] = {"delivery": of_lanes(conditions), "channels": of_channels(conditions)}
        return probes | ({"scheduler": self._pulse.trouble} if Part.SCHEDULES in self._app.process.parts else {})

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
            await self.health.close()
            for platform in self._app.platforms:
                await platform.close()
        for each in failed:
            each.result()

    def _work(self) -> Iterator[Coroutine[Any, Any, None]]:
        database, process = self._app.database, self._app.process
        yield stay_known(database, process)
        yield stay_watched(lambda: self._pulse.quiet_for if Part.SCHEDULES in process.parts else 0.0)
        if Part.SCHEDULES in process.parts:
            yield keep_ticking(self._app.decide, self._app.settings.tick_seconds, self._pulse, database.clock)
            yield log_the_head(database, after=retaining.RAN)
        if Part.DELIVERY in process.parts:
            yield self._deliver()
        if Part.WEB in process.parts:
            for platform in self._app.platforms:
                yield listen(platform, database, process.key)
        if self._app.platforms:
            yield ask_in_turns(self._app.platforms)

    async def _deliver(self) -> None:
        delivery = self._app.delivery
        with told_of(self._app.database, "messages", delivery.wake):
            await delivery.run(self._app.settings.tick_seconds)

    def _ended(self, part: "asyncio.Task[None]") -> None:
        """A part goes on until it is cancelled: a process that has lost one ends, to be started again whole."""
        if not part.cancelled():
            log.error("a part of this process has ended; the process ends too", exc_info=part.exception())
            self.server.should_exit = True
