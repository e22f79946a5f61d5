"""Databases in memory with every table in them, made by copying one: making the tables anew takes ten times as long."""

from functools import cache
from typing import Any

from apbot.clock import Clock, SystemClock
from apbot.store.database import Database
from apbot.store.migrate import upgrade


def blank(clock: Clock) -> Database:
    """A database in memory, at the newest schema, whose units of work run in the caller's thread."""
    database = Database("sqlite://", clock, inline=True)
    _connection(_template()).backup(_connection(database))
    return database


@cache
def _template() -> Database:
    database = Database("sqlite://", SystemClock(), inline=True)
    upgrade(database.engine)
    return database


def _connection(database: Database) -> Any:
    connection = database.engine.raw_connection().driver_connection
    assert connection is not None
    return connection
