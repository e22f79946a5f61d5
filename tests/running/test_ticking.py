"""Before anybody delivers nothing is decided; after that the tick goes on, whatever becomes of those who deliver."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from apbot.clock import VirtualClock
from apbot.running import ticking
from apbot.running.ticking import keep_ticking, until_somebody_delivers
from apbot.store.database import Database
from apbot.store.processes import Part, Process, beat, leave
from apbot.watching.health import Pulse
from tests.blank import blank

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
SOON = 0.001
WITHIN = 10


@pytest.fixture
def database() -> Iterator[Database]:
    found = blank(VirtualClock(NOW))
    yield found
    found.close()


def delivers(database: Database) -> Process:
    process = Process(frozenset({Part.DELIVERY}), ["web"], key="a", host="box", pid=7)
    database.run(beat, process)
    return process


async def test_who_decides_waits_for_the_first_that_delivers_and_says_why(database: Database) -> None:
    pulse = Pulse(timedelta(seconds=30))
    waiting = asyncio.create_task(until_somebody_delivers(database, SOON, pulse))
    database.run(beat, Process(frozenset({Part.SCHEDULES}), key="b", host="box", pid=8))
    async with asyncio.timeout(WITHIN):
        while not pulse.trouble(NOW).get("failed_with"):
            await asyncio.sleep(0)
    assert pulse.trouble(NOW)["failed_with"] == "NobodyDelivers"
    assert not waiting.done()
    delivers(database)
    await asyncio.wait_for(waiting, WITHIN)


async def test_a_database_that_is_away_ends_nobodys_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivers(database)
    pulse = Pulse(timedelta(seconds=30))

    async def is_away(*_: object) -> None:
        monkeypatch.undo()
        raise OSError

    monkeypatch.setattr(database, "read", is_away)
    await asyncio.wait_for(until_somebody_delivers(database, SOON, pulse), WITHIN)
    assert pulse.trouble(NOW)["failed_with"] == "OSError"


async def test_where_one_that_delivered_is_gone_deciding_goes_on(database: Database) -> None:
    database.run(leave, delivers(database))
    await asyncio.wait_for(until_somebody_delivers(database, SOON, Pulse(timedelta())), WITHIN)


async def test_a_tick_that_fails_is_told_and_the_next_one_comes() -> None:
    pulse, clock, ticks = Pulse(timedelta(seconds=30)), VirtualClock(NOW), asyncio.Queue[int]()

    async def decide() -> None:
        ticks.put_nowait(ticks.qsize())
        if ticks.qsize() == 1:
            raise LookupError

    running = asyncio.create_task(keep_ticking(decide, 0.05, pulse, clock))
    async with asyncio.timeout(WITHIN):
        while pulse.trouble(NOW):
            await asyncio.sleep(0.01)
    assert ticks.qsize() > 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_machine_whose_clock_was_an_hour_ahead_ticks_on_when_it_is_put_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Ahead":
            return super().now(tz) + timedelta(hours=1)

    # Whoever goes by the machine's clock would wait for what it showed at the beginning.
    monkeypatch.setattr(ticking, "datetime", Ahead, raising=False)
    ticked = asyncio.Event()

    async def decide() -> None:
        ticked.set()

    running = asyncio.create_task(keep_ticking(decide, SOON, Pulse(timedelta()), VirtualClock(NOW)))
    await asyncio.wait_for(ticked.wait(), 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_tick_under_way_when_the_process_ends_is_no_failure() -> None:
    pulse, began = Pulse(timedelta(seconds=30)), asyncio.Event()

    async def decide() -> None:
        began.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(keep_ticking(decide, 0.05, pulse, VirtualClock(NOW)))
    await asyncio.wait_for(began.wait(), WITHIN)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)
    assert pulse.trouble(NOW) == {"problem": "no tick"}
