"""Moving everything from one database to another: from SQLite to PostgreSQL when a school has grown, or back.

It is one transaction: the target holds all of it, compared row by row, or nothing. Ids stay what they are, so whatever
is owed, under way or remembered goes on where it stood.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from apbot.store.copying import Tally, Tell, copy_tables, differing, tables_of, tally
from apbot.store.database import Database, Transaction
from apbot.store.migrate import HEAD, revision_of
from apbot.store.processes import still_runs
from apbot.store.sealing import Head, read_chain_head, verify
from apbot.store.tables import messages

OF_THE_RUNNING = frozenset({"processes", "leases"})
"""What tells of processes, none of which runs when their database is moved."""


class CannotMove(Exception):
    """It can't be moved, and nothing was. The text says why, and what to do."""


@dataclass(frozen=True)
class Moved:
    """What was moved, or would be; and the head of the audit log, which is the same on both sides."""

    tables: Mapping[str, Tally]
    head: Head
    under_way: int
    """Messages that a process was just sending when it was ended: they go out again, marked as possible repeats."""

    @property
    def rows(self) -> int:
        """How many rows in all."""
        return sum(each.rows for each in self.tables.values())


@contextmanager
def opened(source: Database) -> Iterator[Transaction]:
    """A transaction of the source that can change nothing, and holds off everybody who would. Raises `CannotMove`."""
    path = source.engine.url.database
    if source.engine.dialect.name == "sqlite" and not (path and Path(path).is_file()):
        raise CannotMove(f"There is no file {path}.")
    with source.engine.begin() as connection:  # as one that writes: nobody else does meanwhile
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
        else:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        _let_it_take_long(connection)
        revision = revision_of(connection)
        if revision != HEAD:
            raise CannotMove(_other_schema(revision))
        transaction = Transaction(connection, source.clock.now())
        if runs := still_runs(transaction):
            raise CannotMove(runs)
        yield transaction


def _let_it_take_long(connection: sa.Connection) -> None:
    """One side may wait while the other works."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def _other_schema(revision: str | None) -> str:
    if revision is None:
        return "It is no database of apbot's."
    if revision > HEAD:
        return f"It is at revision {revision}, and this apbot knows revisions up to {HEAD}. Update apbot."
    return (
        f"It is at revision {revision}, and this apbot needs {HEAD}. Bring it up first: make a copy of it, and run "
        "`apbot db check` with APBOT_DATABASE_URL set to it."
    )


def see_that_it_is_empty(connection: sa.Connection) -> None:
    """Raises `CannotMove` where anything stands in the target."""
    held = [each.name for each in tables_of(connection) if connection.scalar(sa.select(sa.exists(each.table.select())))]
    if held:
        raise CannotMove(f"The new database is not empty: something stands in {', '.join(held)}. Give an empty one.")


def count(source: Transaction) -> int:
    """How many rows there are to be moved."""
    counts = (sa.select(sa.func.count()).select_from(each.table) for each in tables_of(source.connection))
    return sum(source.value(each) for each in counts)


def survey(source: Transaction) -> Moved:
    """What would be moved."""
    tables = tables_of(source.connection)
    return _moved(source, {each.name: tally(source.connection, each) for each in tables if _is_moved(each.name)})


def move(target: Transaction, source: Transaction, tell: Tell) -> Moved:
    """Copy everything, and compare both sides. Raises `CannotMove`, and then nothing of it may be committed."""
    _let_it_take_long(target.connection)
    see_that_it_is_empty(target.connection)
    moved = _moved(source, _copied(target.connection, source.connection, tell))
    if wrong := [name for name in differing(target.connection, moved.tables) if _is_moved(name)]:
        raise CannotMove(f"{wrong[0]} has not arrived as it was.")
    if (broken := verify(target, moved.head).broken) is not None:
        raise CannotMove(
            f"The audit log is not what was written (entry {broken.number}: {broken.why}). Look at the old database "
            "with `apbot audit verify`."
        )
    return moved


def _copied(target: sa.Connection, source: sa.Connection, tell: Tell) -> dict[str, Tally]:
    at = ("", 0)

    def told(table: str, row: int) -> None:
        nonlocal at
        at = table, row
        tell(table, row)

    try:
        return copy_tables(source, target, without=OF_THE_RUNNING, tell=told)
    except sa.exc.DBAPIError as problem:
        # What the driver says, without the values: they may be a pupil's.
        said = str(problem.orig).splitlines()[0][:200]
        raise CannotMove(
            f"The new database does not take one of the first {at[1]:,} rows of {at[0]} ({said})."
        ) from None


def _is_moved(table: str) -> bool:
    return table not in OF_THE_RUNNING


def _moved(source: Transaction, tables: Mapping[str, Tally]) -> Moved:
    under_way = sa.select(sa.func.count()).where(messages.c.lease.is_not(None), messages.c.next_at.is_not(None))
    return Moved(tables, read_chain_head(source), source.value(under_way))
