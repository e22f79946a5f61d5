"""PostgreSQL proper: several processes at once, connections that are lost, a server that is restarted."""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from apbot.app import App, open_database
from apbot.cards import Action, Reply
from apbot.channels.desk import Desk, Heard
from apbot.clock import VirtualClock
from apbot.domain.walltime import instant
from apbot.handlers.dispatch import handle
from apbot.logs import configure
from apbot.roster import apply
from apbot.settings import Settings
from apbot.simulator.world import invent
from apbot.store import again, engines, listening, migrate
from apbot.store import database as transactions
from apbot.store.database import Database, Transaction
from apbot.store.opening import open_day
from apbot.store.people import load_actor
from apbot.store.tables import (
    addresses,
    entries,
    escalated,
    escalations,
    events,
    marks,
    registers,
    roles,
    schools,
)
from tests import postgresql
from tests.blank import url_in
from tests.day import THURSDAY, Day, Recorder
from tests.post import NOW

pytestmark = pytest.mark.postgresql


def add(transaction: Transaction, ref: str) -> int:
    """A unit of work."""
    transaction.touched.add(f"school:{ref}")
    return transaction.insert(schools, ref=ref, name=f"School {ref}")


def refs(transaction: Transaction) -> list[str]:
    """What stands in the table."""
    return [row.ref for row in transaction.rows(sa.select(schools.c.ref).order_by(schools.c.id))]


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Two processes' ways to one database."""
    both = tuple(Database(url_in(tmp_path), VirtualClock(NOW)) for _ in range(2))
    yield both  # type: ignore[misc]
    for each in both:
        each.close()


@pytest.fixture
def database(databases: tuple[Database, Database]) -> Database:
    """The first of them."""
    return databases[0]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do these in threads of their own, which begin together; what each gave."""
    begin = threading.Barrier(len(works))

    def do(work: Callable[[], Any]) -> Any:
        begin.wait(10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [job.result(60) for job in [pool.submit(do, work) for work in works]]


def cut(transaction: Transaction) -> None:
    """The connection is lost, as when the server is stopped."""
    transaction.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))


def end(transaction: Transaction, which: str) -> int:
    """End others' connections to this database; how many."""
    here = "FROM pg_stat_activity WHERE datname = current_database()"
    return len(transaction.rows(sa.text(f"SELECT pg_terminate_backend(pid) {here} AND {which}")))


# Units of work, one after another.


def read_then_write(transaction: Transaction) -> int:
    count = transaction.value(sa.select(sa.func.count()).select_from(schools))
    return transaction.insert(schools, ref=f"S{count}", name="A school")


def test_what_one_has_read_is_still_so_when_it_writes(databases: tuple[Database, Database]) -> None:
    def write_some(database: Database) -> list[int]:
        return [database.run(read_then_write) for _ in range(25)]

    ids = at_once(*(lambda database=each: write_some(database) for each in (*databases, *databases)))
    assert databases[0].run(refs) == [f"S{number}" for number in range(100)]
    assert sorted(each for some in ids for each in some) == list(range(1, 101))


async def test_writers_of_two_processes_lose_and_double_nothing(databases: tuple[Database, Database]) -> None:
    await asyncio.gather(*(each.write(read_then_write) for each in databases * 40))
    assert await databases[0].read(refs) == [f"S{number}" for number in range(80)]


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


# What is run anew.


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


# What others hear.


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
    monkeypatch.setattr("apbot.store.listening.AGAIN_AFTER", 0.01)
    one, other = databases
    heard = await heard_by(other)
    assert one.run(end, "query = 'LISTEN apbot'") == 1
    assert "messages" in await asyncio.wait_for(heard.get(), 10), "what may have happened meanwhile"
    one.run(add, "HILL")
    assert await asyncio.wait_for(heard.get(), 10) == {"school:HILL"}


# Opening one at once.


def test_two_processes_that_start_at_once_make_the_tables_once(tmp_path: Path) -> None:
    url = postgresql.new_database(empty=True)
    both = [Database(url, VirtualClock(NOW)) for _ in range(2)]
    at_once(*(lambda database=each: migrate.upgrade(database.engine) for each in both))
    assert both[0].run(refs) == []
    for each in both:
        each.close()


def test_two_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    url = postgresql.new_database(empty=True)
    both = [Database(url, VirtualClock(NOW)) for _ in range(2)]
    migrate.migrate(both[0].engine, "0001")
    at_once(*(lambda database=each: migrate.upgrade(database.engine) for each in both))
    version = sa.text("SELECT version_num FROM alembic_version")
    assert both[0].run(lambda t: t.value(version)) == migrate.HEAD
    for each in both:
        each.close()


# The day, in two processes.


@pytest.fixture
def county(tmp_path: Path) -> Iterator[tuple[App, App]]:
    """Two processes at ten o'clock of a day on which nobody has answered, so that every alert is due."""
    configure("CRITICAL")  # nobody has an address yet, which is logged as an error
    clock = VirtualClock(instant(THURSDAY, time(5)))
    settings = Settings(_env_file=None, database_url=url_in(tmp_path))
    first = open_database(settings, clock)
    first.run(apply, invent(250, THURSDAY, THURSDAY, seed=1))
    first.run(open_day, THURSDAY)
    clock.forward(timedelta(hours=5, minutes=20))
    both = [first, Database(settings.database_url, clock)]
    yield tuple(App(settings, each, [Recorder(clock)]) for each in both)  # type: ignore[misc]
    for each in both:
        each.close()


def rows(app: App, query: sa.Select[Any]) -> list[Any]:
    """What stands in the database."""
    return list(app.database.run(lambda t: t.rows(query)))


def test_each_alert_is_decided_once_though_two_tick_at_once(county: tuple[App, App]) -> None:
    waiting = rows(county[0], sa.select(entries.c.id).where(entries.c.alert_at <= county[0].database.clock.now()))
    assert len(waiting) > 100
    at_once(*(lambda app=each: asyncio.run(app.decide()) for each in county))
    opened = Counter(row.entry_id for row in rows(county[0], sa.select(escalated.c.entry_id)))
    assert opened == Counter({row.id: 1 for row in waiting})
    rounds = rows(county[0], sa.select(escalations.c.step, escalations.c.round).distinct())
    assert [tuple(row) for row in rounds] == [(0, 0)], "none was taken a step further by the other"


def test_a_mark_that_meets_its_alert_leaves_one_story(county: tuple[App, App]) -> None:
    """A pupil who was marked first is in no alert; an alert that was first knows that the pupil has arrived."""
    one, other = county
    staff = sa.select(roles.c.person_id).where(roles.c.provider_id == registers.c.provider_id).limit(1)
    query = sa.select(entries.c.id, staff.scalar_subquery().label("person_id"), registers.c.provider_id)
    first = rows(one, query.join_from(entries, registers).where(entries.c.alert_at.is_not(None)).order_by(entries.c.id))

    def press_all() -> None:
        for row in first:
            press(other, row.person_id, f"press-{row.id}", row.id)

    at_once(lambda: asyncio.run(one.decide()), press_all)
    marked = {row.id for row in rows(one, sa.select(entries.c.id).where(entries.c.fact == "arrived"))}
    assert marked == {row.id for row in first}
    open_for = sa.select(escalated.c.entry_id, escalations.c.state, escalated.c.outcome)
    told = rows(one, open_for.join_from(escalated, escalations))
    assert {(row.state, row.outcome) for row in told} <= {("stood down", "arrived since")}


def press(app: App, person_id: int, event_id: str, entry_id: int) -> Reply:
    """As a channel does."""

    def do(transaction: Transaction) -> Reply:
        action = Action("web", event_id, f"person:{person_id}", verb="arrived", subject=entry_id)
        return handle(transaction, load_actor(transaction, person_id, "web"), action)

    return app.database.run(do)


def test_the_same_press_told_of_twice_at_once_is_done_once_and_answered_alike(county: tuple[App, App]) -> None:
    query = sa.select(entries.c.id, roles.c.person_id).join_from(entries, registers)
    (row,) = rows(county[0], query.join(roles, roles.c.provider_id == registers.c.provider_id).limit(1))
    answers = at_once(*(lambda app=each: press(app, row.person_id, "same", row.id) for each in county * 3))
    assert sum(not each.is_repeat for each in answers) == 1
    assert len({str(each.card) for each in answers}) == 1
    assert len(rows(county[0], sa.select(marks.c.id))) == 1
    assert len(rows(county[0], sa.select(events.c.id))) == 1


async def test_a_character_that_postgresql_keeps_nowhere_loses_nobodys_words(tmp_path: Path) -> None:
    day = Day(url=url_in(tmp_path))
    await day.until("09:30")
    desk = Desk(day.database, handle)
    person_id = day.ids["Dorothy Okafor"]
    day.database.run(lambda t: t.insert(addresses, person_id=person_id, channel="slack", address="U1"))
    reply = await desk.hear("slack", Heard("e1", "U1", "U1", text="/ap\0 to\0day", inputs={"note": "x\0"}))
    assert reply.card is not None
    assert "today" in reply.card.heading.lower()
    day.close()
