"""Transactions: whole or nothing, together or alone."""

import asyncio
import sqlite3
import traceback
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.store.database import GROUP, Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.savepoints import TransactionLost
from tests.store.units import NOW, Broken, add, add_and_fail, hold, open_in, refs, together


def test_a_unit_of_work_gives_its_result_and_is_committed(database: Database) -> None:
    assert database.run(add, "HILL") == 1
    assert database.run(refs) == ["HILL"]


def test_a_unit_of_work_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(Broken):
        database.run(add_and_fail, "HILL")
    assert database.run(refs) == []


async def test_a_unit_of_work_that_fails_from_async_code_leaves_nothing(database: Database) -> None:
    with pytest.raises(Broken, match="HILL"):
        await database.write(add_and_fail, "HILL")
    assert await database.write(add, "MARS") > 0
    assert await database.read(refs) == ["MARS"]


async def test_what_waits_is_committed_together_and_each_gets_its_own_result(on_file: Database) -> None:
    commits: list[object] = []
    sa.event.listen(on_file.engine, "commit", commits.append)
    ids = await together(on_file, *(lambda t, ref=f"S{number}": add(t, ref) for number in range(10)))
    assert ids == list(range(2, 12))
    assert len(commits) == 2, "one for what held the others up, one for all of them"


async def test_one_that_fails_in_a_group_harms_no_other_and_each_gets_its_own_exception(on_file: Database) -> None:
    results = await together(
        on_file,
        lambda t: add(t, "ONE"),
        lambda t: add_and_fail(t, "TWO"),
        lambda t: add(t, "THREE"),
        lambda t: add(t, "ONE"),
        lambda t: add_and_fail(t, "FIVE"),
        lambda t: refs(t),
    )
    assert results[0] == 2
    assert isinstance(results[1], Broken)
    assert str(results[1]) == "TWO"
    assert isinstance(results[2], int)
    assert isinstance(results[3], sa.exc.IntegrityError), "its reference is taken by the first of the group"
    assert str(results[4]) == "FIVE"
    assert results[5] == ["held", "ONE", "THREE"]
    assert await on_file.read(refs) == ["held", "ONE", "THREE"]


async def test_one_that_ends_with_what_nobody_can_be_given_leaves_nobody_waiting(on_file: Database) -> None:
    def runs_out(_: Transaction) -> int:
        return next(iter(()))

    works = (runs_out, lambda t: add(t, "HILL"))
    failed, done = await asyncio.wait_for(together(on_file, *works), 5)
    assert isinstance(failed, RuntimeError)
    assert isinstance(done, int)


async def test_more_than_a_group_takes_are_all_done(on_file: Database) -> None:
    count = 3 * GROUP + 5
    results = await together(on_file, *(lambda t, ref=f"S{number}": add(t, ref) for number in range(count)))
    assert len({each for each in results if isinstance(each, int)}) == count


@pytest.mark.sqlite
async def test_where_the_commit_itself_fails_everybody_in_the_group_is_told(on_file: Database) -> None:
    heard: list[frozenset[str]] = []

    def fail(_: sa.Connection) -> None:
        raise OSError("the disk is full")

    is_open, go_on, work = hold(on_file)
    first = asyncio.create_task(on_file.write(work))
    await asyncio.to_thread(is_open.wait, 10)
    on_file.listeners.append(heard.append)
    waiting = [asyncio.create_task(on_file.write(add, f"S{number}")) for number in range(3)]
    await asyncio.sleep(0)
    sa.event.listen(on_file.engine, "commit", fail)
    go_on.set()
    results = await asyncio.gather(first, *waiting, return_exceptions=True)
    assert all(isinstance(each, OSError) for each in results)
    sa.event.remove(on_file.engine, "commit", fail)
    assert not heard, "nothing was committed, so nobody is told that it was"
    assert await on_file.read(refs) == []
    assert await on_file.write(add, "after") == 1


async def test_a_caller_that_has_gone_away_stops_nobody_elses_work(on_file: Database) -> None:
    # A browser that hangs up, or a time-out, cancels the task that waits.
    is_open, go_on, work = hold(on_file)
    held = asyncio.create_task(on_file.write(work))
    await asyncio.to_thread(is_open.wait, 10)
    queued = asyncio.create_task(on_file.write(add, "queued"))
    other = asyncio.create_task(on_file.write(add, "other"))
    await asyncio.sleep(0)
    held.cancel()
    queued.cancel()
    await asyncio.gather(held, queued, return_exceptions=True)
    go_on.set()
    assert isinstance(await asyncio.wait_for(other, 10), int)
    assert isinstance(await asyncio.wait_for(on_file.write(add, "later"), 10), int)
    found = await on_file.read(refs)
    assert found[-2:] == ["other", "later"]
    assert "held" in found, "what had begun is finished"


async def test_a_read_sees_what_is_committed_and_waits_for_no_write(on_file: Database) -> None:
    await on_file.write(add, "before")
    is_open, go_on, work = hold(on_file)
    writing = asyncio.create_task(on_file.write(work))
    await asyncio.to_thread(is_open.wait, 10)
    assert await asyncio.wait_for(on_file.read(refs), 10) == ["before"]
    go_on.set()
    await writing
    assert await on_file.read(refs) == ["before", "held"]


async def test_where_the_database_undoes_everything_nobody_in_the_group_is_told_that_it_is_kept(
    on_file: Database,
) -> None:
    def lose(transaction: Transaction) -> None:
        transaction.connection.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
        raise Broken

    results = await together(on_file, lambda t: add(t, "A"), lose, lambda t: add(t, "B"))
    assert all(isinstance(each, TransactionLost) for each in results)
    assert on_file.run(refs) == ["held"]


async def test_whoever_clears_the_frames_of_what_failed_ends_nobody_else_in_the_group(on_file: Database) -> None:
    def lose(transaction: Transaction) -> None:
        transaction.connection.exec_driver_sql("ROLLBACK")
        raise Broken

    has_failed, is_cleared = asyncio.Event(), asyncio.Event()

    async def clear_frames() -> None:
        try:
            await on_file.write(lose)
        except TransactionLost as problem:
            await has_failed.wait()
            traceback.clear_frames(problem.__traceback__)  # as some libraries do with what they have caught
        is_cleared.set()

    async def go_on() -> str:
        try:
            await on_file.write(lose)
        except TransactionLost:
            has_failed.set()
            await is_cleared.wait()
        return "went on"

    is_open, release, work = hold(on_file)
    first = asyncio.create_task(on_file.write(work))
    await asyncio.to_thread(is_open.wait, 10)
    waiting = [asyncio.create_task(each()) for each in (clear_frames, go_on)]
    await asyncio.sleep(0)
    release.set()
    await first
    async with asyncio.timeout(10):
        assert await asyncio.gather(*waiting) == [None, "went on"]


@pytest.mark.sqlite
def test_a_part_that_cannot_be_begun_says_that_there_is_no_transaction_any_more(on_file: Database) -> None:
    def deny(action: int, *_: object) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_SAVEPOINT else sqlite3.SQLITE_OK

    def work(transaction: Transaction) -> None:
        driver = cast("sqlite3.Connection", transaction.connection.connection.dbapi_connection)
        driver.set_authorizer(deny)
        try:
            with pytest.raises(TransactionLost), transaction.savepoint():
                pytest.fail("begun")
        finally:
            driver.set_authorizer(None)

    on_file.run(work)


def test_who_looks_holds_up_nobody_who_writes_and_sees_one_state(on_file: Database) -> None:
    def look(transaction: Transaction, others: str) -> list[str]:
        before = refs(transaction)
        assert on_file.run(add, others) == 1
        assert refs(transaction) == before
        return before

    assert on_file.look(look, "ONE") == []
    assert on_file.look(refs) == ["ONE"]


@pytest.mark.sqlite
async def test_a_read_that_writes_keeps_nothing(on_file: Database) -> None:
    await on_file.read(add, "HILL")
    assert await on_file.read(refs) == []


@pytest.mark.sqlite
async def test_a_database_in_memory_is_one_database_however_it_is_called() -> None:
    database = Database("sqlite://", VirtualClock(NOW))
    upgrade(database.engine)
    await asyncio.gather(*(database.write(add, f"S{number}") for number in range(5)))
    found = await asyncio.gather(*(database.read(refs) for _ in range(5)))
    assert all(len(each) == 5 for each in found)
    database.close()


async def test_closing_finishes_what_is_queued(tmp_path: Path) -> None:
    database = open_in(tmp_path)
    waiting = [asyncio.create_task(database.write(add, f"S{number}")) for number in range(20)]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.close)
    assert len(await asyncio.gather(*waiting)) == 20
    again = open_in(tmp_path)
    assert len(again.run(refs)) == 20
    again.close()
