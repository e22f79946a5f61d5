"""Ways to what apbot knows without signing in: calendars by a secret address, and keys of the read-only API."""

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, text

from apbot.store.tables.base import Instant, metadata, new_id

calendar_links = Table(
    "calendar_links",
    metadata,
    new_id(),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=True),
    Column("fetched_at", Instant, nullable=True),  # to the hour: a calendar asks all day long
    # One at a time: a new address ends the one before.
    Index(
        "uq_calendar_links_in_use",
        "person_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

api_keys = Table(
    "api_keys",
    metadata,
    new_id(),
    Column("name", String(80), nullable=False),
    Column("school_id", ForeignKey("schools.id"), nullable=True),  # null: every school
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=True),
    Column("used_at", Instant, nullable=True),  # to the minute
)
