"""Bringing a database up to the newest schema.

A new database gets every table at once and the newest revision's mark; an older one is taken there by the
migrations, one after another. A test holds the two ways against each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.prepared import driver_cursor
from apbot.store.tables import metadata

HEAD = "0017"
"""The newest revision in migrations/versions."""

_version = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))


class NewerSchema(Exception):
    """The database was made by a newer apbot than this one."""


def upgrade(engine: sa.Engine) -> None:
    """Make the tables, or migrate those that are there. Raises `NewerSchema` rather than harm a newer database."""
    with engine.begin() as connection:
        if not set(sa.inspect(connection).get_table_names()) & set(metadata.tables):
            create(connection, metadata)
            return
        found = revision_of(connection)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise NewerSchema(f"the database is at revision {found}; this apbot knows revisions up to {HEAD}")
    migrate(engine)


def write_nothing(transaction: Transaction) -> None:
    """Write what stands there anyway. Raises whatever keeps the database from being written to: a full disk, a lock."""
    transaction.execute(sa.update(_version).values(version_num=_version.c.version_num))
    if transaction.connection.dialect.name == "postgresql":
        with driver_cursor(transaction.connection, _TAKES_ROOM) as cursor:
            cursor.execute(_TAKES_ROOM)


_TAKES_ROOM = (
    "SET LOCAL work_mem = '64kB'; SELECT count(*) FROM generate_series(1, 10000); SET LOCAL work_mem TO DEFAULT"
)
"""A changed row takes no room on PostgreSQL, where its page has some left. What is too much for the memory that it may
take does: it goes to a file beside the tables, and leaves nothing behind."""


def create(connection: sa.Connection, tables: sa.MetaData) -> None:
    """Make these tables, which are those of the newest revision, in a database that has none of them."""
    tables.create_all(connection)
    _version.create(connection, checkfirst=True)
    connection.execute(sa.insert(_version).values(version_num=HEAD))


def revision_of(connection: sa.Connection) -> str | None:
    """The revision that the database says it is at; None where it says none."""
    if not sa.inspect(connection).has_table(_version.name):
        return None
    found: str | None = connection.scalar(sa.select(_version.c.version_num))
    return found


def migrate(engine: sa.Engine, to: str = "head") -> None:
    """Run the migrations up to the revision `to`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection, _references_unchecked(connection), connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        if connection.dialect.name == "sqlite" and connection.execute(sa.text("PRAGMA foreign_key_check")).first():
            raise RuntimeError("after the migration rows speak of others that are not there: nothing was changed")


@contextmanager
def _references_unchecked(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by making another and removing the first, to which rows of others refer meanwhile.

    It can be told so only between transactions (https://sqlite.org/lang_altertable.html, section 7).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    (before,) = driver.execute("PRAGMA foreign_keys").fetchone()
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA foreign_keys = {before}")
