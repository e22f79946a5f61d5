"""The weeks and the half-terms: what a school owes a placed pupil, what came of it, and what was said about it."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from apbot.store.tables.base import Instant, due, metadata, new_id
from apbot.store.tables.personal import Personal, PersonalJson

duties = Table(
    "duties",
    metadata,
    new_id(),
    Column("kind", String(30), nullable=False),
    Column("key", String(80), nullable=False, unique=True),  # what of, and which period: planned twice it is made once
    Column("school_id", ForeignKey("schools.id"), nullable=False),  # whose duty it is
    Column("placement_id", ForeignKey("placements.id"), nullable=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),  # what it is about, where that is no placement
    Column("about", String(120), nullable=False, default=""),  # which document, where there are several
    Column("opens_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("lapses_on", Date, nullable=True),  # the last day on which it can still be made up for; null: always
    Column("booked_on", Date, nullable=True),
    Column("handed_to_id", ForeignKey("people.id"), nullable=True),  # instead of the owner
    Column("state", String(12), nullable=False, default="open"),  # open, done, not due, missed, withdrawn
    Column("why", Personal("duties.why", 200), nullable=False, default=""),  # why it is not due
    Column("mentions", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=True),  # when somebody is told of it next
    Column("closed_at", Instant, nullable=True),
    Column("closed_by_id", ForeignKey("people.id"), nullable=True),
    Index("ix_duties_placement_id", "placement_id"),
    Index("ix_duties_provider_id", "provider_id"),
    Index("ix_duties_school_id_due_on", "school_id", "due_on"),
)
due(duties, "next_at", name="ix_duties_due")
Index(
    "ix_duties_open",
    duties.c.school_id,
    duties.c.lapses_on,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

plannings = Table(
    "plannings",
    metadata,
    new_id(),
    Column("day", Date, nullable=False, unique=True),
    Column("next_at", Instant, nullable=True),  # when to work out (again) what is owed on that day
)
due(plannings, "next_at", name="ix_plannings_due")

# What a provider was last told of where else a pupil goes.

others_told = Table(
    "others_told",
    metadata,
    new_id(),
    Column("placement_id", ForeignKey("placements.id"), nullable=False, unique=True),
    Column("fingerprint", String(32), nullable=False),
    Column("times", Integer, nullable=False),  # how often it was told anything
    Column("told_at", Instant, nullable=False),
)

# What was done: a contact, a visit, a review. Append only: one that corrects another names it.

duty_records = Table(
    "duty_records",
    metadata,
    new_id(),
    Column("kind", String(30), nullable=False),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("placement_id", ForeignKey("placements.id"), nullable=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=True),
    Column("duty_id", ForeignKey("duties.id"), nullable=True),  # the duty that it settled
    Column("happened_on", Date, nullable=False),
    Column("next_on", Date, nullable=True),  # when the next one is to be
    Column("given", PersonalJson("duty_records.given", {}), nullable=False),  # the answers, by the inputs' names
    Column("made_by_id", ForeignKey("people.id"), nullable=True),
    Column("made_as", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("amends_id", ForeignKey("duty_records.id"), nullable=True),
    Index(
        "ix_duty_records_amends_id",
        "amends_id",
        unique=True,  # one entry is amended by one: who comes second amends that one
        sqlite_where=text("amends_id IS NOT NULL"),
        postgresql_where=text("amends_id IS NOT NULL"),
    ),
    Index("ix_duty_records_placement_id_happened_on", "placement_id", "happened_on"),
    Index("ix_duty_records_provider_id_happened_on", "provider_id", "happened_on"),
    Index("ix_duty_records_school_id_made_at", "school_id", "made_at"),
    Index("ix_duty_records_duty_id", "duty_id"),
)

# One message for each person and morning, whatever it lists.

digests = Table(
    "digests",
    metadata,
    new_id(),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("day", Date, nullable=False),
    UniqueConstraint("person_id", "day"),
)

mentions = Table(
    "mentions",
    metadata,
    new_id(),
    Column("digest_id", ForeignKey("digests.id"), nullable=False),
    Column("duty_id", ForeignKey("duties.id"), nullable=False),
    Column("as_lead", Boolean, nullable=False, default=False),  # told because the owner has not done it
    UniqueConstraint("digest_id", "duty_id"),
    Index("ix_mentions_duty_id", "duty_id"),
)
