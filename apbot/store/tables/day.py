"""The day: what is expected, what was said, and what the school makes of it."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from apbot.store.tables.base import Instant, due, metadata, new_id
from apbot.store.tables.personal import Personal

school_days = Table(
    "school_days",
    metadata,
    new_id(),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=True),
    UniqueConstraint("school_id", "day"),
)
due(school_days, "next_at", name="ix_school_days_due")

openings = Table(
    "openings",
    metadata,
    new_id(),
    Column("day", Date, nullable=False, unique=True),
    Column("next_at", Instant, nullable=True),  # when to work the day out again
)
due(openings, "next_at", name="ix_openings_due")

unopened = Table(
    "unopened",
    metadata,
    new_id(),
    Column("day", Date, nullable=False),
    Column("pupil_id", ForeignKey("pupils.id"), nullable=False),
    Column("next_at", Instant, nullable=True),
    UniqueConstraint("day", "pupil_id"),
)
"""Where a day can't be opened for all, the pupils for whom it is not open yet."""
due(unopened, "next_at", name="ix_unopened_due")

registers = Table(
    "registers",
    metadata,
    new_id(),
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
due(registers, "next_at", name="ix_registers_due")

entries = Table(
    "entries",
    metadata,
    new_id(),
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
due(entries, "alert_at", name="ix_entries_due")

UNRESOLVED = "coalesce(entries.code, entries.suggested_code) = 'N'"
"""The reason for the absence is not established. A query must say it in these words for the index to serve it, as
`literal_column(UNRESOLVED)`: of a type, SQLite would be asked for `... = 1`, and not find the index."""
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
    new_id(),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("fact", String(20), nullable=False),
    Column("fact_at", Instant, nullable=True),
    Column("reason", String(40), nullable=True),
    Column("made_by_id", ForeignKey("people.id"), nullable=True),
    Column("made_as", String(40), nullable=False),  # the role they had: "provider staff", "DSL"
    Column("made_at", Instant, nullable=False),
    # "" for an original entry.
    Column("amends_because", Personal("marks.amends_because", 200), nullable=False, default=""),
    Index("ix_marks_entry_id", "entry_id"),
)

# What the school makes of it: `entries.code` is the code in force, here is every decision that led to it.

code_decisions = Table(
    "code_decisions",
    metadata,
    new_id(),
    Column("entry_id", ForeignKey("entries.id"), nullable=False),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("code", String(2), nullable=False),
    Column("nature", Personal("code_decisions.nature", 120), nullable=False, default=""),  # of the activity, beside B
    Column("comment", Personal("code_decisions.comment", 200), nullable=False, default=""),
    Column("made_by_id", ForeignKey("people.id"), nullable=True),
    Column("made_as", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("because", Personal("code_decisions.because", 200), nullable=False, default=""),  # "" for the first decision
    Index("ix_code_decisions_entry_id", "entry_id"),
    Index("ix_code_decisions_school_id_made_at", "school_id", "made_at"),
)

code_chases = Table(
    "code_chases",
    metadata,
    new_id(),
    Column("school_day_id", ForeignKey("school_days.id"), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("looked_from", Instant, nullable=False),  # sessions since then that nobody has confirmed are listed
    Column("overdue_before", Instant, nullable=True),  # N from before then is chased
    Column("copied_before", Instant, nullable=True),  # ... and from before then the DSL gets a copy
)
