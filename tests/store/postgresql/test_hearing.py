"""What one process commits, the others hear."""

import asyncio
import contextlib

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from apbot.store import listening
from apbot.store.database import Database
from tests.store.postgresql.cutting import end
from tests.store.units import add

pytestmark = pytest.mark.postgresql


async def heard_by(database: Database) -> "asyncio.Queue[frozenset[str]]":
    """What its listeners are told of, from the moment that it hears the others."""
    heard: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    database.listeners.append(lambda touched: loop.call_soon_threadsafe(heard.put_nowait, touched))
    database.hear_others()
    assert "messages" in await asyncio.wait_for(heard.get(), 10), "whatever happened before it listened"
    return heard


async def test_what_one_process_commits_the_other_hears_at_once(databases: tuple[Database, Database]) -> None:
    one, other = databases
    heard, own = await heard_by(other), await heard_by(one)
    one.run(add, "O'Neill")
    assert await asyncio.wait_for(heard.get(), 10) == {"school:O'Neill"}
    assert await asyncio.wait_for(own.get(), 10) == {"school:O'Neill"}
    with pytest.raises(KeyError):
        one.run(lambda t: (add(t, "UNDONE"), {}["x"]))
    names = {f"chat:person:{number}" for number in range(1000)}
    one.run(lambda t: t.touched.update(names))
    found: set[str] = set()
    while found < names:
        found |= await asyncio.wait_for(heard.get(), 10)
    assert found == names
    assert await asyncio.wait_for(own.get(), 10) == names, "told once, and by itself"
    assert own.empty()


async def test_who_finds_every_connection_taken_listens_when_one_is_free(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN_AFTER", 0.01)
    monkeypatch.setattr(database.engine.pool, "_timeout", 0)  # seconds that it waits for one
    taken = []
    with contextlib.suppress(sa.exc.TimeoutError):
        while True:
            taken.append(database.engine.connect())
    with capture_logs() as logged:
        listens = asyncio.create_task(heard_by(database))
        async with asyncio.timeout(10):
            while not logged:
                await asyncio.sleep(0.001)
        for each in taken:
            each.close()
        await listens
    assert logged[0]["problem"] == "TimeoutError"


async def test_who_listens_goes_on_after_the_connection_was_lost(
    databases: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN_AFTER", 0.01)
    one, other = databases
    heard = await heard_by(other)
    assert one.run(end, "query = 'LISTEN apbot'") == 1
    assert "messages" in await asyncio.wait_for(heard.get(), 10), "what may have happened meanwhile"
    one.run(add, "HILL")
    assert await asyncio.wait_for(heard.get(), 10) == {"school:HILL"}
