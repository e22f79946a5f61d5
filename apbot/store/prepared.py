"""Statements that run for every tap: put together once by SQLAlchemy, with its types, then given to the driver.

A tap runs a dozen statements. SQLAlchemy's own way to the driver takes four times as long as this one, although it
keeps what it has put together (benchmarks/statements.py).
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

import sqlalchemy as sa

from apbot.store.manyrows import GIVEN, ManyRows, are_many, of_many
from apbot.store.tables.personal import cipher_of

MOST_SHAPES = 200
"""Of one statement so many are kept, one for each length of the lists it is given."""

LONGEST_FILLED_UP = 4096
"""Longer lists are left as they are: databases take so many values and no more."""

Values = Mapping[str, Any]


class Prepared:
    """A statement, kept as a constant, whose values are `bindparam`s, or the columns of an insert.

    Made once and run through `Transaction`. Its rows are named tuples.
    """

    def __init__(self, statement: sa.Executable) -> None:
        """A select, insert, update or delete. Nothing is put together until it is run."""
        self._statement = statement
        self._is_insert = isinstance(statement, sa.Insert)
        self._shapes: dict[tuple[Any, ...], _Shape] = {}
        self._for_many: dict[tuple[Any, ...], tuple[Prepared, ManyRows]] = {}
        self._lists: Sequence[str] | None = None
        """The values that are lists, each length of which makes another shape; known once one is put together."""

    def rows(self, connection: sa.Connection, values: Values) -> list[Any]:
        """The rows it gives."""
        shape, (filled,) = self._shape(connection.dialect, [values])
        return cast("list[Any]", shape.run(connection, [filled], lambda cursor: shape.rows(cursor.fetchall())))

    def rows_of_each(self, connection: sa.Connection, several: Sequence[Values]) -> list[Any]:
        """The one row that an insert gives for each of several sets of the same values, in their order, by its id."""
        if self._goes_as_one(connection, several):
            one, given = self._as_one(connection.dialect, several)
            return sorted(one.rows(connection, given))
        shape, filled = self._shape(connection.dialect, several)
        return shape.run_one_by_one(connection, filled)

    def change(self, connection: sa.Connection, several: Sequence[Values]) -> int:
        """Run it for each of several sets of the same values; how many rows it changed."""
        if self._goes_as_one(connection, several):
            one, given = self._as_one(connection.dialect, several)
            return one.change(connection, [given])
        shape, filled = self._shape(connection.dialect, several)
        return cast("int", shape.run(connection, filled, lambda cursor: cursor.rowcount))

    def _goes_as_one(self, connection: sa.Connection, several: Sequence[Values]) -> bool:
        if connection.dialect.name != "postgresql" or not are_many(self._statement, several):
            return False
        return not self._known_lists(connection.dialect, several[0])

    def _as_one(self, dialect: sa.Dialect, several: Sequence[Values]) -> "tuple[Prepared, Values]":
        """The statement for all of these at once, and the value that it takes."""
        key = self._key(dialect, several[0])
        if key not in self._for_many:
            many = of_many(self._statement, dialect, several[0])
            self._for_many[key] = Prepared(many.statement), many
        one, many = self._for_many[key]
        return one, {GIVEN: many.text(several)}

    def _shape(self, dialect: sa.Dialect, several: Sequence[Values]) -> "tuple[_Shape, Sequence[Values]]":
        """The shape for these values, and the values as it takes them."""
        if lists := self._known_lists(dialect, several[0]):
            several = [{**each, **{name: _filled_up(each[name]) for name in lists}} for each in several]
        key = self._key(dialect, several[0])
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= MOST_SHAPES:
                self._shapes.clear()
            shape = self._shapes[key] = _put_together(self._statement, dialect, several[0])
        return shape, several

    def _known_lists(self, dialect: sa.Dialect, values: Values) -> Sequence[str]:
        if self._lists is None:
            self._lists = _put_together(self._statement, dialect, values).lists
        return self._lists

    def _key(self, dialect: sa.Dialect, values: Values) -> tuple[Any, ...]:
        lengths = [len(values[name]) for name in self._lists or ()]
        columns = values if self._is_insert else ()
        return (dialect.name, cipher_of(dialect), *columns, *lengths)


def _filled_up(values: Sequence[Any]) -> Sequence[Any]:
    """The list with its last value again and again, until it is as long as a power of two.

    What is in it stays the same, and a statement is put together for a dozen lengths in place of each.
    """
    length = len(values)
    if not 2 < length <= LONGEST_FILLED_UP:
        return values
    return [*values, *[values[-1]] * ((1 << (length - 1).bit_length()) - length)]


class driver_cursor:  # noqa: N801  (used like a function)
    """The driver's own cursor, for the length of a block; its errors become SQLAlchemy's, without values."""

    def __init__(self, connection: sa.Connection, sql: str) -> None:
        """`sql` is what will be run."""
        self._connection = connection
        self._sql = sql

    def __enter__(self) -> Any:
        """Open it."""
        self._cursor = self._connection.connection.cursor()
        return self._cursor

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        """Close it."""
        dialect = self._connection.dialect
        driver = dialect.loaded_dbapi
        is_lost = isinstance(problem, driver.Error) and dialect.is_disconnect(
            problem, self._connection.connection.dbapi_connection, self._cursor
        )
        self._cursor.close()
        if is_lost:
            self._connection.invalidate(problem)  # else the pool would hand it out again
        if isinstance(problem, driver.Error):
            ours = sa.exc.DBAPIError.instance(
                self._sql, None, problem, driver.Error, hide_parameters=True, dialect=dialect
            )
            raise ours from problem


@dataclass(frozen=True)
class _Shape:
    """The SQL for lists of these lengths, and how values and rows pass between it and the driver."""

    sql: str
    names: Sequence[str] | None
    """Of the parameters, where the driver takes them by name."""
    takes: Sequence[Callable[[Values], Any]]
    """Each takes one parameter out of the values."""
    row: Callable[[Sequence[Any]], Any]
    lists: Sequence[str]
    """The names of the values that are lists."""
    makes: Sequence[tuple[int, Callable[[Any], Any]]]
    """What is made of what the driver gives, at which place of a row."""

    def run(self, connection: sa.Connection, several: Sequence[Values], answer: Callable[[Any], Any]) -> Any:
        with driver_cursor(connection, self.sql) as cursor:
            if len(several) == 1:
                cursor.execute(self.sql, self._parameters(several[0]))
            else:
                cursor.executemany(self.sql, [self._parameters(each) for each in several])
            return answer(cursor)

    def run_one_by_one(self, connection: sa.Connection, several: Sequence[Values]) -> list[Any]:
        with driver_cursor(connection, self.sql) as cursor:
            return self.rows([cursor.execute(self.sql, self._parameters(each)).fetchone() for each in several])

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        if not self.makes or not found:
            return list(map(self.row, found))
        columns: list[Iterable[Any]] = list(zip(*found, strict=True))
        for place, make in self.makes:
            columns[place] = map(make, columns[place])
        return list(map(self.row, zip(*columns, strict=True)))

    def _parameters(self, values: Values) -> Any:
        taken = [take(values) for take in self.takes]
        return taken if self.names is None else dict(zip(self.names, taken, strict=True))


def _put_together(statement: Any, dialect: sa.Dialect, values: Values) -> _Shape:
    compiled = statement.compile(dialect=dialect, column_keys=list(values) if statement.is_insert else None)
    state = compiled.construct_expanded_state(dict(values), escape_names=False)
    whole = {part: (name, at) for name, each in state.parameter_expansion.items() for at, part in enumerate(each)}
    columns = [each["name"] for each in _columns(statement)]
    row: Any = namedtuple("Row", columns)  # type: ignore[misc]  # which columns is known only now
    fixed = state.parameters | {column.key: _default(column) for column in compiled.insert_prefetch}
    parts = tuple(state.positiontup or state.parameters)

    def take(part: str) -> Callable[[Values], Any]:
        name, at = whole.get(part, (part, None))
        process = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        if name not in values:
            constant = process(fixed[part]) if process else fixed[part]
            return lambda _: constant
        if at is None:
            return (lambda values: process(values[name])) if process else itemgetter(name)
        return (lambda values: process(values[name][at])) if process else (lambda values: values[name][at])

    makes = [each["type"].dialect_impl(dialect).result_processor(dialect, None) for each in _columns(statement)]
    return _Shape(
        sql=state.statement,
        names=None if compiled.positional else parts,
        takes=[take(part) for part in parts],
        row=row._make,
        lists=[name for name in state.parameter_expansion if name in values],
        makes=[(at, make) for at, make in enumerate(makes) if make is not None],
    )


def _columns(statement: Any) -> Sequence[Mapping[str, Any]]:
    if statement.is_dml:
        return cast("Sequence[Mapping[str, Any]]", statement.returning_column_descriptions)
    return cast("Sequence[Mapping[str, Any]]", statement.column_descriptions)


def _default(column: sa.Column[Any]) -> Any:
    default = column.default
    if default is None or not default.is_scalar:
        raise TypeError(f"{column} needs a value of its own")
    return cast("sa.ColumnDefault", default).arg
