"""Opening the day: each morning at its time, and again whenever something has changed what is expected.

A day on which apbot was not running at all is opened afterwards, and the schools are told that nobody was asked. A day
that can't be opened for all, because something is wrong with one of them, is opened for each pupil alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.schedules.daily import plan_days
from apbot.store.audit import SCHEDULE, note
from apbot.store.database import Transaction
from apbot.store.missed_days import keep_missed
from apbot.store.opening import open_day, open_missed_day
from apbot.store.prepared import Prepared
from apbot.store.savepoints import TransactionLost
from apbot.store.tables import openings, pupils, registers, unopened

LOOKS_BACK = timedelta(days=28)
"""Days that were missed longer ago than this are not made up for: what was not known then is known by now, or never."""

BATCH = 31
"""So many days are opened in one transaction: of those gone by, none has anything but what was missed."""

PUPILS = 200
"""For so many pupils a day is opened in one transaction, where it can't be for all."""

log = structlog.get_logger()


def plan(transaction: Transaction, *, opens_at: str) -> None:
    """See to it that the opening of today, and of tomorrow, stands in the database."""
    plan_days(transaction, openings, opens_at)


_HAS_REGISTERS = Prepared(sa.select(sa.exists().where(registers.c.day == sa.bindparam("day")).label("any")))


def open_days(transaction: Transaction, rows: Sequence[Any], *, opens_at: str, chased_at: str) -> None:
    """Open these days, whose time has come, or that a change has marked to be worked out again."""
    today = local_date(transaction.now)
    for row in rows:
        # A day to come that a change has marked is opened in its turn.
        later = instant(row.day, parse_wall(opens_at)) if row.day > today else None
        transaction.update(openings, row.id, next_at=later)
    for day in _missed(transaction, min(row.day for row in rows), today):
        _make_up_for(transaction, day, chased_at)
    if any(row.day == today for row in rows):
        _open(transaction, today, chased_at)
    plan(transaction, opens_at=opens_at)


def open_for_pupils(transaction: Transaction, rows: Sequence[Any], *, chased_at: str) -> None:
    """Open the day of each of these rows for its pupil."""
    by_day: dict[date, list[int]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row.pupil_id)
    oldest = local_date(transaction.now) - LOOKS_BACK
    for day, pupil_ids in by_day.items():
        if day >= oldest:
            open_day(transaction, day, chased_at=chased_at, pupil_ids=pupil_ids)
    transaction.execute(sa.delete(unopened).where(unopened.c.id.in_([row.id for row in rows])))


def _open(transaction: Transaction, day: date, chased_at: str) -> None:
    """Open the day for all; where that can't be done, have it opened for each pupil alone, as the next that is due."""
    try:
        with transaction.savepoint():
            open_day(transaction, day, chased_at=chased_at)
    except (TransactionLost, sa.exc.OperationalError):
        raise
    except Exception:
        log.exception("the day could not be opened for all; it is opened for each pupil alone", day=day.isoformat())
        everybody = transaction.rows(sa.select(pupils.c.id))
        each = {"day": day, "next_at": transaction.now}
        transaction.insert_new(unopened, [{"pupil_id": row.id, **each} for row in everybody])


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
