"""Alerts: escalations, concerns, and whether everybody who must be reached would be."""

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from apbot.store.tables.base import Instant, due, metadata, new_id
from apbot.store.tables.personal import Personal, PersonalJson

escalations = Table(
    "escalations",
    metadata,
    new_id(),
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
due(escalations, "next_at", name="ix_escalations_due")

escalated = Table(
    "escalated",
    metadata,
    new_id(),
    Column("escalation_id", ForeignKey("escalations.id"), nullable=False),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("outcome", String(60), nullable=True),
    Column("outcome_words", Personal("escalated.outcome_words", 300), nullable=False, default=""),
    Column("outcome_by_id", ForeignKey("people.id"), nullable=True),
    Column("outcome_at", Instant, nullable=True),
    UniqueConstraint("escalation_id", "entry_id"),
    Index("ix_escalated_entry_id", "entry_id"),
)

# A safeguarding concern: the fact that a call was asked for, never what it is about.

concerns = Table(
    "concerns",
    metadata,
    new_id(),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),  # null: raised by the school's own people
    Column("raised_by_id", ForeignKey("people.id"), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=True),
    Column("acknowledged_by_id", ForeignKey("people.id"), nullable=True),
    Column("acknowledged_at", Instant, nullable=True),
    Column("pupil_id", ForeignKey("pupils.id"), nullable=True),  # where whoever raised it named one
    # Under which the safeguarding system keeps it.
    Column("reference", Personal("concerns.reference", 40), nullable=False, default=""),
)
due(concerns, "next_at", name="ix_concerns_due")
# Pressing again asks again; it does not open another.
Index(
    "ix_concerns_unanswered",
    concerns.c.school_id,
    concerns.c.raised_by_id,
    unique=True,
    sqlite_where=text("acknowledged_at IS NULL"),
    postgresql_where=text("acknowledged_at IS NULL"),
)

# A school's day on which nobody was asked, until somebody says that they see to its pupils.

missed_days = Table(
    "missed_days",
    metadata,
    Column("id", ForeignKey("school_days.id"), primary_key=True),
    Column("found_at", Instant, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=True),
    Column("acknowledged_by_id", ForeignKey("people.id"), nullable=True),
    Column("acknowledged_at", Instant, nullable=True),
)
due(missed_days, "next_at", name="ix_missed_days_due")

# Something that has happened at a provider: what kind, when, and whether the parents know. Never what it was.

incidents = Table(
    "incidents",
    metadata,
    new_id(),
    Column("placement_id", ForeignKey("placements.id"), nullable=False),
    Column("provider_id", ForeignKey("providers.id"), nullable=False),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("parents_told", String(10), nullable=False),  # yes, no, not yet
    Column("raised_by_id", ForeignKey("people.id"), nullable=False),
    Column("raised_as", String(40), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=True),
    Column("acknowledged_by_id", ForeignKey("people.id"), nullable=True),
    Column("acknowledged_at", Instant, nullable=True),
    Column("withdrawn_by_id", ForeignKey("people.id"), nullable=True),  # it was reported by mistake
    Column("withdrawn_at", Instant, nullable=True),
    Index("ix_incidents_placement_id_happened_at", "placement_id", "happened_at"),
    Index("ix_incidents_school_id_happened_at", "school_id", "happened_at"),
)
due(incidents, "next_at", name="ix_incidents_due")

# Whether everybody who must be reached would be: once a day, before the day begins.

checks = Table(
    "checks",
    metadata,
    new_id(),
    Column("day", Date, nullable=False, unique=True),
    Column("next_at", Instant, nullable=True),
    # What it found: told to the admins, and compared with the next.
    Column("report", PersonalJson("checks.report"), nullable=True),
)
due(checks, "next_at", name="ix_checks_due")
