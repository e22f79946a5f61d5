"""Every table. Instants are UTC; days and times of day are as the clock on the wall shows them.

Whatever can become due (a register, an entry's alert, an escalation, a school's day, a message) carries its own
`next_at`, null when nothing is to be done, with a partial index: finding what is due costs what is due.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime; SQLite keeps no zone, so it is given UTC without one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


DUE: list[Column[datetime]] = []
"""Every column that says when something is due."""


def _due(table: Table, *columns: str, name: str) -> None:
    """Index what is due, and only that: `columns` end with the instant that is null when nothing is."""
    instant = columns[-1]
    DUE.append(table.c[instant])
    Index(
        name,
        *(table.c[column] for column in columns),
        sqlite_where=text(f"{instant} IS NOT NULL"),
        postgresql_where=text(f"{instant} IS NOT NULL"),
    )


# The roster: who is who, who goes where, and when places are open.

schools = Table(
    "schools",
    metadata,
    _id(),
    Column("ref", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("telephone", String(40), nullable=False, default=""),
    Column("initials_in_chat", Boolean, nullable=False, default=True),
    Column("steps", JSON, nullable=True),  # an escalation policy of the school's own; null is the default one
)

providers = Table(
    "providers",
    metadata,
    _id(),
    Column("ref", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("telephone", String(40), nullable=False, default=""),
    Column("address", String(300), nullable=False, default=""),
    Column("registration", String(80), nullable=False, default=""),
    Column("activity", String(120), nullable=False, default=""),
    Column("hours", JSON, nullable=False),
)

people = Table(
    "people",
    metadata,
    _id(),
    Column("ref", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("email", String(200), nullable=False, default=""),
    Column("mobile", String(40), nullable=False, default=""),
    Column("starts_on", Date, nullable=True),
    Column("leaves_on", Date, nullable=True),  # the last day with access
)

roles = Table(
    "roles",
    metadata,
    _id(),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("role", String(40), nullable=False),
    Column("school_id", ForeignKey("schools.id"), nullable=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),
    CheckConstraint("school_id IS NULL OR provider_id IS NULL", name="one_organisation"),
    UniqueConstraint("person_id", "role", "school_id", "provider_id"),
    Index("ix_roles_school_id", "school_id"),
    Index("ix_roles_provider_id", "provider_id"),
)

pupils = Table(
    "pupils",
    metadata,
    _id(),
    Column("ref", String(40), nullable=False, unique=True),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("first_name", String(100), nullable=False),
    Column("last_name", String(100), nullable=False),
    Column("upn", String(20), nullable=False, default=""),
    Column("year_group", String(10), nullable=False, default=""),
    Column("social_worker", Boolean, nullable=False, default=False),
    Column("ends_on", Date, nullable=True),
    Index("ix_pupils_school_id", "school_id"),
)

placements = Table(
    "placements",
    metadata,
    _id(),
    Column("ref", String(80), nullable=False, unique=True),
    Column("pupil_id", ForeignKey("pupils.id"), nullable=False),
    Column("provider_id", ForeignKey("providers.id"), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=True),  # the last day
    Column("target_end_on", Date, nullable=True),
    Column("pattern", JSON, nullable=False),
    Column("hours", JSON, nullable=False),  # only what differs from the provider's
    Column("alert_minutes", Integer, nullable=False, default=30),
    Column("arranged_by", String(20), nullable=False, default="school"),
    Column("dual_registered", Boolean, nullable=False, default=False),
    Column("activity", String(120), nullable=False, default=""),
    Column("activity_code", String(2), nullable=False, default="B"),
    Column("transport", String(200), nullable=False, default=""),
    Column("calls_home", String(200), nullable=False, default=""),
    Column("key_worker_id", ForeignKey("people.id"), nullable=True),
    Column("touched_at", Instant, nullable=False),  # when the roster last changed what is expected
    Index("ix_placements_pupil_id", "pupil_id"),
    Index("ix_placements_provider_id", "provider_id"),
)

terms = Table(
    "terms",
    metadata,
    _id(),
    Column("school_id", ForeignKey("schools.id"), nullable=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),
    Column("name", String(80), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("first_week", String(1), nullable=False, default=""),  # "A", "B", or "" to go on from the last
    CheckConstraint("(school_id IS NULL) <> (provider_id IS NULL)", name="one_organisation"),
)

closures = Table(
    "closures",
    metadata,
    _id(),
    Column("school_id", ForeignKey("schools.id"), nullable=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("sessions", String(8), nullable=False, default="all day"),
    Column("kind", String(40), nullable=False),
    Column("note", String(200), nullable=False, default=""),
    CheckConstraint("(school_id IS NULL) <> (provider_id IS NULL)", name="one_organisation"),
)

covers = Table(
    "covers",
    metadata,
    _id(),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("covered_by_id", ForeignKey("people.id"), nullable=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("made_by_id", ForeignKey("people.id"), nullable=True),
    Column("made_at", Instant, nullable=False),
    Column("withdrawn_at", Instant, nullable=True),
    Index("ix_covers_ends_on", "ends_on"),
)

planned_absences = Table(
    "planned_absences",
    metadata,
    _id(),
    Column("pupil_id", ForeignKey("pupils.id"), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("sessions", String(8), nullable=False, default="all day"),
    Column("code", String(2), nullable=False),
    Column("made_by_id", ForeignKey("people.id"), nullable=True),
    Column("made_at", Instant, nullable=False),
    Column("withdrawn_at", Instant, nullable=True),
    Index("ix_planned_absences_pupil_id", "pupil_id"),
    Index("ix_planned_absences_ends_on", "ends_on"),
)

# The day: what is expected, what was said, what came of it.

school_days = Table(
    "school_days",
    metadata,
    _id(),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=True),
    UniqueConstraint("school_id", "day"),
)
_due(school_days, "next_at", name="ix_school_days_due")

openings = Table(
    "openings",
    metadata,
    _id(),
    Column("day", Date, nullable=False, unique=True),
    Column("next_at", Instant, nullable=True),  # when to work the day out again
)
_due(openings, "next_at", name="ix_openings_due")

registers = Table(
    "registers",
    metadata,
    _id(),
    Column("provider_id", ForeignKey("providers.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("session", String(2), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=True),
    UniqueConstraint("provider_id", "day", "session"),
    Index("ix_registers_day", "day"),
)
_due(registers, "next_at", name="ix_registers_due")

entries = Table(
    "entries",
    metadata,
    _id(),
    Column("register_id", ForeignKey("registers.id"), nullable=False),
    Column("placement_id", ForeignKey("placements.id"), nullable=False),
    Column("pupil_id", ForeignKey("pupils.id"), nullable=False),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),  # expected, excused, withdrawn
    Column("alert_minutes", Integer, nullable=False),
    Column("alert_at", Instant, nullable=True),  # null once it cannot become a non-arrival
    Column("alert_due", Instant, nullable=False),  # what alert_at was worked out as; kept
    Column("fact", String(20), nullable=True),  # the last thing said; the marks hold everything said
    Column("fact_at", Instant, nullable=True),  # arrived or left at
    Column("reason", String(40), nullable=True),
    Column("marked_by_id", ForeignKey("people.id"), nullable=True),
    Column("marked_at", Instant, nullable=True),
    Column("suggested_code", String(2), nullable=True),
    Column("suggested_why", String(200), nullable=True),
    Column("code", String(2), nullable=True),  # the school's own decision
    Column("code_by_id", ForeignKey("people.id"), nullable=True),
    Column("code_at", Instant, nullable=True),
    UniqueConstraint("register_id", "placement_id"),
    Index("ix_entries_pupil_id", "pupil_id"),
    Index("ix_entries_school_id_starts_at", "school_id", "starts_at"),
)
_due(entries, "alert_at", name="ix_entries_due")

UNRESOLVED = "coalesce(entries.code, entries.suggested_code) = 'N'"
"""The reason for the absence is not established. A query must say it in these words for the index to serve it."""
Index(
    "ix_entries_unresolved",
    entries.c.school_id,
    entries.c.starts_at,
    sqlite_where=text(UNRESOLVED.replace("entries.", "")),
    postgresql_where=text(UNRESOLVED.replace("entries.", "")),
)

marks = Table(
    "marks",
    metadata,
    _id(),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("fact", String(20), nullable=False),
    Column("fact_at", Instant, nullable=True),
    Column("reason", String(40), nullable=True),
    Column("made_by_id", ForeignKey("people.id"), nullable=True),
    Column("made_as", String(40), nullable=False),  # the role they had: "provider staff", "DSL"
    Column("made_at", Instant, nullable=False),
    Column("amends_because", String(200), nullable=False, default=""),  # "" for an original entry
    Index("ix_marks_entry_id", "entry_id"),
)

# What the school makes of it: `entries.code` is the code in force, here is every decision that led to it.

code_decisions = Table(
    "code_decisions",
    metadata,
    _id(),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("code", String(2), nullable=False),
    Column("nature", String(120), nullable=False, default=""),  # of the activity, beside B
    Column("comment", String(200), nullable=False, default=""),
    Column("made_by_id", ForeignKey("people.id"), nullable=True),
    Column("made_as", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("because", String(200), nullable=False, default=""),  # "" for the first decision
    Index("ix_code_decisions_entry_id", "entry_id"),
    Index("ix_code_decisions_made_at", "made_at"),
)

code_chases = Table(
    "code_chases",
    metadata,
    _id(),
    Column("school_day_id", ForeignKey("school_days.id"), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("looked_from", Instant, nullable=False),  # sessions since then that nobody has confirmed are listed
    Column("overdue_before", Instant, nullable=True),  # N from before then is chased
    Column("copied_before", Instant, nullable=True),  # ... and from before then the DSL gets a copy
)

escalations = Table(
    "escalations",
    metadata,
    _id(),
    Column("register_id", ForeignKey("registers.id"), nullable=False),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("kind", String(20), nullable=False),  # not arrived, left site, session not running
    Column("due_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("steps", JSON, nullable=False),  # the policy, frozen as it was when this opened
    Column("round", Integer, nullable=False, default=0),
    Column("step", Integer, nullable=False, default=0),
    Column("state", String(12), nullable=False),  # open, acknowledged, closed, stood down
    Column("next_at", Instant, nullable=True),
    Column("acknowledged_by_id", ForeignKey("people.id"), nullable=True),
    Column("acknowledged_at", Instant, nullable=True),
    Column("reminded_at", Instant, nullable=True),  # since the last acknowledgement
    Column("closed_at", Instant, nullable=True),
    Index("ix_escalations_register_id", "register_id"),
    Index("ix_escalations_school_id", "school_id"),
)
_due(escalations, "next_at", name="ix_escalations_due")

escalated = Table(
    "escalated",
    metadata,
    _id(),
    Column("escalation_id", ForeignKey("escalations.id"), nullable=False),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("outcome", String(60), nullable=True),
    Column("outcome_words", String(300), nullable=False, default=""),
    Column("outcome_by_id", ForeignKey("people.id"), nullable=True),
    Column("outcome_at", Instant, nullable=True),
    UniqueConstraint("escalation_id", "entry_id"),
    Index("ix_escalated_entry_id", "entry_id"),
)

# A safeguarding concern: the fact that a call was asked for, never what it is about.

concerns = Table(
    "concerns",
    metadata,
    _id(),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),  # null: raised by the school's own people
    Column("raised_by_id", ForeignKey("people.id"), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=True),
    Column("acknowledged_by_id", ForeignKey("people.id"), nullable=True),
    Column("acknowledged_at", Instant, nullable=True),
)
_due(concerns, "next_at", name="ix_concerns_due")
# Pressing again asks again; it does not open another.
Index(
    "ix_concerns_unanswered",
    concerns.c.school_id,
    concerns.c.raised_by_id,
    unique=True,
    sqlite_where=text("acknowledged_at IS NULL"),
    postgresql_where=text("acknowledged_at IS NULL"),
)

# Whether everybody who must be reached would be: once a day, before the day begins.

checks = Table(
    "checks",
    metadata,
    _id(),
    Column("day", Date, nullable=False, unique=True),
    Column("next_at", Instant, nullable=True),
    Column("stand_ins", JSON, nullable=True),  # the roles for which somebody else would be told: what is new is told
)
_due(checks, "next_at", name="ix_checks_due")

# What is said, and to whom.

addresses = Table(
    "addresses",
    metadata,
    _id(),
    Column("person_id", ForeignKey("people.id"), nullable=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),
    Column("channel", String(20), nullable=False),
    Column("address", String(200), nullable=False),
    Column("rank", Integer, nullable=False, default=0),  # the lowest is used first
    Column("disabled_at", Instant, nullable=True),
    Column("disabled_why", String(200), nullable=False, default=""),
    UniqueConstraint("channel", "address"),
    CheckConstraint("(person_id IS NULL) <> (provider_id IS NULL)", name="one_owner"),
    Index("ix_addresses_person_id", "person_id"),
    Index("ix_addresses_provider_id", "provider_id"),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    Column("kind", String(30), nullable=False),
    Column("subject_id", Integer, nullable=False),
    Column("round", Integer, nullable=False, default=0),
    Column("step", Integer, nullable=False, default=0),
    Column("recipient", String(30), nullable=False),  # "person:12", "provider:3"
    Column("person_id", ForeignKey("people.id"), nullable=True),  # who reads it; null where several do
    Column("channel", String(20), nullable=False),
    Column("address", String(200), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),  # when the first sending was due
    Column("state", String(10), nullable=False, default="owed"),  # owed, sent, cancelled, failed
    Column("wanted", Integer, nullable=False, default=1),  # grows with every change of what it should say
    Column("shown", Integer, nullable=False, default=0),  # the last `wanted` that the platform has accepted
    Column("next_at", Instant, nullable=True),
    Column("lease", String(40), nullable=True),
    Column("lease_until", Instant, nullable=True),
    Column("tries", Integer, nullable=False, default=0),
    Column("maybe_repeat", Boolean, nullable=False, default=False),
    Column("platform_ref", String(200), nullable=False, default=""),
    Column("heading", String(200), nullable=False, default=""),  # of the card as last accepted
    Column("sent_at", Instant, nullable=True),  # when the first sending was accepted
    Column("trouble", String(200), nullable=False, default=""),
    UniqueConstraint("kind", "subject_id", "round", "step", "recipient", "channel"),
    Index("ix_messages_subject", "kind", "subject_id"),
)
_due(messages, "channel", "priority", "next_at", name="ix_messages_due")

events = Table(
    "events",
    metadata,
    _id(),
    Column("channel", String(20), nullable=False),
    Column("event_id", String(100), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reply", JSON, nullable=True),
    UniqueConstraint("channel", "event_id"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=True),  # null: apbot itself, or the terminal
    Column("via", String(20), nullable=False),  # a channel's name, "schedule", "terminal"
    Column("what", String(60), nullable=False),
    Column("subject", String(60), nullable=False),  # "entry:12"
    Column("detail", JSON, nullable=False),
    Index("ix_audit_subject", "subject"),
)

# The built-in web chat: the platform behind the channel "web".

signin_links = Table(
    "signin_links",
    metadata,
    _id(),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=True),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    _id(),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=True),
)

chat_lines = Table(
    "chat_lines",
    metadata,
    _id(),
    Column("conversation", String(40), nullable=False),  # "person:12", "provider:3": the address
    Column("author_id", ForeignKey("people.id"), nullable=True),  # null: apbot
    Column("only_for_id", ForeignKey("people.id"), nullable=True),  # an answer that one member alone sees
    Column("message_id", ForeignKey("messages.id"), nullable=True),
    Column("text", Text, nullable=False, default=""),
    Column("card", JSON, nullable=True),
    Column("at", Instant, nullable=False),
    Column("changed", Integer, nullable=False),  # grows over the whole table: what a live page asks for
    Index("ix_chat_lines_conversation_changed", "conversation", "changed"),
    Index("ix_chat_lines_changed", "changed"),
    Index("ix_chat_lines_conversation_id", "conversation", "id"),
    Index("ix_chat_lines_message_id", "message_id", unique=True),  # a message is never shown twice
)
