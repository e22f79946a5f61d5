"""Databases with every table in them, made by copying one: making the tables anew takes ten times as long.

An engine that is done with is used again, for what SQLAlchemy remembers with it: putting every statement together
anew for each test takes longer than the tests themselves.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from apbot.clock import Clock, SystemClock, VirtualClock
from apbot.store.database import Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.namekeys.cipher import Cipher
from apbot.store.namekeys.keyfile import VARIABLE
from apbot.store.namekeys.starting import hold_to_keys, open_key_file
from apbot.store.tables import metadata
from tests import postgresql

SQLITE, POSTGRESQL = "sqlite", "postgresql"

kind = SQLITE
"""Which database this test is run on: see `tests/conftest.py`."""

CHECKED = {
    SQLITE: ("PRAGMA foreign_keys = ON", "PRAGMA ignore_check_constraints = OFF"),
    POSTGRESQL: ("SET session_replication_role = origin",),
}
UNCHECKED = {
    SQLITE: ("PRAGMA foreign_keys = OFF", "PRAGMA ignore_check_constraints = ON"),
    POSTGRESQL: ("SET session_replication_role = replica",),
}

_idle: dict[str, list[sa.Engine]] = defaultdict(list)
_urls: dict[Path, str] = {}


def url_in(folder: Path) -> str:
    """The address of the database that a test keeps in this folder of its own, new when first asked for."""
    if kind == SQLITE:
        return f"sqlite:///{folder / 'apbot.db'}"
    if folder not in _urls:
        _urls[folder] = postgresql.new_database()
    return _urls[folder]


def leave_unchecked(database: Database) -> None:
    """From now on rows of this blank database may refer to what is not there."""
    for sql in UNCHECKED[database.engine.name]:
        _connection(database.engine).execute(sql)


class _Blank(Database):
    """A database whose engine goes back to the idle ones. On SQLite it is in memory."""

    def __init__(self, clock: Clock, contents: "_Contents") -> None:
        self._kind = contents.kind
        idle = _idle[self._kind]
        super().__init__("sqlite://" if idle else _url(self._kind), clock, inline=True, names=cipher())
        if idle:
            self.engine = idle.pop()
        contents.put_into(self.engine)
        for sql in CHECKED[self._kind]:  # whatever the test before has done
            _connection(self.engine).execute(sql)

    def close(self) -> None:
        """Let the engine be used again."""
        if _is_in_transaction(self.engine):
            super().close()
        elif self.engine not in _idle[self._kind]:
            _idle[self._kind].append(self.engine)


def blank(clock: Clock) -> Database:
    """A database at the newest schema, with nothing in it, whose units of work run in the caller's thread."""
    return _Blank(clock, _nothing(kind))


Fill = Callable[[Transaction], dict[str, int]]


def filled(clock: Clock, fill: Fill) -> tuple[Database, dict[str, int]]:
    """The same with what `fill` puts in at this moment, which is done once and then copied; and what it gives."""
    contents, ids = _filled(kind, fill, clock.now())
    return _Blank(clock, contents), dict(ids)


class _InMemory:
    """What one database in memory holds."""

    kind = SQLITE

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_into(self, engine: sa.Engine) -> None:
        connection = _connection(engine)
        _connection(self._database.engine).backup(connection)


class _OnServer:
    """What one database on PostgreSQL holds, as the SQL that makes any other hold the same."""

    kind = POSTGRESQL

    def __init__(self, database: Database) -> None:
        with database.engine.begin() as connection:
            kept = [(table, _rows(connection, table)) for table in metadata.sorted_tables]
            numbers = connection.exec_driver_sql(
                "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
            ).all()
        self._sql = "; ".join(
            (
                # Neither the triggers of the audit log nor the order of foreign keys matters here.
                "BEGIN; SET LOCAL session_replication_role = replica",
                *(f"DELETE FROM {table}" for table, _ in kept),
                *(
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset(null::{table}, '{rows}')"
                    for table, rows in kept
                    if rows
                ),
                "SELECT " + ", ".join(f"setval('{name}', {at}, {is_used})" for name, at, is_used in numbers),
                "COMMIT",
            )
        )

    def put_into(self, engine: sa.Engine) -> None:
        _connection(engine).execute(self._sql)


_Contents = _InMemory | _OnServer


def _rows(connection: sa.Connection, table: sa.Table) -> str:
    rows = connection.exec_driver_sql(f"SELECT json_agg({table} ORDER BY id)::text FROM {table}").scalar()
    return (rows or "").replace("'", "''")


def _contents(database: Database) -> _Contents:
    return _InMemory(database) if kind == SQLITE else _OnServer(database)


@cache
def _nothing(kind: str) -> _Contents:
    database = Database(_url(kind), SystemClock(), inline=True, names=cipher())
    upgrade(database.engine)
    database.run(hold_to_keys, cipher())
    contents = _contents(database)
    if kind == POSTGRESQL:
        database.close()
    return contents


@cache
def cipher() -> Cipher | None:
    """What the tests' databases are encrypted with, where they are (`APBOT_TEST_ENCRYPTED=1`)."""
    return open_key_file(os.environ.get(VARIABLE, ""))


@cache
def _filled(kind: str, fill: Fill, now: datetime) -> tuple[_Contents, dict[str, int]]:
    database = blank(VirtualClock(now))
    ids = database.run(fill)
    contents = _contents(database)
    if kind == POSTGRESQL:
        database.close()
    return contents, ids


def _url(kind: str) -> str:
    return postgresql.new_database(kept=True) if kind == POSTGRESQL else "sqlite://"


def _connection(engine: sa.Engine) -> Any:
    connection = engine.raw_connection().driver_connection
    assert connection is not None
    return connection


def _is_in_transaction(engine: sa.Engine) -> bool:
    connection = _connection(engine)
    return bool(connection.in_transaction if engine.name == "sqlite" else connection.info.transaction_status)
