"""Opening the day: each morning at its time, and again whenever something has changed what is expected.

A day on which apbot was not running at all is opened afterwards, and the schools are told that nobody was asked.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import sqlalchemy as sa
import structlog

from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.schedules.daily import plan_days
from apbot.store.audit import SCHEDULE, note
from apbot.store.database import Transaction
from apbot.store.due import due_now
from apbot.store.missed_days import keep_missed
from apbot.store.opening import open_day, open_missed_day
from apbot.store.prepared import Prepared
from apbot.store.tables import openings, registers

LOOKS_BACK = timedelta(days=28)
"""Days that were missed longer ago than this are not made up for: what was not known then is known by now, or never."""

log = structlog.get_logger()


def plan(transaction: Transaction, *, opens_at: str) -> None:
    """See to it that the opening of today, and of tomorrow, stands in the database."""
    plan_days(transaction, openings, opens_at)


_DUE = due_now(sa.select(openings.c.id, openings.c.day), openings)


_HAS_REGISTERS = Prepared(sa.select(sa.exists().where(registers.c.day == sa.bindparam("day")).label("any")))


def open_due(transaction: Transaction, *, opens_at: str, chased_at: str) -> bool:
    """Open the days whose time has come, or that a change has marked to be worked out again; whether any was."""
    today = local_date(transaction.now)
    due = transaction.rows(_DUE, now=transaction.now)
    for row in due:
        # A day to come that a change has marked is opened in its turn.
        later = instant(row.day, parse_wall(opens_at)) if row.day > today else None
        transaction.update(openings, row.id, next_at=later)
    if due:
        for day in _missed(transaction, min(row.day for row in due), today):
            _make_up_for(transaction, day, chased_at)
        if any(row.day == today for row in due):
            open_day(transaction, today, chased_at=chased_at)
        plan(transaction, opens_at=opens_at)
    return bool(due)


def _missed(transaction: Transaction, first: date, today: date) -> Iterator[date]:
    """The days from `first` on, until yesterday, that were never opened."""
    day = max(first, today - LOOKS_BACK)
    while day < today:
        if not transaction.value(_HAS_REGISTERS, day=day):
            yield day
        day += timedelta(days=1)


def _make_up_for(transaction: Transaction, day: date, chased_at: str) -> None:
    """Open a day that has gone by, and have each school's people told that nobody was asked."""
    missed = open_missed_day(transaction, day, chased_at=chased_at)
    if not missed:
        return
    untold = keep_missed(transaction, SCHEDULE, missed)
    note(transaction, SCHEDULE, "day missed", f"day:{day}", schools=len(missed), untold=len(untold))
    log.error("apbot was not running on a day on which pupils were expected", day=day.isoformat(), schools=len(missed))
