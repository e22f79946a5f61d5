"""A school moves to another database, and its day goes on where it stood."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from apbot.app import App
from apbot.cli import audit as audit_command
from apbot.cli import db as command
from apbot.clock import SystemClock
from apbot.domain.priority import Priority
from apbot.settings import Settings
from apbot.store.connect import open_database
from apbot.store.database import Database
from apbot.store.migrate import HEAD
from apbot.store.outbox import Owed, Subject, claim, owe
from apbot.store.sealing import seal_due
from apbot.store.tables import addresses, audit, chat_lines, escalations, metadata, people, processes, schools
from tests.day import Day
from tests.moving.conftest import NewUrl
from tests.moving.everything import fill

BOTH = pytest.mark.parametrize("kind", ["postgresql", "sqlite"])


@dataclass
class Move:
    """A school's day on SQLite, which moves."""

    day: Day
    old: str
    monkeypatch: pytest.MonkeyPatch

    def call(self, *words: str, url: str = "") -> Result:
        self.monkeypatch.setenv("APBOT_DATABASE_URL", url or self.old)
        app = typer.Typer()
        command.add_to(app)
        audit_command.add_to(app)
        return CliRunner().invoke(app, list(words))

    def to(self, url: str, *words: str) -> Result:
        return self.call("db", "migrate-from", self.old, *words, url=url)

    def goes_on(self, url: str) -> None:
        """The same day, people and clock, on the new database."""
        self.day.close()
        self.day.settings = Settings(database_url=url, _env_file=None)
        self.day.database = open_database(self.day.settings, self.day.clock, inline=True)
        self.day.app = App(self.day.settings, self.day.database, [self.day.recorder])


@pytest.fixture
def move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Move]:
    monkeypatch.chdir(tmp_path)
    old = f"sqlite:///{tmp_path}/old.db"
    day = Day(url=old)
    yield Move(day, old, monkeypatch)
    day.close()


def rows(url: str, *tables: sa.Table) -> list[list[tuple[Any, ...]]]:
    """What stands in each of the tables."""
    database = Database(url, SystemClock(), inline=True)
    try:
        with database.engine.connect() as connection:
            return [[tuple(row) for row in connection.execute(sa.select(each).order_by(each.c.id))] for each in tables]
    finally:
        database.close()


@BOTH
async def test_an_alert_that_is_due_at_ten_goes_out_at_ten_from_the_new_database(
    move: Move, new_url: NewUrl, kind: str
) -> None:
    day, new = move.day, new_url(kind)
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("09:59")
    day.dsl("Hillcrest").sees_nothing()
    answer = move.to(new)
    assert answer.exit_code == 0, answer.output
    move.goes_on(new)
    await day.until("10:00")
    day.dsl("Hillcrest").sees("not arrived", "CD34")
    day.dsl("Hillcrest").does_not_see("AB12")
    await day.dsl("Hillcrest").taps("Acknowledge")
    taken = {row.acknowledged_by_id for row in day.rows(sa.select(escalations.c.acknowledged_by_id))}
    assert day.ids["Dorothy Okafor"] in taken


@BOTH
async def test_every_row_of_every_table_is_what_it_was(move: Move, new_url: NewUrl, kind: str) -> None:
    await move.day.until("10:20")
    move.day.database.run(fill)
    new = new_url(kind)
    answer = move.to(new, "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    moved = {name: each["rows"] for name, each in told["tables"].items()}
    assert set(moved) == set(metadata.tables) - {"processes", "leases"}
    tables = [table for name, table in metadata.tables.items() if name in moved]
    for table, here, there in zip(tables, rows(move.old, *tables), rows(new, *tables), strict=True):
        assert there == here, table.name
        assert len(there) == moved[table.name] > 0, table.name
    assert rows(new, processes) == [[]]


async def test_there_and_back_again_is_the_same_file(move: Move, new_url: NewUrl) -> None:
    await move.day.until("10:20")
    move.day.database.run(fill)
    there, back = new_url("postgresql"), new_url("sqlite")
    first = json.loads(move.to(there, "--json").output)
    second = json.loads(move.call("db", "migrate-from", there, "--json", url=back).output)
    assert first["tables"] == second["tables"]
    assert texts(move.old) == texts(back)


def texts(url: str) -> list[Any]:
    """JSON as the file holds it."""
    cards = "SELECT id, card, typeof(card), changed FROM chat_lines"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        return file.execute(f"{cards} UNION ALL SELECT id, detail, typeof(detail), 0 FROM audit").fetchall()


@BOTH
async def test_the_audit_log_is_whole_and_goes_on_under_its_triggers(move: Move, new_url: NewUrl, kind: str) -> None:
    new = new_url(kind)
    await move.day.until("10:20")
    head = move.call("audit", "head").output.strip()
    assert head.partition(":")[0] != "0"
    assert head in move.to(new).output
    assert move.call("audit", "head", url=new).output.strip() == head
    assert move.call("audit", "verify", "--head", head, url=new).exit_code == 0
    move.goes_on(new)
    entry = move.day.rows(sa.select(audit.c.id).limit(1))[0].id
    for statement in (sa.update(audit).values(what="x"), sa.delete(audit)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            move.day.database.run(lambda t, s=statement: t.execute(s.where(audit.c.id == entry)))
    await move.day.until("11:00")
    move.day.database.run(seal_due)
    assert move.call("audit", "verify", "--head", head, url=new).exit_code == 0


@BOTH
def test_no_id_is_given_twice_though_its_row_is_gone(move: Move, new_url: NewUrl, kind: str) -> None:
    day, new = move.day, new_url(kind)
    more = day.database.run(lambda t: t.insert(addresses, person_id=1, channel="slack", address="U1"))
    day.database.run(lambda t: t.execute(sa.delete(addresses).where(addresses.c.id == more)))
    assert move.to(new).exit_code == 0
    move.goes_on(new)
    assert day.database.run(lambda t: t.insert(addresses, person_id=1, channel="slack", address="U2")) > more
    newest = max(day.ids[each] for each in ("Hillcrest", "Marsh Lane"))
    assert day.database.run(lambda t: t.insert(schools, ref="X", name="X")) == newest + 1


async def test_what_was_under_way_goes_out_again_as_a_possible_repeat(move: Move, new_url: NewUrl) -> None:
    day, new = move.day, new_url("postgresql")
    dsl = day.ids["Dorothy Okafor"]
    day.database.run(owe, [Owed(Subject("unreached", 1), Priority.ESCALATION, day.clock.now(), person_id=dsl)])
    day.database.run(claim, "web", "a process that dies", 10)
    assert "1 message" in move.to(new).output
    move.goes_on(new)
    day.clock.forward(timedelta(minutes=2))
    (row,) = day.database.run(claim, "web", "another", 10)
    assert row.maybe_repeat


def refused(answer: Result, *words: str) -> None:
    assert answer.exit_code in (1, 2), answer.output
    for word in words:
        assert word in answer.output, answer.output
    assert "Traceback" not in answer.output


def nothing_in(url: str) -> bool:
    path = Path(url.removeprefix("sqlite:///"))
    return not path.exists() or rows(url, people) == [[]]


@BOTH
def test_a_dry_run_moves_nothing_and_makes_nothing(move: Move, new_url: NewUrl, kind: str) -> None:
    new = new_url(kind)
    answer = move.to(new, "--dry-run")
    assert answer.exit_code == 0, answer.output
    assert "rows would be moved. Nothing was." in answer.output
    if kind == "sqlite":
        assert not Path(new.removeprefix("sqlite:///")).exists()
    else:
        engine = sa.create_engine(new)
        assert sa.inspect(engine).get_table_names() == []
        engine.dispose()
    assert json.loads(move.to(new, "--dry-run", "--json").output)["moved"] is False


def test_a_database_in_which_something_stands_is_refused(move: Move, new_url: NewUrl, tmp_path: Path) -> None:
    new = new_url("sqlite")
    other = Day(url=new)
    for words in ((), ("--dry-run",)):
        refused(move.to(new, *words), "Nothing was moved", "not empty", "schools")
    other.close()


def test_the_same_database_is_refused(move: Move) -> None:
    refused(move.to(move.old), "Set APBOT_DATABASE_URL to the new one")
    refused(move.to("sqlite:///old.db"), "Set APBOT_DATABASE_URL to the new one")


def test_a_running_apbot_is_to_be_stopped_first(move: Move, new_url: NewUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    new = new_url("sqlite")
    monkeypatch.setattr("apbot.clock.SystemClock", lambda: move.day.clock)
    refused(move.to(new), "apbot still runs on it", "Stop it first")
    move.day.clock.forward(timedelta(seconds=31))
    assert move.to(new).exit_code == 0


def test_an_older_schema_is_to_be_brought_up_first(move: Move, new_url: NewUrl) -> None:
    set_version = sa.text("UPDATE alembic_version SET version_num = :at")
    move.day.database.run(lambda t: t.connection.execute(set_version, {"at": "0008"}))
    refused(move.to(new_url("sqlite")), "revision 0008", HEAD, "apbot db check")
    move.day.database.run(lambda t: t.connection.execute(set_version, {"at": "9999"}))
    refused(move.to(new_url("sqlite")), "revision 9999", "Update apbot")


def test_what_is_no_database_of_apbots_is_refused(move: Move, new_url: NewUrl, tmp_path: Path) -> None:
    new = new_url("sqlite")
    refused(move.call("db", "migrate-from", "sqlite:///nowhere.db", url=new), "There is no file nowhere.db")
    assert not (tmp_path / "nowhere.db").exists()
    refused(move.call("db", "migrate-from", "old.db", url=new), "expected sqlite:///FILE")
    (tmp_path / "text.db").write_text("not a database, but long enough to look like one: " * 20)
    refused(move.call("db", "migrate-from", "sqlite:///text.db", url=new), "Nothing was moved")
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE x (y)").connection.close()
    refused(move.call("db", "migrate-from", "sqlite:///other.db", url=new), "no database of apbot's")
    refused(move.call("db", "migrate-from", "postgresql+psycopg://127.0.0.1:1/x", url=new), "Nothing was moved")
    assert nothing_in(new)


def test_a_broken_audit_log_is_not_moved_as_if_it_were_whole(move: Move, new_url: NewUrl) -> None:
    move.call("audit", "head")

    def tamper(transaction: Any) -> None:
        transaction.connection.exec_driver_sql("DROP TRIGGER audit_is_kept")
        transaction.connection.exec_driver_sql("UPDATE audit SET what = 'nothing' WHERE number = 1")

    move.day.database.run(lambda t: t.insert(audit, at=t.now, via="x", what="x", subject="x", detail={}, next_at=t.now))
    move.day.database.run(seal_due)
    move.day.database.run(tamper)
    new = new_url("sqlite")
    refused(move.to(new), "Nothing was moved", "audit log is not what was written", "apbot audit verify")
    assert nothing_in(new)


def test_a_row_that_the_new_database_does_not_take_is_told_and_nothing_is_moved(move: Move, new_url: NewUrl) -> None:
    new = new_url("postgresql")
    move.day.database.run(lambda t: t.insert(chat_lines, conversation="person:1", text="a\0b", at=t.now, changed=1))
    answer = move.to(new)
    refused(answer, "Nothing was moved", "rows of chat_lines")
    assert "a\0b" not in answer.output
    assert rows(new, people) == [[]]


def test_while_it_is_moved_nobody_writes_to_the_old_one(move: Move) -> None:
    from apbot.store import moving

    move.day.close()
    move.day.clock.forward(timedelta(minutes=1))
    old = Database(move.old, move.day.clock)
    with moving.opened(old) as reading, closing(sqlite3.connect(old.engine.url.database or "", timeout=0)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("UPDATE schools SET name = 'X'")
        with pytest.raises(sa.exc.OperationalError, match="readonly"):
            reading.execute(sa.update(schools).values(name="Y"))
    old.close()


@BOTH
def test_db_check_says_what_the_database_is(move: Move, new_url: NewUrl, kind: str) -> None:
    url = new_url(kind)
    answer = move.call("db", "check", url=url)
    assert answer.exit_code == 0, answer.output
    assert HEAD in answer.output
    assert "append-only" in answer.output
    told = json.loads(move.call("db", "check", "--json", url=url).output)
    assert told["kind"] == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    assert told["size"] > 100_000
    database = Database(url, move.day.clock)
    drop = "DROP TRIGGER audit_is_not_shortened" + (" ON audit" if kind == "postgresql" else "")
    database.run(lambda t: t.connection.exec_driver_sql(drop))
    database.close()
    answer = move.call("db", "check", url=url)
    assert answer.exit_code == 1
    assert "NOT KEPT" in answer.output
    assert "audit_is_not_shortened" in answer.output


def test_db_check_shows_no_password(move: Move, postgresql: str) -> None:
    url = sa.make_url(postgresql).set(password="hush").render_as_string(hide_password=False)
    assert "hush" not in move.call("db", "check", url=url).output
