"""Reports as they are kept: planned for their morning, worked out once, and read again as they were."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from apbot.domain.calendar import Calendar
from apbot.domain.duties.schooldays import DAY, last_school_day, school_week, term_of
from apbot.domain.walltime import instant
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.reports.termly import TermReport
from apbot.store.reports.weekly import WeekReport
from apbot.store.tables import school_reports, schools

WEEK, TERM = "week", "term"
"""What a report is about."""

WEEK_DIGEST, TERM_REPORT = "week digest", "term report"
"""The kinds of message."""

TOLD_AT = time(8, 0)
"""On the wall, on the first school day after the week or the term."""

_ADAPTERS: dict[str, TypeAdapter[Any]] = {WEEK: TypeAdapter(WeekReport), TERM: TypeAdapter(TermReport)}


def plan_reports(transaction: Transaction, day: date) -> None:
    """See to it that every school with a school day on `day` gets its reports on the week and the term before."""
    known = {(row.school_id, row.kind): row.last_on for row in transaction.rows(_LAST)}
    transaction.insert_new(
        school_reports,
        [
            {
                "school_id": school_id,
                "kind": kind,
                "first_on": first,
                "last_on": last,
                "next_at": instant(day, TOLD_AT),
            }
            for school_id, calendar in load_calendars(transaction).schools.items()
            if calendar.is_school_day(day)
            for kind, first, last in _gone_by(calendar, day)
            if known.get((school_id, kind), date.min) < first
        ],
    )


_LAST = Prepared(
    sa.select(
        school_reports.c.school_id,
        school_reports.c.kind,
        sa.func.max(school_reports.c.last_on).label("last_on"),
    ).group_by(school_reports.c.school_id, school_reports.c.kind)
)


def _gone_by(calendar: Calendar, day: date) -> list[tuple[str, date, date]]:
    """The school week before that of `day`, and the term before that of `day`, where the calendar knows them."""
    found = []
    monday = day - timedelta(days=day.weekday())
    before = last_school_day(calendar, monday - DAY)
    week = school_week(calendar, before) if before is not None else None
    if week is not None:
        found.append((WEEK, week.first, week.last))
    here = term_of(calendar, day)
    before = last_school_day(calendar, here.first - DAY) if here is not None else None
    term = term_of(calendar, before) if before is not None else None
    if term is not None:
        found.append((TERM, term.first, term.last))
    return found


def keep_report(transaction: Transaction, report_id: int, kind: str, report: WeekReport | TermReport) -> None:
    """Keep the report as it is now."""
    kept = _ADAPTERS[kind].dump_python(report, mode="json")
    transaction.update(school_reports, report_id, report=kept, made_at=transaction.now, next_at=None)


@dataclass(frozen=True)
class Kept:
    """A report as it was kept, of the kind that was asked for."""

    id: int
    school_id: int
    initials_in_chat: bool
    made_at: datetime
    report: Any


def load_kept(transaction: Transaction, kind: str, ids: Iterable[int]) -> dict[int, Kept]:
    """These reports of one kind, by id, those that have been worked out."""
    rows = transaction.rows(
        sa.select(school_reports, schools.c.initials_in_chat)
        .join_from(school_reports, schools)
        .where(
            school_reports.c.id.in_(list(ids)),
            school_reports.c.kind == kind,
            school_reports.c.made_at.is_not(None),
        )
    )
    return {
        row.id: Kept(
            row.id,
            row.school_id,
            row.initials_in_chat,
            row.made_at,
            _ADAPTERS[kind].validate_python(row.report),
        )
        for row in rows
    }
