"""What is said, and to whom: addresses, messages, what came in, and the audit log."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from apbot.store.tables.append_only import append_only
from apbot.store.tables.base import Instant, due, metadata, new_id
from apbot.store.tables.personal import Personal, PersonalJson

NO_BUTTON = {"buttons": [{"label": "", "verb": "unreadable"}]}
NO_ANSWER = {"card": None, "kept": True}
STANDING = "put_away_at IS NULL AND sent_at IS NOT NULL"
EVENT_LENGTH = 100
ADDRESS_LENGTH = 200
OWNED = "channel NOT IN ('email', 'sms')"

channels = Table(
    "channels",
    metadata,
    new_id(),
    Column("name", String(20), nullable=False, unique=True),
)
"""The channels that a living process delivers on, besides the built-in one: an address on any other reaches nobody."""

addresses = Table(
    "addresses",
    metadata,
    new_id(),
    Column("person_id", ForeignKey("people.id"), nullable=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),
    Column("channel", String(20), nullable=False),
    Column("address", String(ADDRESS_LENGTH), nullable=False),
    Column("rank", Integer, nullable=False, default=0),  # the lowest is used first
    Column("disabled_at", Instant, nullable=True),
    Column("disabled_why", String(200), nullable=False, default=""),
    # What the platform needs besides, to post there: a conversation reference, a topic.
    Column("detail", JSON, nullable=True),
    UniqueConstraint("channel", "address", "person_id"),
    CheckConstraint("(person_id IS NULL) <> (provider_id IS NULL)", name="one_owner"),
    Index("ix_addresses_person_id", "person_id"),
    Index("ix_addresses_provider_id", "provider_id"),
    # Who writes from an address in a chat is its owner; an inbox may be shared.
    Index(
        "uq_addresses_owner",
        "channel",
        "address",
        unique=True,
        sqlite_where=text(OWNED),
        postgresql_where=text(OWNED),
    ),
    # Messages speak of an address by its id after it is gone: no other may ever have it.
    sqlite_autoincrement=True,
)

link_codes = Table(
    "link_codes",
    metadata,
    new_id(),
    Column("person_id", ForeignKey("people.id"), nullable=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("half_hash", String(64), nullable=False, default=""),  # of its first half: by which wrong tries are known
    Column("wrong_tries", Integer, nullable=False, default=0),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=True),
    CheckConstraint("(person_id IS NULL) <> (provider_id IS NULL)", name="one_owner"),
    Index("ix_link_codes_half_hash", "half_hash"),
)

guesses = Table(
    "guesses",
    metadata,
    new_id(),
    Column("kind", String(40), nullable=False),  # "link code, slack"
    Column("who_hash", String(64), nullable=False),  # of who guessed, who may be a stranger; "" for all together
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False, default=0),
    UniqueConstraint("kind", "who_hash"),
)
"""Secrets that opened nothing: how many since when, so that guessing comes to an end."""

questions = Table(
    "questions",
    metadata,
    new_id(),
    Column("channel", String(20), nullable=False),
    Column("address", String(ADDRESS_LENGTH), nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),  # who was asked, and who alone may answer
    Column("button", PersonalJson("questions.button", NO_BUTTON), nullable=False),  # what was pressed, with its inputs
    Column("given", PersonalJson("questions.given", {}), nullable=False),  # the answers so far, by the inputs' names
    Column("message_id", ForeignKey("messages.id"), nullable=True),  # what it was pressed on
    Column("platform_ref", String(100), nullable=False, default=""),  # the question as the platform names it
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant, nullable=True),
    Index("ix_questions_platform_ref", "channel", "address", "platform_ref"),
)
"""What was asked back in a chat that has no forms, one input after another."""

kept_secrets = Table(
    "kept_secrets",
    metadata,
    new_id(),
    Column("name", String(40), nullable=False, unique=True),
    Column("secret", String(100), nullable=False),
)
"""Secrets that apbot makes for itself, such as what its links are signed with."""

messages = Table(
    "messages",
    metadata,
    new_id(),
    Column("kind", String(30), nullable=False),
    Column("subject_id", Integer, nullable=False),
    Column("round", Integer, nullable=False, default=0),
    Column("step", Integer, nullable=False, default=0),
    Column("recipient", String(30), nullable=False),  # "person:12", "provider:3"
    Column("person_id", ForeignKey("people.id"), nullable=True),  # who reads it; null where several do
    Column("channel", String(20), nullable=False),
    Column("address", String(ADDRESS_LENGTH), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),  # when the first sending was due
    Column("state", String(10), nullable=False, default="owed"),  # owed, sent, cancelled, failed
    Column("wanted", Integer, nullable=False, default=1),  # grows with every change of what it should say
    Column("shown", Integer, nullable=False, default=0),  # the last `wanted` that the platform has accepted
    Column("next_at", Instant, nullable=True),
    Column("lease", String(40), nullable=True),
    Column("lease_until", Instant, nullable=True),
    Column("tries", Integer, nullable=False, default=0),
    Column("tried_at", Instant, nullable=True),  # the last try in vain, since when it is put off
    Column("maybe_repeat", Boolean, nullable=False, default=False),
    Column("platform_ref", String(500).with_variant(Text(), "postgresql"), nullable=False, default=""),  # of every part
    Column("heading", Personal("messages.heading", 200), nullable=False, default=""),  # of the card as last accepted
    Column("sent_at", Instant, nullable=True),  # when the first sending was accepted
    Column("trouble", String(200), nullable=False, default=""),
    Column("put_away_at", Instant, nullable=True),  # since when it is to say no more than what it was about
    UniqueConstraint("kind", "subject_id", "round", "step", "recipient", "channel"),  # finds it by its subject, too
    Index("ix_messages_address", "channel", "address", "sent_at"),
    Index("ix_messages_standing", "sent_at", sqlite_where=text(STANDING), postgresql_where=text(STANDING)),
)
due(messages, "channel", "priority", "next_at", name="ix_messages_due")

events = Table(
    "events",
    metadata,
    new_id(),
    Column("channel", String(20), nullable=False),
    Column("event_id", String(EVENT_LENGTH), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reply", PersonalJson("events.reply", NO_ANSWER), nullable=True),
    UniqueConstraint("channel", "event_id"),
)

audit = Table(
    "audit",
    metadata,
    new_id(),
    Column("at", Instant, nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=True),  # null: apbot itself, or the terminal
    Column("via", String(20), nullable=False),  # a channel's name, "schedule", "terminal"
    Column("what", String(60), nullable=False),
    Column("subject", String(60), nullable=False),  # "entry:12"
    Column("detail", JSON, nullable=False),
    # The seals make a chain: each says what its entry is, and that it comes after all those before it.
    Column("next_at", Instant, nullable=True),  # when it is to be sealed; null once it is
    Column("number", Integer, nullable=True),  # its place in the chain
    Column("seal", String(64), nullable=True),
    Index("ix_audit_subject", "subject"),
    Index(
        "uq_audit_number",
        "number",
        unique=True,
        sqlite_where=text("number IS NOT NULL"),
        postgresql_where=text("number IS NOT NULL"),
    ),
)
due(audit, "next_at", name="ix_audit_due")
append_only(audit)
