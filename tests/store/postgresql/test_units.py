"""Units of work of several processes, one after another."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.store import engines
from apbot.store.database import Database, Transaction
from tests.blank import url_in
from tests.store.postgresql.cutting import at_once
from tests.store.units import NOW, add, read_then_write, refs

pytestmark = pytest.mark.postgresql


def test_what_one_has_read_is_still_so_when_it_writes(databases: tuple[Database, Database]) -> None:
    def write_some(database: Database) -> list[int]:
        return [database.run(read_then_write) for _ in range(25)]

    ids = at_once(*(lambda database=each: write_some(database) for each in (*databases, *databases)))
    assert databases[0].run(refs) == [f"S-{number}" for number in range(100)]
    assert sorted(each for some in ids for each in some) == list(range(1, 101))


async def test_writers_of_two_processes_lose_and_double_nothing(databases: tuple[Database, Database]) -> None:
    await asyncio.gather(*(each.write(read_then_write) for each in databases * 40))
    assert await databases[0].read(refs) == [f"S-{number}" for number in range(80)]


def test_a_read_waits_for_no_writer_and_sees_one_and_the_same_state(databases: tuple[Database, Database]) -> None:
    one, other = databases

    def look_twice(transaction: Transaction) -> tuple[list[str], list[str]]:
        before = refs(transaction)
        one.run(add, "HILL")
        return before, refs(transaction)

    assert asyncio.run(other.read(look_twice)) == ([], [])
    assert asyncio.run(other.read(refs)) == ["HILL"]


async def test_a_read_that_writes_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="read-only transaction"):
        await database.read(add, "HILL")
    assert await database.read(refs) == []


def test_who_waits_for_another_program_for_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(engines, "LOCKED_AT_MOST", 1)
    impatient = Database(url_in(tmp_path), VirtualClock(NOW))
    is_open, go_on = threading.Event(), threading.Event()

    def hold(transaction: Transaction) -> None:
        is_open.set()
        assert go_on.wait(20)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(database.run, hold)
        assert is_open.wait(10)
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            impatient.run(add, "HILL")
        go_on.set()
        held.result(10)
    assert impatient.run(add, "HILL")
    impatient.close()


def test_a_process_that_was_stopped_amid_a_transaction_holds_up_the_others_for_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(engines, "STALLED_AFTER", 0.2)
    stalled = Database(url_in(tmp_path), VirtualClock(NOW))
    is_open, go_on, begun = threading.Event(), threading.Event(), []

    def hold(transaction: Transaction) -> int:
        begun.append(transaction)
        if len(begun) == 1:
            is_open.set()
            assert go_on.wait(20)
        return add(transaction, "LATE")

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(stalled.run, hold)
        assert is_open.wait(10)
        assert database.run(add, "HILL")
        go_on.set()
        assert held.result(10)
    assert database.run(refs) == ["HILL", "LATE"], "what it was at was done anew, after the others"
    assert len(begun) == 2
    stalled.close()


async def test_what_runs_again_and_again_stays_prepared_whatever_is_read_in_between(database: Database) -> None:
    """The driver lets go of all that it has prepared at a ROLLBACK."""
    for number in range(10):
        await database.write(add, f"S-{number}")
        await database.read(refs)

    def prepared(transaction: Transaction) -> list[str]:
        found = transaction.connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").all()
        return [row.statement for row in found]

    assert any("INSERT INTO schools" in each for each in await database.write(prepared))
