"""What the server undid or cut off is run anew; and what it may have kept is asked for."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.store import again, migrate
from apbot.store import database as transactions
from apbot.store.database import Database, Transaction
from tests import postgresql
from tests.store.postgresql.cutting import cut, end
from tests.store.units import NOW, add, refs

pytestmark = pytest.mark.postgresql


@pytest.mark.parametrize("state", [*again.IN_THE_WAY, again.STANDBY, "57P01", "08006"])
async def test_what_the_database_undid_is_run_anew(database: Database, state: str) -> None:
    tries: list[int] = []

    def undone_at_first(transaction: Transaction, ref: str) -> int:
        tries.append(len(tries))
        made = add(transaction, ref)
        with transaction.savepoint():
            if len(tries) == 1:
                transaction.execute(sa.text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))
        return made

    await database.write(undone_at_first, "HILL")
    assert tries == [0, 1]
    assert await database.read(refs) == ["HILL"]


async def test_of_a_group_that_was_undone_everything_is_run_anew(database: Database) -> None:
    is_open, go_on, cuts = threading.Event(), threading.Event(), []

    def hold(transaction: Transaction) -> None:
        is_open.set()
        assert go_on.wait(10)

    def cut_once(transaction: Transaction) -> int:
        if not cuts:
            cuts.append(1)
            cut(transaction)
        return add(transaction, "MARS")

    def refused(transaction: Transaction) -> None:
        add(transaction, "NOBODY")
        raise KeyError

    first = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(is_open.wait, 10)
    works = (lambda t: add(t, "HILL"), cut_once, refused, lambda t: add(t, "OAK"))
    waiting = [asyncio.create_task(database.write(each)) for each in works]
    await asyncio.sleep(0)
    go_on.set()
    await first
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in done] == [int, int, KeyError, int]
    assert await database.read(refs) == ["HILL", "MARS", "OAK"]


def test_a_connection_that_was_lost_between_two_units_costs_nothing(databases: tuple[Database, Database]) -> None:
    one, other = databases
    one.run(add, "HILL")
    other.run(end, "pid <> pg_backend_pid()")
    assert one.run(add, "MARS")
    assert asyncio.run(one.read(refs)) == ["HILL", "MARS"]


def test_what_was_committed_though_the_answer_was_lost_is_not_done_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "notifying", lambda *_: "COMMIT; SELECT pg_terminate_backend(pg_backend_pid()); ")
    assert database.run(add, "HILL") == 1
    monkeypatch.undo()
    assert database.run(refs) == ["HILL"]


def test_what_was_not_committed_when_the_connection_was_lost_is_done_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose = ["SELECT pg_terminate_backend(pg_backend_pid()); "]
    monkeypatch.setattr(transactions, "notifying", lambda *_: lose.pop() if lose else "")
    database.run(add, "HILL")
    assert database.run(refs) == ["HILL"]
    assert not lose


def test_a_transaction_that_the_server_forgot_when_it_went_down_was_not_committed(database: Database) -> None:
    assert again.is_committed(database.engine, "999999999999") is False


async def test_a_press_that_meets_a_restart_waits_for_its_end() -> None:
    server = postgresql.Server(is_durable=True)
    try:
        database = Database(server.url.render_as_string(), VirtualClock(NOW))
        migrate.upgrade(database.engine)
        heard: list[frozenset[str]] = []
        database.listeners.append(heard.append)
        await database.write(add, "HILL")
        server.stop()
        pressed = asyncio.create_task(database.write(add, "MARS"))
        read = asyncio.create_task(database.read(refs))
        await asyncio.sleep(0)
        await asyncio.to_thread(server.start)
        await asyncio.wait_for(pressed, 20)
        await asyncio.wait_for(read, 20)
        assert await database.read(refs) == ["HILL", "MARS"]
        database.close()
    finally:
        server.close()


async def test_where_the_server_stays_away_whoever_waits_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(again, "LOCKED_AT_MOST", 0.3)
    nowhere = Database(f"postgresql+psycopg://apbot:geheim7@/apbot?host={tmp_path}", VirtualClock(NOW))
    with pytest.raises(sa.exc.OperationalError) as told:
        await nowhere.write(add, "HILL")
    assert "geheim7" not in str(told.value)
    with pytest.raises(sa.exc.OperationalError):
        await nowhere.read(refs)
    nowhere.close()
