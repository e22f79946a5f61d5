"""How each database is opened, and how a transaction begins on it: so that those that write come one after another.

Handlers and schedules read first and write later. On SQLite a transaction takes the file's write lock when it begins;
on PostgreSQL it takes a lock of apbot's own, which every process that writes to this database has to hold. Whatever one
reads is then still so when it writes, in however many processes; and whatever is numbered is committed in that order.
"""

import time
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from apbot.store.keptfile import KeptFile
from apbot.store.prepared import driver_cursor

LOCKED_AT_MOST = 20.0
"""Seconds to wait while another program holds the database (a backup, an import), or while it is away (it is being
restarted): a platform has been told that a press has arrived, so to give up early would lose it."""

STALLED_AFTER = 15
"""Seconds after which PostgreSQL ends a transaction whose process does nothing with it (it was stopped, or its machine
is gone), so that the others can go on: less than they wait."""

WRITER_LOCK = 0x6170626F74
"""Any number will do, so long as nothing else in the database locks by it ("apbot")."""

READ_ONLY = "apbot_read_only"
"""The execution option of a connection whose transactions change nothing, and wait for no other."""

TRANSACTION_ID = "apbot_transaction_id"
"""Where a connection's `info` keeps the number of the transaction that is open on it, on PostgreSQL."""

_ALIVE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "application_name": "apbot",
}
"""A server that is gone without a word is given up within seconds; what the address itself says goes first."""

_WRITE = f"BEGIN; SELECT pg_current_xact_id()::text FROM pg_advisory_xact_lock({WRITER_LOCK})"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"


_OPENED = "apbot_opened"
_lost: WeakKeyDictionary[sa.Engine, float] = WeakKeyDictionary()
"""When a connection was last lost: those that were opened before are as dead."""


class DriverMissing(Exception):
    """The library that speaks to this kind of database is not installed. The text says how to install it."""


def open_engine(url: str) -> sa.Engine:
    """The engine for `url`; nothing is opened yet. Raises `DriverMissing`."""
    parsed = sa.make_url(url)
    common: dict[str, Any] = {
        "hide_parameters": True,  # what people typed must be in no log and no traceback
        "json_serializer": lambda value: orjson.dumps(value).decode(),
        "json_deserializer": orjson.loads,
    }
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, common)
    return _postgresql(parsed, common)


def _sqlite(url: sa.URL, common: dict[str, Any]) -> sa.Engine:
    memory = url.database in (None, "", ":memory:")
    engine = sa.create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": LOCKED_AT_MOST},
        **common,
        **({"poolclass": StaticPool} if memory else {}),
    )
    is_path = not memory and not (url.database or "").startswith("file:")  # which is an address of SQLite's own
    file = KeptFile(Path(url.database or "")) if is_path else None

    @sa.event.listens_for(engine, "do_connect")
    def _look(*_: Any) -> None:
        if file is not None:
            file.check()  # a connection would make an empty file where there is none
            file.make()

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver's own transaction handling begins too late; SQLAlchemy's "begin" below does it.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "PRAGMA foreign_keys=ON",
            "PRAGMA cache_size=-32000",
        ):
            cursor.execute(pragma)
        cursor.close()
        if file is not None:
            file.opened()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if file is not None:
            file.check()
        # A transaction that reads first and writes later fails at once when another writes, without waiting:
        # so the write lock is taken at the start.
        sql = "BEGIN" if _is_reading(connection) else "BEGIN IMMEDIATE"
        with driver_cursor(connection, sql) as cursor:
            cursor.execute(sql)

    return engine


def _postgresql(url: sa.URL, common: dict[str, Any]) -> sa.Engine:
    given = {name: value for name, value in _ALIVE.items() if name not in url.query}
    try:
        engine = sa.create_engine(url, connect_args=given, pool_size=8, max_overflow=8, pool_use_lifo=True, **common)
    except ImportError:
        raise DriverMissing(
            "PostgreSQL needs psycopg. Install it, in apbot's folder: pip install '.[postgresql]'"
        ) from None

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info[_OPENED] = time.monotonic()
        connection.autocommit = True  # the driver would begin a transaction of another kind by itself
        connection.prepared_max = 1000  # a day needs some hundreds of statements, whose lists differ in length
        cursor = connection.cursor()
        cursor.execute(
            "SET timezone = 'UTC'; SET jit = off;"
            # What a school needs is in memory: a row is found by its key, and no table read whole for some of its rows.
            " SET random_page_cost = 1.1;"
            f" SET lock_timeout = '{LOCKED_AT_MOST:.0f}s';"
            f" SET idle_in_transaction_session_timeout = '{STALLED_AFTER}s'"
        )
        cursor.close()

    @sa.event.listens_for(engine, "checkout")
    def _look(_: DBAPIConnection, record: ConnectionPoolEntry, __: Any) -> None:
        if record.info[_OPENED] < _lost.get(engine, 0.0):
            raise sa.exc.DisconnectionError  # the pool opens another

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        sql = _READ if _is_reading(connection) else _WRITE
        with driver_cursor(connection, sql) as cursor:
            cursor.execute(sql)
            if cursor.nextset():
                connection.info[TRANSACTION_ID] = cursor.fetchone()[0]

    return engine


def let_go(engine: sa.Engine) -> None:
    """Use none of the connections that are open now any more, once they are given back."""
    _lost[engine] = time.monotonic()


def end_reading(connection: sa.Connection) -> None:
    """End a transaction that has changed nothing.

    On PostgreSQL it can not have, and is committed: at a ROLLBACK psycopg lets go of whatever it has prepared.
    """
    if connection.dialect.name == "postgresql":
        connection.commit()


def _is_reading(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get(READ_ONLY, False))
