"""A long list in parts: databases limit how many values one statement may carry."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from apbot.store.database import Transaction

T = TypeVar("T")

AT_ONCE = 500
"""So many values go into one statement."""


def in_parts(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The values in order, at most `size` at a time."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def rows_in(
    transaction: Transaction, query: sa.Select[Any], column: sa.ColumnElement[Any], values: Iterable[Any]
) -> Iterator[sa.Row[Any]]:
    """The rows of `query` in which `column` is one of the values; in its order only within each part."""
    for part in in_parts(values):
        yield from transaction.rows(query.where(column.in_(part)))
