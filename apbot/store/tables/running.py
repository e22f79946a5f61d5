"""What runs: the processes of apbot on this database, and what only one of them may do at a time."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, text

from apbot.store.tables.base import Instant, due, metadata, new_id

processes = Table(
    "processes",
    metadata,
    new_id(),
    Column("key", String(32), nullable=False, unique=True),
    Column("host", String(100), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("parts", JSON, nullable=False),  # what it does: ["delivery", "web"]
    Column("channels", JSON, nullable=False),  # what it can deliver on: ["slack", "web"]
    Column("conditions", JSON, nullable=True),  # how these do, by channel, where it knows: {"slack": {"since": ...}}
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

channel_troubles = Table(
    "channel_troubles",
    metadata,
    new_id(),
    Column("channel", String(20), nullable=False),
    Column("since", Instant, nullable=False),  # since when nothing was taken, or heard, there
    Column("said", String(200), nullable=False),  # "gives no answer"
    Column("remedy", String(300), nullable=False),  # what to do; "" where nobody knows
    Column("step", Integer, nullable=False, default=0),  # how often the admins have been told of it
    Column("next_at", Instant, nullable=True),  # when they are told again
    Column("ended_at", Instant, nullable=True),  # it works again, or is not used any more
    Index(
        "uq_channel_troubles_open",
        "channel",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
due(channel_troubles, "next_at", name="ix_channel_troubles_due")
"""Times at which a channel did not work: one for all processes, however many find it out."""
