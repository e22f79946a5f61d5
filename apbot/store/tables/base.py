"""What every table is made with: instants in UTC, keys, and the index of what is due."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


@lru_cache(maxsize=65_536)
def _instant(text: str | None) -> datetime | None:
    """SQLite keeps UTC without a zone. The same few instants are read over and over: a whole register has one start."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache(maxsize=65_536)
def _text(instant: datetime | None) -> str | None:
    """And the same few are written."""
    return None if instant is None else _utc(instant).isoformat(" ", "microseconds")[:26]


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """For SQLite the text in one step: the library's own way takes three."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        return _text

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime."""
        return None if value is None else _utc(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """SQLite's text in one step: instants are most of what is read."""
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        return _instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> Column[int]:
    """The integer key that every table has."""
    return Column("id", Integer, primary_key=True)


DUE: list[Column[datetime]] = []
"""Every column that says when something is due."""


def due(table: Table, *columns: str, name: str) -> None:
    """Index what is due, and only that: `columns` end with the instant that is null when nothing is."""
    instant = columns[-1]
    DUE.append(table.c[instant])
    Index(
        name,
        *(table.c[column] for column in columns),
        sqlite_where=text(f"{instant} IS NOT NULL"),
        postgresql_where=text(f"{instant} IS NOT NULL"),
    )
