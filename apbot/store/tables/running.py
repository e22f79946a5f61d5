"""What runs: the processes of apbot on this database, and what only one of them may do at a time."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table

from apbot.store.tables.base import Instant, metadata, new_id

processes = Table(
    "processes",
    metadata,
    new_id(),
    Column("key", String(32), nullable=False, unique=True),
    Column("host", String(100), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("parts", JSON, nullable=False),  # what it does: ["delivery", "web"]
    Column("channels", JSON, nullable=False),  # what it can deliver on: ["slack", "web"]
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),  # it writes so every few seconds
    Column("ended_at", Instant, nullable=True),  # it ended in good order
    Index("ix_processes_seen_at", "seen_at"),
)

leases = Table(
    "leases",
    metadata,
    new_id(),
    Column("name", String(60), nullable=False, unique=True),  # "listen telegram"
    Column("holder", String(32), nullable=False),  # a process's key
    Column("until", Instant, nullable=False),
)
"""What only one process may do at a time. Whoever holds it renews it; when it has run out, another may take it."""
