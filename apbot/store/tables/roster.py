"""The roster: who is who, who goes where, and when places are open."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from apbot.store.tables.base import Instant, metadata, new_id
from apbot.store.tables.personal import Personal

schools = Table(
    "schools",
    metadata,
    new_id(),
    Column("ref", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("telephone", String(40), nullable=False, default=""),
    Column("initials_in_chat", Boolean, nullable=False, default=True),
    Column("steps", JSON, nullable=True),  # an escalation policy of the school's own; null is the default one
    Column("rhythms", JSON, nullable=True),  # how often contacts, visits ... are due; what is not said is the default
)

providers = Table(
    "providers",
    metadata,
    new_id(),
    Column("ref", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("telephone", String(40), nullable=False, default=""),
    Column("address", String(300), nullable=False, default=""),
    Column("registration", String(80), nullable=False, default=""),
    Column("registered", Boolean, nullable=True),  # as a school; null: nobody has said
    Column("registration_checked_on", Date, nullable=True),
    Column("activity", String(120), nullable=False, default=""),
    Column("hours", JSON, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    new_id(),
    Column("provider_id", ForeignKey("providers.id"), nullable=False),
    Column("kind", String(60), nullable=False),  # letter of assurance, insurance, a training, the fire drill
    Column("about", String(120), nullable=False, default=""),  # whose training, where there are several
    Column("dated_on", Date, nullable=True),
    Column("expires_on", Date, nullable=True),
    UniqueConstraint("provider_id", "kind", "about"),
)
"""What a provider has to show, and until when it holds."""

people = Table(
    "people",
    metadata,
    new_id(),
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
    new_id(),
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
    new_id(),
    Column("ref", String(40), nullable=False, unique=True),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("first_name", Personal("pupils.first_name", 100), nullable=False),
    Column("last_name", Personal("pupils.last_name", 100), nullable=False),
    Column("upn", Personal("pupils.upn", 20), nullable=False, default=""),
    Column("year_group", String(10), nullable=False, default=""),
    Column("social_worker", Boolean, nullable=False, default=False),
    Column("ehc_plan", Boolean, nullable=False, default=False),
    Column("looked_after", Boolean, nullable=False, default=False),
    Column("ends_on", Date, nullable=True),
    Index("ix_pupils_school_id", "school_id"),
)

placements = Table(
    "placements",
    metadata,
    new_id(),
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
    Column("transport", Personal("placements.transport", 200), nullable=False, default=""),
    Column("calls_home", Personal("placements.calls_home", 200), nullable=False, default=""),
    Column("key_worker_id", ForeignKey("people.id"), nullable=True),
    Column("rhythms", JSON, nullable=True),  # where they differ from the school's
    # What must be in place before the start (the start gate). A date says when it was done.
    Column("referred_on", Date, nullable=True),
    Column("authorised_by", Personal("placements.authorised_by", 120), nullable=False, default=""),
    Column("agreement_on", Date, nullable=True),  # the commissioning agreement was signed
    Column("aims", Personal("placements.aims", 300), nullable=False, default=""),
    Column("risk_shared_on", Date, nullable=True),  # risk information was exchanged
    Column("dsl_details_on", Date, nullable=True),  # the provider was given the DSL's details
    Column("review_dates", JSON, nullable=True),
    Column("meals", Personal("placements.meals", 120), nullable=False, default=""),
    # Why the whole week is less than full time.
    Column("rest_of_week", Personal("placements.rest_of_week", 200), nullable=False, default=""),
    Column("added_on", Date, nullable=True),  # what fell due before apbot knew of the placement is not asked for
    Column("touched_at", Instant, nullable=False),  # when the roster last changed what is expected
    Index("ix_placements_pupil_id", "pupil_id"),
    Index("ix_placements_provider_id", "provider_id"),
)

terms = Table(
    "terms",
    metadata,
    new_id(),
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
    new_id(),
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
    new_id(),
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
    new_id(),
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
