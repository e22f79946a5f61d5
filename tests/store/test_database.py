"""Transactions: whole or nothing, together or alone, from one thread or many, from one process or two."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

from apbot.clock import SystemClock, VirtualClock
from apbot.domain.access import TERMINAL
from apbot.store.audit import note
from apbot.store.database import GROUP, Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.savepoints import TransactionLost
from apbot.store.tables import openings, people, roles, schools
from tests.blank import blank, url_in

NOW = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)


class Broken(Exception):
    """What a unit of work fails with here."""


def add(transaction: Transaction, ref: str) -> int:
    """A unit of work that succeeds."""
    transaction.touched.add("schools")
    return transaction.insert(schools, ref=ref, name=f"School {ref}")


def add_and_fail(transaction: Transaction, ref: str) -> int:
    """A unit of work that writes and then fails."""
    add(transaction, ref)
    raise Broken(ref)


def refs(transaction: Transaction) -> list[str]:
    """What stands in the table."""
    return [row.ref for row in transaction.rows(sa.select(schools.c.ref).order_by(schools.c.id))]


def open_in(folder: Path) -> Database:
    """The database in this folder, or of its own on the server, with its tables."""
    database = Database(url_in(folder), VirtualClock(NOW))
    upgrade(database.engine)
    return database


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Database]:
    """A database in a file, whose writer runs in a thread of its own."""
    database = open_in(tmp_path)
    yield database
    database.close()


@pytest.fixture(params=["file", "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database in a file, and one in memory."""
    found = open_in(tmp_path) if request.param == "file" else blank(VirtualClock(NOW))
    yield found
    found.close()


def hold(database: Database) -> tuple[threading.Event, threading.Event, Callable[[Transaction], None]]:
    """A unit of work that stays open until it is let go: so that others queue up behind it."""
    is_open, go_on = threading.Event(), threading.Event()

    def work(transaction: Transaction) -> None:
        add(transaction, "held")
        is_open.set()
        assert go_on.wait(10)

    return is_open, go_on, work


async def together(database: Database, *works: Callable[[Transaction], object]) -> list[object]:
    """Run these in one group commit: they queue up while another is under way. Results and exceptions in order."""
    is_open, go_on, work = hold(database)
    first = asyncio.create_task(database.write(work))
    await asyncio.to_thread(is_open.wait, 10)
    waiting = [asyncio.create_task(database.write(each)) for each in works]
    await asyncio.sleep(0)  # each puts its work into the queue
    go_on.set()
    await first
    return list(await asyncio.gather(*waiting, return_exceptions=True))


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


def test_listeners_are_told_what_was_touched_after_the_commit_and_only_then(on_file: Database) -> None:
    beside = sa.create_engine(on_file.engine.url)
    heard = []

    def listen(touched: frozenset[str]) -> None:
        with beside.connect() as connection:
            heard.append((touched, connection.execute(sa.select(schools.c.ref)).scalars().all()))

    on_file.listeners.append(listen)
    on_file.run(add, "HILL")
    assert heard == [(frozenset({"schools"}), ["HILL"])]
    with pytest.raises(Broken):
        on_file.run(add_and_fail, "MARS")
    on_file.run(refs)
    assert len(heard) == 1, "neither what failed nor what touched nothing is told"
    beside.dispose()


async def test_of_a_group_listeners_are_told_what_succeeded(on_file: Database) -> None:
    heard: list[frozenset[str]] = []
    on_file.listeners.append(heard.append)

    def touch(transaction: Transaction, name: str, problem: bool) -> None:
        transaction.touched.add(name)
        if problem:
            raise Broken(name)

    await together(
        on_file, lambda t: touch(t, "messages", False), lambda t: touch(t, "chat", True), lambda t: touch(t, "x", False)
    )
    await asyncio.to_thread(on_file.close)  # the writer has told everybody
    assert heard == [{"schools"}, {"messages", "x"}]


async def test_a_listener_that_fails_neither_fails_the_work_nor_stops_the_writer(on_file: Database) -> None:
    def fail(_: frozenset[str]) -> None:
        raise Broken("a listener")

    heard: list[frozenset[str]] = []
    on_file.listeners += [fail, heard.append]
    assert await asyncio.wait_for(on_file.write(add, "ONE"), 10) == 1
    assert await asyncio.wait_for(on_file.write(add, "TWO"), 10) == 2
    assert on_file.run(add, "THREE") == 3
    await asyncio.to_thread(on_file.close)  # the writer has told everybody
    assert len(heard) == 3


async def test_a_journal_that_fails_neither_fails_the_work_nor_stops_the_writer(on_file: Database) -> None:
    def fail(_: object) -> None:
        raise Broken("the journal")

    on_file.journal = fail
    for _ in range(2):
        await asyncio.wait_for(on_file.write(note, TERMINAL, "marked", "entry:1"), 10)


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
            traceback.clear_frames(problem.__traceback__)  # as APScheduler does with what a job of its fails with
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


def read_then_write(transaction: Transaction, ref: str) -> None:
    """The order in which a transaction that begins too late fails at once when another writes."""
    count = transaction.value(sa.select(sa.func.count()).select_from(schools))
    transaction.insert(schools, ref=f"{ref}-{count}", name=ref)


def test_threads_with_databases_of_their_own_on_one_file_wait_for_one_another(tmp_path: Path) -> None:
    databases = [open_in(tmp_path) for _ in range(4)]

    def write(database: Database, ref: str) -> None:
        for _ in range(15):
            database.run(read_then_write, ref)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, database, f"T{number}") for number, database in enumerate(databases)]:
            done.result()
    assert len(databases[0].run(refs)) == 60
    for database in databases:
        database.close()


OTHER_PROCESS = """
import sys
from datetime import UTC, datetime
from apbot.clock import VirtualClock
from apbot.store.database import Database
from tests.blank import blank, url_in
from tests.store.test_database import read_then_write
database = Database(sys.argv[1], VirtualClock(datetime(2026, 9, 17, 8, 0, tzinfo=UTC)))
for _ in range(25):
    database.run(read_then_write, sys.argv[2])
database.close()
"""


def test_two_processes_on_one_file_wait_for_one_another(on_file: Database) -> None:
    url = on_file.engine.url.render_as_string(hide_password=False)
    root = Path(__file__).parents[2]
    other = subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, url, "other"], cwd=root, stderr=subprocess.PIPE)
    while other.poll() is None:
        on_file.run(read_then_write, "one")
    _, problem = other.communicate()
    assert other.returncode == 0, problem.decode()
    found = on_file.run(refs)
    assert sum(ref.startswith("other") for ref in found) == 25
    assert len(set(found)) == len(found) == int(found[-1].split("-")[1]) + 1, "each saw all that came before it"


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 9, 17, 9, 0)  # noqa: DTZ001
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        database.run(lambda t: t.insert(openings, day=NOW.date(), next_at=naive))
    with pytest.raises(sa.exc.StatementError, match="an instant needs a time zone"):
        database.run(lambda t: t.rows(sa.select(openings).where(openings.c.next_at <= naive)))
    assert database.run(lambda t: t.rows(sa.select(openings))) == []


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_given_in(database: Database) -> None:
    summer = timezone(timedelta(hours=1))
    database.run(lambda t: t.insert(openings, day=NOW.date(), next_at=NOW.astimezone(summer)))
    database.run(lambda t: t.insert(openings, day=NOW.date() + timedelta(days=1), next_at=None))
    kept = [row.next_at for row in database.run(lambda t: t.rows(sa.select(openings).order_by(openings.c.day)))]
    assert kept == [NOW, None]
    assert kept[0].tzinfo is UTC
    found = database.run(lambda t: t.rows(sa.select(openings).where(openings.c.next_at <= NOW.astimezone(summer))))
    assert len(found) == 1


def test_insert_new_passes_over_what_is_there_and_counts_what_was_new(database: Database) -> None:
    def rows(*names: str) -> list[dict[str, str]]:
        return [{"ref": name, "name": name} for name in names]

    assert database.run(lambda t: t.insert_new(schools, [])) == 0
    assert database.run(lambda t: t.insert_new(schools, rows("A", "B"))) == 2
    assert database.run(lambda t: t.insert_new(schools, rows("B", "C", "C", "D"))) == 2
    assert database.run(lambda t: t.insert_new(schools, rows("A", "B", "C", "D"))) == 0
    assert database.run(lambda t: t.insert_new(schools, rows(*(f"M{number}" for number in range(2500))))) == 2500
    assert database.run(lambda t: t.insert_new(schools, rows("A", *(f"M{number}" for number in range(2501))))) == 1


def test_insert_new_passes_over_nothing_but_what_is_there(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        database.run(lambda t: t.insert_new(schools, [{"ref": "A", "name": None}]))
    with pytest.raises(sa.exc.IntegrityError):
        database.run(lambda t: t.insert_new(roles, [{"person_id": 99, "role": "DSL"}]))


def test_a_row_that_refers_to_nobody_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        database.run(lambda t: t.insert(roles, person_id=99, role="DSL"))
    person = database.run(lambda t: t.insert(people, ref="P", name="Invented"))
    assert database.run(lambda t: t.insert(roles, person_id=person, role="DSL"))


def test_a_transaction_decides_by_the_instant_at_which_it_began(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    database = Database(url_in(tmp_path), clock)

    def work(transaction: Transaction) -> tuple[datetime, datetime]:
        clock.forward(timedelta(minutes=5))
        return transaction.now, clock.now()

    assert database.run(work) == (NOW, NOW + timedelta(minutes=5))
    database.close()


def test_the_machines_clock_tells_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
