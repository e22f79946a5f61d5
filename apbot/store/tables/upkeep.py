"""What apbot does for its own upkeep: letting go of what was kept for long enough, the day in one line, and which keys
encrypt what is kept."""

from sqlalchemy import JSON, Column, Date, Integer, String, Table

from apbot.store.tables.base import Instant, due, metadata, new_id

retentions = Table(
    "retentions",
    metadata,
    new_id(),
    Column("day", Date, nullable=False, unique=True),
    Column("step", Integer, nullable=False, default=0),  # which kind of thing it is at
    Column("gone", JSON, nullable=True),  # how many of each kind
    Column("next_at", Instant, nullable=True),
)
due(retentions, "next_at", name="ix_retentions_due")

roundups = Table(
    "roundups",
    metadata,
    new_id(),
    Column("day", Date, nullable=False, unique=True),
    Column("next_at", Instant, nullable=True),  # when to look whether every register of the day is in
)
due(roundups, "next_at", name="ix_roundups_due")

name_keys = Table(
    "name_keys",
    metadata,
    new_id(),
    Column("key_id", String(8), nullable=False, unique=True),
    Column("proof", String(200), nullable=False),  # something known, encrypted under the key
    Column("first_used_at", Instant, nullable=False),
)
"""The keys under which something may be encrypted here: apbot does not start without them. Never a key itself."""
