"""Whatever stood in an older database stands there after the upgrade, however many processes begin it at once."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.clock import SystemClock
from apbot.store import migrate
from apbot.store.copying import Moved, tables_of
from apbot.store.database import Database
from apbot.store.tables import Instant


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Database]:
    """A database as the first apbot made it, with a row in every table."""
    made = Database(f"sqlite:///{tmp_path}/apbot.db", SystemClock())
    migrate.migrate(made.engine, "0001")
    with made.engine.begin() as connection:
        for each in tables_of(connection):
            connection.execute(sa.insert(each.table).values(_row(connection, each)))
    yield made
    made.close()


def _row(connection: sa.Connection, moved: Moved) -> dict[str, Any]:
    """A value for every column; of two owners, of whom there may be one, the first."""
    optional = {each["name"] for each in sa.inspect(connection).get_columns(moved.name) if each["nullable"]}
    owners = [each.name for each in moved.table.columns if each.foreign_keys and each.name in optional]
    return {
        each.name: None if each.name in owners[1:] else 1 if each.foreign_keys else _value(each)
        for each in moved.table.columns
    }


def _value(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, Instant):
        return datetime(2026, 9, 17, 8, 30, tzinfo=UTC)
    if isinstance(column.type, sa.Date):
        return date(2026, 9, 17)
    if isinstance(column.type, sa.JSON):
        return {"what": column.name}
    if isinstance(column.type, sa.String):
        return column.name[: column.type.length]
    return 1


def _held(database: Database, wanted: dict[str, tuple[str, ...]] | None = None) -> dict[str, list[Any]]:
    """The rows of each table, of these columns where some are given."""
    with database.engine.begin() as connection:
        return {
            each.name: connection.execute(
                sa.select(*(each.table.c[name] for name in (wanted[each.name] if wanted else each.columns)))
            ).all()
            for each in tables_of(connection)
            if wanted is None or each.name in wanted
        }  # fmt: skip


def test_every_row_of_the_first_schema_is_there_after_the_upgrade(old: Database) -> None:
    with old.engine.begin() as connection:
        columns = {each.name: each.columns for each in tables_of(connection)}
    before = _held(old)
    assert len(before) > 25
    assert all(len(rows) == 1 for rows in before.values())
    migrate.upgrade(old.engine)
    after = _held(old, columns)
    assert {name for name in before if after[name] != before[name]} == set()


def test_two_that_begin_the_upgrade_at_once_end_it_once(old: Database, tmp_path: Path) -> None:
    troubles: list[BaseException] = []

    def upgrade() -> None:
        database = Database(f"sqlite:///{tmp_path}/apbot.db", SystemClock())
        try:
            migrate.upgrade(database.engine)
        except BaseException as trouble:  # noqa: BLE001
            troubles.append(trouble)
        finally:
            database.close()

    both = [threading.Thread(target=upgrade) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(120)
    assert troubles == []
    with old.engine.begin() as connection:
        assert migrate.revision_of(connection) == migrate.HEAD
