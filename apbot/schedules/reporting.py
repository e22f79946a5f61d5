"""Reports by the clock: the week to a school's leads on its first morning, the term to its governors after it."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.domain.duties.schooldays import next_school_day
from apbot.domain.priority import Priority
from apbot.domain.roles import Role
from apbot.domain.walltime import instant, local, local_date
from apbot.store.audit import SCHEDULE, note
from apbot.store.calendars import Calendars, load_calendars
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.people import load_teams
from apbot.store.prepared import Prepared
from apbot.store.reports.kept import TERM, TERM_REPORT, TOLD_AT, WEEK, WEEK_DIGEST, keep_report
from apbot.store.reports.termly import work_out_term
from apbot.store.reports.weekly import work_out_week
from apbot.store.tables import school_reports, schools

log = structlog.get_logger()

READERS = {WEEK: (Role.NAMED_LEAD, Role.HEAD, Role.DSL), TERM: (Role.GOVERNOR,)}
"""Everybody with one of these roles gets it, once each."""

MESSAGES = {WEEK: WEEK_DIGEST, TERM: TERM_REPORT}

UNTIL = time(18, 0)
"""What was to be told by day and was not, because apbot was down, is told on the next school day."""


_NAME = Prepared(sa.select(schools.c.name).where(schools.c.id == sa.bindparam("school_id")))

BATCH = 1
"""One at a time: over a school's year it takes a while, and an alert may be waiting."""


def report(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Work out these reports, keep them, and owe them to their readers."""
    calendars = load_calendars(transaction)
    today = local_date(transaction.now)
    for row in rows:
        if local(transaction.now).time() >= UNTIL or not calendars.school(row.school_id).is_school_day(today):
            _put_off(transaction, row, calendars, today)
        else:
            _make(transaction, row, calendars, today)


def _put_off(transaction: Transaction, row: Any, calendars: Calendars, today: date) -> None:
    day = next_school_day(calendars.school(row.school_id), today + timedelta(days=1))
    next_at = None if day is None else instant(day, TOLD_AT)
    transaction.update(school_reports, row.id, next_at=next_at)


def _make(transaction: Transaction, row: Any, calendars: Calendars, today: date) -> None:
    name = transaction.value(_NAME, school_id=row.school_id)
    made = (
        work_out_week(transaction, row.school_id, name, calendars, row.first_on, row.last_on)
        if row.kind == WEEK
        else work_out_term(transaction, row.school_id, name, row.first_on, row.last_on)
    )
    keep_report(transaction, row.id, row.kind, made)
    if made.is_empty:
        return
    team = load_teams(transaction, [row.school_id], today)[row.school_id]
    people = {
        person
        for role in READERS[row.kind]
        for holder in team.holders.get(role, ())
        if (person := holder.reached()) is not None
    }
    subject = Subject(MESSAGES[row.kind], row.id)
    owe(transaction, [Owed(subject, Priority.DIGEST, row.next_at, person) for person in sorted(people)])
    note(transaction, SCHEDULE, f"{row.kind} reported", f"school:{row.school_id}", readers=sorted(people))
    if not people:
        log.warning("nobody reads this report", school=row.school_id, kind=row.kind)
