"""Reports that are worked out once and kept as they were: the week for a school's leads, the term for its governors."""

from sqlalchemy import Column, Date, ForeignKey, String, Table, UniqueConstraint

from apbot.store.tables.base import Instant, due, metadata, new_id
from apbot.store.tables.personal import PersonalJson

school_reports = Table(
    "school_reports",
    metadata,
    new_id(),
    Column("school_id", ForeignKey("schools.id"), nullable=False),
    Column("kind", String(10), nullable=False),  # week, term
    Column("first_on", Date, nullable=False),  # the school days that it is about
    Column("last_on", Date, nullable=False),
    Column("next_at", Instant, nullable=True),  # when it is worked out, and owed to those it is for
    Column("made_at", Instant, nullable=True),
    # Of a week the pupils by reference and initials; of a term counts only.
    Column("report", PersonalJson("school_reports.report"), nullable=True),
    UniqueConstraint("school_id", "kind", "first_on"),
)
due(school_reports, "next_at", name="ix_school_reports_due")
