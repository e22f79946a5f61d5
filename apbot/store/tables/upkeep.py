"""What apbot does for its own upkeep: letting go by night of what has been kept long enough; the day in one line."""

from sqlalchemy import JSON, Column, Date, Integer, Table

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
