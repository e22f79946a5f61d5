"""Listening goes on whatever happens, one process at a time where the platform wants it so."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from apbot.channels.platform import Platform
from apbot.channels.port import Outgoing, Receipt
from apbot.clock import VirtualClock
from apbot.running import listening
from apbot.running.alone import LASTS
from apbot.running.listening import listen
from apbot.store.database import Database
from apbot.store.leases import take
from tests.blank import blank

WITHIN = 10
CLOCK = VirtualClock(datetime(2026, 9, 17, 9, 0, tzinfo=UTC))


class Asked(Platform):
    """A platform that is asked for what is new."""

    name = "paper"

    def __init__(self, *, alone: bool) -> None:
        self.listens_alone = alone
        self.began = asyncio.Event()
        self.times = 0
        self.fails = False

    async def deliver(self, batch: list[Outgoing]) -> list[Receipt]:  # type: ignore[override]
        return []

    async def listen(self) -> None:
        self.times += 1
        self.condition.hears(well=not self.fails)
        self.began.set()
        if self.fails:
            raise ConnectionError
        await asyncio.Event().wait()


@pytest.fixture
def database() -> Iterator[Database]:
    found = blank(CLOCK)
    yield found
    found.close()


async def test_who_stands_by_does_not_listen(database: Database) -> None:
    database.run(take, "listen paper", "another", LASTS)
    platform = Asked(alone=True)
    running = asyncio.create_task(listen(platform, database, "mine"))
    other = Asked(alone=False)
    beside = asyncio.create_task(listen(other, database, "mine"))
    await asyncio.wait_for(other.began.wait(), WITHIN)
    assert platform.times == 0
    for each in (running, beside):
        each.cancel()
    await asyncio.gather(running, beside, return_exceptions=True)


async def test_who_has_stopped_listening_for_another_is_not_deaf(database: Database) -> None:
    platform = Asked(alone=True)
    running = asyncio.create_task(listen(platform, database, "mine"))
    await asyncio.wait_for(platform.began.wait(), WITHIN)
    platform.condition.hears(well=False)
    assert platform.condition.deaf_for is not None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert platform.condition.deaf_for is None


async def test_one_that_fails_is_listened_to_again_and_stays_deaf_until_it_hears(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LISTEN_AGAIN", 0.001)
    platform = Asked(alone=True)
    platform.fails = True
    running = asyncio.create_task(listen(platform, database, "mine"))
    async with asyncio.timeout(WITHIN):
        while platform.times < 3:
            await asyncio.sleep(0)
    assert platform.condition.deaf_for is not None
    platform.fails = False
    platform.began.clear()
    await asyncio.wait_for(platform.began.wait(), WITHIN)
    assert platform.condition.deaf_for is None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
