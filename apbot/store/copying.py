"""Copying tables whole from one database to another, or to a file and back, whatever their schema and their database.

The tables are read as they are there, not as this apbot would make them. A row is a list of plain JSON values, in the
order of its columns' names: the same row is the same line on SQLite and on PostgreSQL, so that its checksum is too.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from apbot.store.engines import READ_ONLY
from apbot.store.tables import Instant

BATCH = 1000
"""So many rows are read and written at a time: what is moved need not fit into memory."""

VERSION_TABLE = "alembic_version"
"""Says which revision the others have; it is made by the migrations, and never moved."""

Row = list[Any]

Tell = Callable[[str, int], None]
"""Told of a table, and of which of its rows it is the turn: the first is 1."""


@dataclass(frozen=True)
class Moved:
    """One table, ready to be read or written: its columns by name, and how their values become plain and back."""

    table: sa.Table
    columns: tuple[str, ...]
    plain: tuple[Callable[[Any], Any] | None, ...]
    real: tuple[Callable[[Any], Any] | None, ...]
    json: frozenset[str]
    """Columns of JSON, which go as the text that is stored: an empty value and the JSON word null are not the same."""

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.table.name)


class Tally(NamedTuple):
    """How many rows a table holds, and the SHA-256 over their lines."""

    rows: int
    sha256: str


class Tallying:
    """Counts the rows that go by."""

    def __init__(self) -> None:
        self._rows, self._sum = 0, hashlib.sha256()

    def add(self, line: bytes) -> None:
        """One more row, as the line that `line_of` makes of it."""
        self._rows += 1
        self._sum.update(line)

    @property
    def tally(self) -> Tally:
        """What went by so far."""
        return Tally(self._rows, self._sum.hexdigest())


def line_of(row: Row) -> bytes:
    """The row as one line."""
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one and the same state all through, and that nobody has to wait for."""
    with engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        if engine.dialect.name == "postgresql":  # whoever takes the rows may take their time
            connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection


def tables_of(connection: sa.Connection) -> list[Moved]:
    """Every table that is there but the mark of the revision; what others refer to comes before them."""
    inspector = sa.inspect(connection)
    keys, found = inspector.get_multi_foreign_keys(), sa.MetaData()
    for (schema, name), there in inspector.get_multi_columns().items():
        if name == VERSION_TABLE:
            continue
        leads = {
            key["constrained_columns"][0]: sa.ForeignKey(f"{key['referred_table']}.{key['referred_columns'][0]}")
            for key in keys[schema, name]
            if key["referred_table"] != name  # within a table the ids are in order
        }
        columns = [
            sa.Column(each["name"], _type(each["type"]), *([leads[each["name"]]] if each["name"] in leads else []))
            for each in sorted(there, key=lambda each: each["name"])
        ]
        sa.Table(name, found, *columns)
    return [_moved(table) for table in found.sorted_tables]


def _type(found: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return Instant() if isinstance(found, sa.DateTime) else found


def _moved(table: sa.Table) -> Moved:
    columns = list(table.columns)
    return Moved(
        table,
        tuple(each.name for each in columns),
        tuple(_plain(each.type) for each in columns),
        tuple(_real(each.type) for each in columns),
        frozenset(each.name for each in columns if isinstance(each.type, sa.JSON)),
    )


def _plain(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, Instant):
        return lambda value: value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(kind, sa.Date):
        return lambda value: value.isoformat()
    if isinstance(kind, sa.LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    return None


def _real(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, Instant):
        return datetime.fromisoformat
    if isinstance(kind, sa.Date):
        return date.fromisoformat
    if isinstance(kind, sa.LargeBinary):
        return lambda value: base64.b64decode(value, validate=True)
    return None


def read_rows(connection: sa.Connection, moved: Moved) -> Iterator[Row]:
    """Every row in the order of the ids, as plain values; a batch at a time is in memory."""
    query = sa.select(
        *(sa.cast(each, sa.Text) if each.name in moved.json else each for each in moved.table.columns)
    ).order_by(moved.table.c.id)
    for row in connection.execute(query.execution_options(stream_results=True, yield_per=BATCH)):
        yield [
            value if value is None or plain is None else plain(value)
            for value, plain in zip(row, moved.plain, strict=True)
        ]


def write_rows(connection: sa.Connection, moved: Moved, rows: Iterable[Row]) -> None:
    """Insert rows that `read_rows` gave, of a table with the same columns. Raises ValueError for any other."""
    values = {each.name: _bound(connection, each, moved) for each in moved.table.columns}
    insert = sa.insert(moved.table).values(values)
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        connection.execute(insert, [_real_row(moved, row) for row in batch])


def _bound(connection: sa.Connection, column: sa.Column[Any], moved: Moved) -> Any:
    if column.name not in moved.json:
        return sa.bindparam(f"b_{column.name}", type_=column.type)
    text = sa.bindparam(f"b_{column.name}", type_=sa.Text())
    return sa.cast(text, column.type) if connection.dialect.name == "postgresql" else text


def _real_row(moved: Moved, row: Row) -> dict[str, Any]:
    try:
        return {
            f"b_{name}": value if value is None or real is None else real(value)
            for name, value, real in zip(moved.columns, row, moved.real, strict=True)
        }
    except (TypeError, ValueError):
        raise ValueError(
            f"a row of {moved.name} has other columns, or other values in them, than belong there"
        ) from None


def tally(connection: sa.Connection, moved: Moved) -> Tally:
    """What a table holds."""
    counting = Tallying()
    for row in read_rows(connection, moved):
        counting.add(line_of(row))
    return counting.tally


def highest_id(connection: sa.Connection, name: str) -> int:
    """The highest id that a table has ever given, as far as the database remembers."""
    highest = int(connection.scalar(sa.text(f'SELECT max(id) FROM "{name}"')) or 0)
    if connection.dialect.name == "postgresql":
        if sequence := _sequence(connection, name):
            found = connection.scalar(sa.select(sa.func.pg_sequence_last_value(sa.cast(sequence, postgresql.REGCLASS))))
            highest = max(highest, int(found or 0))
        return highest
    if sa.inspect(connection).has_table("sqlite_sequence"):
        found = connection.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": name})
        return max(highest, int(found or 0))
    return highest


def go_on_after(connection: sa.Connection, name: str, highest: int) -> None:
    """The table's next id is higher than `highest`. On SQLite only where the table never gives an id twice."""
    if highest < 1:
        return
    if connection.dialect.name == "postgresql":
        if sequence := _sequence(connection, name):
            connection.execute(sa.select(sa.func.setval(sa.cast(sequence, postgresql.REGCLASS), highest)))
        return
    made = connection.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": name}
    )
    if "AUTOINCREMENT" in str(made).upper():
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
        connection.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :highest)"),
            {"name": name, "highest": highest},
        )


def _sequence(connection: sa.Connection, name: str) -> str | None:
    """What gives the table its ids; None where they are another table's."""
    found: str | None = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(name, "id")))
    return found


def copy_tables(
    source: sa.Connection,
    target: sa.Connection,
    *,
    without: frozenset[str] = frozenset(),
    tell: Tell = lambda *_: None,
) -> dict[str, Tally]:
    """Copy every row into a database that has the same tables, all of them empty; what was copied, by table.

    Those that `without` names are left out; `tell` is told of each row before it is written. Ids are kept, and the next
    ones come after them. Raises ValueError where the tables are not the same.
    """
    there = {each.name: each for each in tables_of(target)}
    here = tables_of(source)
    if {each.name: each.columns for each in here} != {each.name: each.columns for each in there.values()}:
        raise ValueError("the tables are not the same in both databases")
    copied = {}
    for each in here:
        if each.name in without:
            continue
        counting = Tallying()
        write_rows(target, there[each.name], _counted(read_rows(source, each), counting, partial(tell, each.name)))
        go_on_after(target, each.name, highest_id(source, each.name))
        copied[each.name] = counting.tally
    return copied


def differing(connection: sa.Connection, wanted: Mapping[str, Tally]) -> list[str]:
    """The tables whose rows are not what they should be, by name."""
    found = {each.name: tally(connection, each) for each in tables_of(connection)}
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))


def _counted(rows: Iterable[Row], counting: Tallying, tell: Callable[[int], None]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        counting.add(line_of(row))
        tell(number)
        yield row
