"""Databases in memory with every table in them, made by copying one: making the tables anew takes ten times as long.

An engine that is done with is used again, for what SQLAlchemy remembers with it: putting every statement together
anew for each test takes longer than the tests themselves.
"""

import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from apbot.clock import Clock, SystemClock, VirtualClock
from apbot.store.database import Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.namekeys.cipher import Cipher
from apbot.store.namekeys.keyfile import VARIABLE
from apbot.store.namekeys.starting import hold_to_keys, open_key_file

_idle: list[Any] = []


class _Blank(Database):
    """A database in memory whose engine goes back to the idle ones."""

    def __init__(self, clock: Clock, template: Database) -> None:
        super().__init__("sqlite://", clock, inline=True, names=cipher())
        if _idle:
            self.engine = _idle.pop()
        connection = _connection(self)
        _connection(template).backup(connection)
        connection.execute("PRAGMA foreign_keys = ON")  # whatever the test before has done
        connection.execute("PRAGMA ignore_check_constraints = OFF")

    def close(self) -> None:
        """Let the engine be used again."""
        if _connection(self).in_transaction:
            super().close()
        elif self.engine not in _idle:
            _idle.append(self.engine)


def blank(clock: Clock) -> Database:
    """A database in memory, at the newest schema, whose units of work run in the caller's thread."""
    return _Blank(clock, _template())


Fill = Callable[[Transaction], dict[str, int]]


def filled(clock: Clock, fill: Fill) -> tuple[Database, dict[str, int]]:
    """The same with what `fill` puts in at this moment, which is done once and then copied; and what it gives."""
    template, ids = _filled(fill, clock.now())
    return _Blank(clock, template), dict(ids)


@cache
def _template() -> Database:
    database = Database("sqlite://", SystemClock(), inline=True, names=cipher())
    upgrade(database.engine)
    database.run(hold_to_keys, cipher())
    return database


@cache
def cipher() -> Cipher | None:
    """What the tests' databases are encrypted with, where they are (`APBOT_TEST_ENCRYPTED=1`)."""
    return open_key_file(os.environ.get(VARIABLE, ""))


@cache
def _filled(fill: Fill, now: datetime) -> tuple[Database, dict[str, int]]:
    database = blank(VirtualClock(now))
    return database, database.run(fill)


def _connection(database: Database) -> Any:
    connection = database.engine.raw_connection().driver_connection
    assert connection is not None
    return connection
