"""The built-in web chat: the platform behind the channel "web"."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from apbot.store.tables.base import Instant, metadata, new_id
from apbot.store.tables.personal import Personal, PersonalJson

NO_CARD = {"heading": "This can't be shown: the key that it was encrypted under is missing, or it was changed."}

signin_links = Table(
    "signin_links",
    metadata,
    new_id(),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=True),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    new_id(),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("expires_at", Instant, nullable=False),  # moved on while pages are opened, up to `ends_at`
    Column("ends_at", Instant, nullable=True),  # null: made before sign-ins were moved on
    Column("ended_at", Instant, nullable=True),
)

chat_lines = Table(
    "chat_lines",
    metadata,
    new_id(),
    Column("conversation", String(40), nullable=False),  # "person:12", "provider:3": the address
    Column("author_id", ForeignKey("people.id"), nullable=True),  # null: apbot
    Column("only_for_id", ForeignKey("people.id"), nullable=True),  # an answer that one member alone sees
    Column("message_id", ForeignKey("messages.id"), nullable=True),
    Column("text", Personal("chat_lines.text", None), nullable=False, default=""),
    Column("card", PersonalJson("chat_lines.card", NO_CARD), nullable=True),
    Column("at", Instant, nullable=False),
    Column("changed", Integer, nullable=False),  # grows over the whole table: what a live page asks for
    Index("ix_chat_lines_conversation_changed", "conversation", "changed"),
    Index("ix_chat_lines_changed", "changed"),
    Index(
        "ix_chat_lines_typed",
        "at",
        sqlite_where=text("message_id IS NULL"),
        postgresql_where=text("message_id IS NULL"),
    ),
    Index("ix_chat_lines_conversation_id", "conversation", "id"),
    Index("ix_chat_lines_message_id", "message_id", unique=True),  # a message is never shown twice
)
