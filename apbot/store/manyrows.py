"""Many rows to PostgreSQL in one statement, as one JSON text.

The driver's way, a statement for each, takes nearly twice as long (benchmarks/statements.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.sql.visitors import replacement_traverse

Values = Mapping[str, Any]

KEY = "b_id"
"""The value by which an update finds its row: a statement for many rows changes each of them once."""

FEW = 3
"""Not worth another statement."""

GIVEN = "given"
_PLACE = "place"


def are_many(statement: Any, several: Sequence[Values]) -> bool:
    """Whether these sets of values can go to PostgreSQL as one statement, and are worth it."""
    if len(several) <= FEW:
        return False
    if statement.is_insert:
        return True
    return KEY in several[0] and len({each[KEY] for each in several}) == len(several)


@dataclass(frozen=True)
class ManyRows:
    """An insert or update, as a statement that takes all of its rows as the one value `GIVEN`."""

    statement: Any
    takes: Mapping[str, Callable[[Any], Any]]
    """What each value goes through on its way in."""

    def text(self, several: Sequence[Values]) -> str:
        """The rows, as the statement takes them."""
        rows = [
            {_PLACE: place, **{name: take(values[name]) for name, take in self.takes.items()}}
            for place, values in enumerate(several)
        ]
        return orjson.dumps(rows).decode()


def of_many(statement: Any, dialect: sa.Dialect, values: Values) -> ManyRows:
    """The same for many rows, of which `values` is the first."""
    compiled = statement.compile(dialect=dialect, column_keys=list(values) if statement.is_insert else None)
    types = {name: compiled.binds[name].type for name in values}
    columns = [sa.column(name, _passed_as(types[name])) for name in values]
    given = (
        sa.func.json_to_recordset(sa.cast(sa.bindparam(GIVEN, type_=sa.Text), sa.JSON))
        .table_valued(sa.column(_PLACE, sa.Integer), *columns)
        .render_derived(name=GIVEN, with_types=True)
    )

    def of(name: str) -> sa.ColumnElement[Any]:
        return sa.cast(given.c[name], sa.JSON) if _is_json(types[name]) else given.c[name]

    def replace(element: Any, **_: Any) -> Any:
        is_given = isinstance(element, sa.BindParameter) and element.key in types
        return of(element.key) if is_given else None

    if statement.is_insert:
        # In this order, so that their ids go up with it.
        rows = sa.select(*(of(name) for name in values)).order_by(given.c[_PLACE])
        whole = statement.from_select(list(values), rows)
    else:
        whole = replacement_traverse(statement, {}, replace)
    return ManyRows(whole, {name: _take(types[name], dialect) for name in values})


def _is_json(kind: Any) -> bool:
    return isinstance(getattr(kind, "impl_instance", kind), sa.JSON)


def _passed_as(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return sa.Text() if _is_json(kind) else kind


def _take(kind: Any, dialect: sa.Dialect) -> Callable[[Any], Any]:
    process = kind.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)
    # JSON goes as a text in this one: else its null would become the database's.
    return (lambda value: _text_of(process(value))) if _is_json(kind) else process


def _text_of(wrapped: Any) -> str | None:
    """Of the driver's own wrapper of what becomes JSON."""
    return None if wrapped is None else orjson.dumps(wrapped.obj).decode()
