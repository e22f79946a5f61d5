"""Moving everything from one database to another: from SQLite to PostgreSQL when a school has grown, or back.

It is one transaction: the target holds all of it, compared row by row, or nothing. Ids stay what they are, so whatever
is owed, under way or remembered goes on where it stood. What is JSON goes over as the text that it is: nothing in it
is put into words anew.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from apbot.store.database import Database, Transaction
from apbot.store.inspecting import find_revision
from apbot.store.migrate import HEAD
from apbot.store.processes import SILENT_AFTER, load_processes
from apbot.store.sealing import Head, read_chain_head, verify
from apbot.store.tables import messages, metadata

OF_THE_RUNNING = frozenset({"processes", "leases"})
"""What tells of processes, none of which runs when their database is moved."""

AT_ONCE = 1000

TABLES = [table for table in metadata.sorted_tables if table.name not in OF_THE_RUNNING]
"""What is moved, each after those that it refers to."""


class CannotMove(Exception):
    """It can't be moved, and nothing was. The text says why, and what to do."""


@dataclass(frozen=True)
class Content:
    """What stands in one table: how many rows, and a checksum over every value of all of them, in the order of ids."""

    table: str
    rows: int
    checksum: str


@dataclass(frozen=True)
class Moved:
    """What was moved, or would be; and the head of the audit log, which is the same on both sides."""

    contents: Sequence[Content]
    head: Head
    under_way: int
    """Messages that a process was just sending when it was ended: they go out again, marked as possible repeats."""

    @property
    def rows(self) -> int:
        """How many rows in all."""
        return sum(each.rows for each in self.contents)


Tell = Callable[[str, int, int], None]
"""Told how it goes on: the table, how many of its rows are done, and of how many."""


@contextmanager
def opened(source: Database) -> Iterator[Transaction]:
    """A transaction of the source that can change nothing, and holds off everybody who would. Raises `CannotMove`."""
    path = source.engine.url.database
    is_file = source.engine.dialect.name == "sqlite"
    if is_file and not (path and Path(path).is_file()):
        raise CannotMove(f"There is no file {path}.")
    with source.engine.begin() as connection:
        _only_read(connection)
        revision = find_revision(connection)
        if revision != HEAD:
            raise CannotMove(_other_schema(revision))
        transaction = Transaction(connection, source.clock.now())
        for each in load_processes(transaction):
            if each.lives(transaction.now):
                raise CannotMove(
                    f"apbot still runs on it ({each.host}, process {each.pid}). Stop it first, and leave it stopped; "
                    f"where it was killed, wait {SILENT_AFTER.seconds} seconds."
                )
        yield transaction


def _only_read(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
    else:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        _let_it_take_long(connection)


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
    there = set(sa.inspect(connection).get_table_names())
    held = [table.name for table in metadata.sorted_tables if table.name in there and _count(connection, table)]
    if held:
        raise CannotMove(
            f"The database to move to is not empty: there is something in {', '.join(held)}. Give it a new one."
        )


def survey(source: Transaction, tell: Tell) -> Moved:
    """What would be moved."""
    return _moved(source, [_content(source.connection, table, tell) for table in TABLES])


def move(target: Transaction, source: Transaction, tell: Tell) -> Moved:
    """Copy everything, and compare both sides. Raises `CannotMove`, and then nothing of it may be committed."""
    _let_it_take_long(target.connection)
    see_that_it_is_empty(target.connection)
    contents = []
    for table in TABLES:
        content = _copy(source.connection, target.connection, table, tell)
        _go_on_counting(source.connection, target.connection, table)
        if (there := _content(target.connection, table)) != content:
            raise CannotMove(f"{table.name} has not arrived as it was: {content} became {there}.")
        contents.append(content)
    moved = _moved(source, contents)
    verified = verify(target, moved.head)
    if verified.broken is not None:
        raise CannotMove(
            f"The audit log is not what was written (entry {verified.broken.number}: {verified.broken.why}). Look at "
            "the old database with `apbot audit verify`."
        )
    return moved


def _moved(source: Transaction, contents: Sequence[Content]) -> Moved:
    under_way = sa.select(sa.func.count()).where(messages.c.lease.is_not(None), messages.c.next_at.is_not(None))
    return Moved(contents, read_chain_head(source), source.value(under_way))


def _copy(source: sa.Connection, target: sa.Connection, table: sa.Table, tell: Tell) -> Content:
    insert = _insert(table, target.dialect.name)

    def put(rows: Sequence[sa.Row[Any]]) -> None:
        try:
            target.execute(insert, [row._asdict() for row in rows])
        except sa.exc.DBAPIError as problem:
            raise CannotMove(
                f"{table.name}, rows with the ids {rows[0].id} to {rows[-1].id}: the new database does not take them "
                f"({_in_short(problem)})."
            ) from None

    return _content(source, table, tell, put)


def _content(
    connection: sa.Connection,
    table: sa.Table,
    tell: Tell | None = None,
    put: Callable[[Sequence[sa.Row[Any]]], None] | None = None,
) -> Content:
    """Read a table through, in batches by id; `put` is given each."""
    total = _count(connection, table)
    checksum, done = hashlib.sha256(), 0
    for rows in _batches(connection, table):
        for row in rows:
            checksum.update(orjson.dumps(tuple(row)))
        if put is not None:
            put(rows)
        done += len(rows)
        if tell is not None:
            tell(table.name, done, total)
    return Content(table.name, done, checksum.hexdigest())


def _batches(connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[sa.Row[Any]]]:
    query = sa.select(*map(_as_it_stands, table.c)).order_by(table.c.id).limit(AT_ONCE)
    last = None
    while rows := connection.execute(query if last is None else query.where(table.c.id > last)).all():
        yield rows
        last = rows[-1].id


def _as_it_stands(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(column, sa.Text).label(column.name) if isinstance(column.type, sa.JSON) else column


def _insert(table: sa.Table, dialect: str) -> sa.Insert:
    """JSON is given as text. SQLite keeps it as that; PostgreSQL is to be told what it is."""

    def value(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        if not isinstance(column.type, sa.JSON):
            return sa.bindparam(column.name, type_=column.type)
        text = sa.bindparam(column.name, type_=sa.Text())
        return sa.cast(text, column.type) if dialect == "postgresql" else text

    return sa.insert(table).values({column.name: value(column) for column in table.c})


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _go_on_counting(source: sa.Connection, target: sa.Connection, table: sa.Table) -> None:
    """The next id is one that no row has ever had, of those that are gone too."""
    highest = max(_highest_given(source, table), target.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0)
    if not highest:
        return
    if target.dialect.name == "postgresql":
        target.execute(_NEXT_AFTER, {"table": table.name, "highest": highest})
    elif table.dialect_options["sqlite"]["autoincrement"]:
        target.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        target.execute(
            sa.text("INSERT INTO sqlite_sequence VALUES (:name, :seq)"), {"name": table.name, "seq": highest}
        )


_NEXT_AFTER = sa.text(
    "SELECT setval(name, :highest) FROM pg_get_serial_sequence(:table, 'id') AS name WHERE name <> ''"
)


def _highest_given(connection: sa.Connection, table: sa.Table) -> int:
    if connection.dialect.name == "sqlite":
        if not table.dialect_options["sqlite"]["autoincrement"]:
            return 0
        found = connection.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        return int(found.scalar() or 0)
    name = connection.execute(sa.text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": table.name}).scalar()
    if name is None:
        return 0
    row = connection.execute(sa.text(f"SELECT last_value, is_called FROM {name}")).one()
    return int(row.last_value) if row.is_called else 0


def _in_short(problem: sa.exc.DBAPIError) -> str:
    """What the driver says, without the values: they may be a pupil's."""
    return str(problem.orig).splitlines()[0][:200] if problem.orig is not None else type(problem).__name__
