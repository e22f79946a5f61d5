"""One process of apbot: the real composition, which can be stopped and killed at any point."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from apbot.app import App
from apbot.channels.desk import Desk
from apbot.channels.web import WebChat
from apbot.handlers.dispatch import handle
from apbot.settings import Settings
from apbot.simulator.faults.database import FaultyDatabase, Killed, Storage
from apbot.simulator.faults.outside import Outside, OutsideChannel
from apbot.simulator.faults.virtual import FOREVER
from apbot.store.tables import checks, duties, plannings, school_reports

BEYOND_THE_DAY = frozenset(each.name for each in (plannings, duties, school_reports, checks))
"""What most rehearsals with faults leave out: it takes half the time, and is rehearsed without faults."""


class Composition(App):
    """apbot as `ChatApp` puts it together, with the invented platform in place of the real ones."""

    def __init__(self, settings: Settings, database: FaultyDatabase, outside: Outside, *, whole: bool) -> None:
        """Without `whole` what is owed beyond the day is left out."""
        self.chat = WebChat(database, handle)
        desk = Desk(database, handle)
        self.desk = desk.by_reference() if outside.references_only else desk
        self.outside = OutsideChannel(outside)
        super().__init__(settings, database, [self.chat, self.outside])
        if not whole:
            self._schedules = [each for each in self._schedules if each.due.table.name not in BEYOND_THE_DAY]


class Process:
    """A process that runs until it is killed. Its memory and its lease tokens are its own."""

    def __init__(
        self,
        number: int,
        settings: Settings,
        storage: Storage,
        outside: Outside,
        *,
        phase: float,
        whole: bool,
        died: Callable[["Process", str], None],
        paused: Callable[["Process", str], None],
    ) -> None:
        """Start it. Raises what the database raises, where that can't be used. `phase` is when its ticks fall."""
        self.number = number
        self.phase = phase
        self.is_dead = False
        self._died = died
        self._paused = paused
        self._stopped: asyncio.Future[None] | None = None
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._ticking: asyncio.Task[Any] | None = None
        database = FaultyDatabase(storage, self)
        self.app = Composition(settings, database, outside, whole=whole)
        self.app.outside.process = self
        database.listeners.append(self._committed)
        self.spawn(self.app.delivery.run(FOREVER))

    @property
    def is_stopped(self) -> bool:
        """Whether it stands still now."""
        return self._stopped is not None

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something in this process: it ends with it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled():
            task.exception()  # it was heard

    def _committed(self, touched: frozenset[str]) -> None:
        if "messages" in touched:
            self.app.delivery.wake()

    def tick(self, *, sends: bool) -> None:
        """Look for what is due, unless the last tick still runs; with `sends` delivery does, too."""
        if self.is_dead or self.is_stopped:
            return
        if self._ticking is None or self._ticking.done():
            self._ticking = self.spawn(self.app.decide())
        if sends:
            self.app.delivery.wake()

    async def gate(self) -> None:
        """Wait while the process is stopped. Raises `Killed` where it is dead."""
        while self._stopped is not None and not self.is_dead:
            await asyncio.shield(self._stopped)
        if self.is_dead:
            raise Killed

    def pause(self, how: str) -> None:
        """Stop until `go_on`."""
        if self._stopped is None and not self.is_dead:
            self._stopped = asyncio.get_running_loop().create_future()
            self._paused(self, how)

    def go_on(self) -> None:
        """Go on where it stopped."""
        if self._stopped is not None:
            if not self._stopped.done():
                self._stopped.set_result(None)
            self._stopped = None

    def die(self, how: str) -> None:
        """Be killed: nothing of it runs any more, and nothing that it still does reaches anybody."""
        if self.is_dead:
            return
        self.is_dead = True
        self.go_on()
        asyncio.get_running_loop().call_soon(self._bury)
        self._died(self, how)

    def _bury(self) -> None:
        for task in list(self._tasks):
            task.cancel()
