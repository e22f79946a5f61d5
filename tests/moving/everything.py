"""Rows in every table, with values that don't travel by themselves: letters, nothing, JSON's nothing, figures."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.tables import Instant, metadata

NOW = datetime(2026, 9, 17, 9, 0, 0, 123456, tzinfo=UTC)
JSONS = (
    {"é": [1, 1.5, -0.0, None, True, 'Zoë d’Arcy \U0001f600 \\ "'], "b": {}, "a": 12345678901},
    None,
    sa.null(),
)
"""Of a column that may hold nothing: something, JSON's null, and nothing."""


def fill(transaction: Transaction) -> None:
    """Rows for each table that is empty: three, or as many as there are in every table that it refers to."""
    for table in metadata.sorted_tables:
        if not _count(transaction, table):
            referred = [
                _count(transaction, key.column.table) for key in table.foreign_keys if key.column.table != table
            ]
            for number in range(min(3, *referred, 3)):
                transaction.execute(sa.insert(table), {column.name: _value(column, number) for column in table.c})


def _count(transaction: Transaction, table: sa.Table) -> int:
    return int(transaction.value(sa.select(sa.func.count()).select_from(table)))


def _value(column: sa.Column[Any], number: int) -> Any:
    if column.name == "provider_id" and column.nullable:
        return None  # what may belong to two belongs to one
    if column.primary_key or column.foreign_keys:
        return number + 1
    if isinstance(column.type, sa.JSON):
        return JSONS[number] if column.nullable else JSONS[0]
    if column.nullable and number == 2:
        return None
    if isinstance(column.type, Instant):
        return NOW + timedelta(microseconds=number)
    if isinstance(column.type, sa.Date):
        return date(2026, 10, 25) + timedelta(days=number)
    if isinstance(column.type, sa.Boolean):
        return number == 0
    if isinstance(column.type, sa.Integer):
        return 2_147_483_647 - number
    longest = getattr(column.type, "length", None) or 300
    return f"{number} Zoë\n'\"\\ %s :x {'é' * 300}"[:longest]
