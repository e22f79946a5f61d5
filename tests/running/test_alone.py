"""Of several processes one does the work, and another takes over when it stops, dies or can't renew its lease."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from apbot.running.alone import alone
from apbot.settings import Settings
from apbot.store.connect import open_database
from apbot.store.database import Database
from apbot.store.leases import take

LASTS = timedelta(seconds=1.5)
EVERY = timedelta(seconds=0.05)
WITHIN = 20


class Worker:
    """One that wants to do the work, with its own connections."""

    def __init__(self, name: str, database: Database) -> None:
        self.name = name
        self.database = database
        self.at_work = asyncio.Event()
        self.stopped = asyncio.Event()
        self.ends_with: Exception | None = None
        self.may_stop = asyncio.Event()
        self.may_stop.set()

    def start(self) -> "asyncio.Task[None]":
        return asyncio.create_task(
            alone(self.database, "the work", self.name, self._work, every=EVERY, lasts=LASTS), name=self.name
        )

    async def _work(self) -> None:
        self.at_work.set()
        try:
            if self.ends_with is not None:
                raise self.ends_with
            await asyncio.Event().wait()
        finally:
            self.stopped.set()
            await self.may_stop.wait()


async def soon(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), WITHIN)


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[list[Database]]:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/apbot.db", _env_file=None)
    found = [open_database(settings) for _ in range(2)]
    yield found
    for each in found:
        each.close()


@pytest.fixture
def two(databases: list[Database]) -> tuple[Worker, Worker]:
    return Worker("a", databases[0]), Worker("b", databases[1])


async def end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_one_works_and_the_other_takes_over_when_it_ends(two: tuple[Worker, Worker]) -> None:
    first, second = two
    running = first.start()
    await soon(first.at_work)
    waiting = second.start()
    assert not await second.database.write(take, "the work", "b", LASTS)
    await end(running)
    assert first.stopped.is_set()
    await soon(second.at_work)
    await end(waiting)


async def test_one_that_dies_without_a_word_is_replaced_when_its_lease_has_run_out(two: tuple[Worker, Worker]) -> None:
    first, second = two
    assert await first.database.write(take, "the work", "a", LASTS)
    waiting = second.start()
    await soon(second.at_work)
    await end(waiting)


async def test_one_that_cannot_renew_stops_before_another_begins(
    two: tuple[Worker, Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    running = first.start()
    await soon(first.at_work)

    async def fails(*_: object, **__: object) -> None:
        raise OSError("no way to the database")

    monkeypatch.setattr(first.database, "write", fails)
    waiting = second.start()
    await soon(second.at_work)
    assert first.stopped.is_set()
    await end(running)
    await end(waiting)


async def test_told_to_end_while_it_stands_down_it_ends(
    two: tuple[Worker, Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two
    first.may_stop.clear()
    running = first.start()
    await soon(first.at_work)

    async def is_anothers(*_: object, **__: object) -> bool:
        return False

    monkeypatch.setattr(first.database, "write", is_anothers)
    await soon(first.stopped)
    running.cancel()
    first.may_stop.set()
    ended, _ = await asyncio.wait([running], timeout=1)
    await end(running)
    assert ended


async def test_what_the_work_fails_with_is_raised_and_the_lease_given_back(two: tuple[Worker, Worker]) -> None:
    first, second = two
    first.ends_with = ConnectionError("gone")
    with pytest.raises(ConnectionError, match="gone"):
        await asyncio.wait_for(first.start(), WITHIN)
    waiting = second.start()
    await soon(second.at_work)
    await end(waiting)
