"""Doing what is due, every tick, for as long as the process runs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

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
    while True:
        try:
            if await database.read(has_been_delivered_from):
                return
            pulse.failed(NobodyDelivers())
        except Exception as problem:  # a database that is away is not brought back by ending
            pulse.failed(problem)
            log.exception("it could not be asked whether anybody delivers; trying again")
        await asyncio.sleep(every)


async def keep_ticking(decide: Callable[[], Awaitable[object]], every: float, pulse: Pulse, clock: Clock) -> None:
    """Do what is due every `every` seconds until cancelled; each tick is a beat of `pulse`, by `clock`.

    When the next tick comes is measured by what nobody can set. By the machine's clock, one that was an hour ahead and
    is put right would have nothing decided for that hour.
    """
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await decide()
            pulse.beat(clock.now())
        except Exception as problem:  # whatever it is, what was not done is due for the next
            pulse.failed(problem)
            log.exception("tick failed")
        await asyncio.sleep(max(0.0, began + every - loop.time()))
