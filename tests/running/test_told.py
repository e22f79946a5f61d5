"""What is done when something has been committed goes on, whatever becomes of the database meanwhile."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from apbot.clock import VirtualClock
from apbot.running.told import log_the_head
from apbot.store.database import Database
from tests.blank import blank

WITHIN = 10


@pytest.fixture
def database() -> Iterator[Database]:
    found = blank(VirtualClock(datetime(2026, 9, 17, 9, 0, tzinfo=UTC)))
    yield found
    found.close()


async def test_a_head_that_could_not_be_read_is_logged_the_next_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def is_away(*_: object) -> None:
        failed.set()
        raise OSError

    with capture_logs() as logged:
        running = asyncio.create_task(log_the_head(database, "retention"))
        await asyncio.sleep(0)
        monkeypatch.setattr(database, "read", is_away)
        database.run(lambda transaction: transaction.touched.add("retention"))
        await asyncio.wait_for(failed.wait(), WITHIN)
        monkeypatch.undo()
        database.run(lambda transaction: transaction.touched.add("retention"))
        async with asyncio.timeout(WITHIN):
            while not any(each["event"] == "retention has run" for each in logged):
                await asyncio.sleep(0)
                assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
