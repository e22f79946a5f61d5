"""What a database is: its kind, its version, its schema, and whether it keeps the audit log by itself."""

from dataclasses import dataclass

import sqlalchemy as sa

from apbot.store.migrate import revision_of

KEEPERS = {
    "sqlite": frozenset({"audit_is_kept", "audit_is_not_shortened"}),
    "postgresql": frozenset({"audit_is_kept", "audit_is_not_shortened", "audit_is_not_emptied"}),
}
"""The triggers that keep the audit log append-only."""


@dataclass(frozen=True)
class Inspected:
    """What was found."""

    kind: str
    version: str
    revision: str
    """Of the schema."""
    size: int
    """Bytes."""
    missing_triggers: tuple[str, ...]
    trouble: str
    """What is damaged; "" where nothing is."""


def inspect(connection: sa.Connection) -> Inspected:
    """Ask the database about itself."""
    ask = _of_sqlite if connection.dialect.name == "sqlite" else _of_postgresql
    return ask(connection)


def _of_sqlite(connection: sa.Connection) -> Inspected:
    def value(sql: str) -> str:
        return str(connection.execute(sa.text(sql)).scalar_one())

    there = {row.name for row in connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))}
    checked = value("PRAGMA quick_check(1)")
    return Inspected(
        "SQLite",
        value("SELECT sqlite_version()"),
        revision_of(connection) or "",
        int(value("PRAGMA page_count")) * int(value("PRAGMA page_size")),
        tuple(sorted(KEEPERS["sqlite"] - there)),
        "" if checked == "ok" else checked,
    )


def _of_postgresql(connection: sa.Connection) -> Inspected:
    def value(sql: str) -> str:
        return str(connection.execute(sa.text(sql)).scalar_one())

    query = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgenabled <> 'D' AND NOT tgisinternal"
    there = {row.tgname for row in connection.execute(sa.text(query))}
    return Inspected(
        "PostgreSQL",
        value("SHOW server_version"),
        revision_of(connection) or "",
        int(value("SELECT pg_database_size(current_database())")),
        tuple(sorted(KEEPERS["postgresql"] - there)),
        "",
    )
