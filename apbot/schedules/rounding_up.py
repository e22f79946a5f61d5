"""The day in one line, to the admins: when the last register is in, or by a set time with those that are not."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.schedules.daily import plan_days, tell_admins
from apbot.store.audit import SCHEDULE, note
from apbot.store.database import Transaction
from apbot.store.outbox import Subject
from apbot.store.roundups import RegisterIn, school_days
from apbot.store.tables import roundups
from apbot.store.today import is_opened

log = structlog.get_logger()

LOOKS_AGAIN = timedelta(minutes=5)
"""A register that is answered is in the line after so long at the most."""


def plan(transaction: Transaction, *, opens_at: str) -> None:
    """See to it that the line of today, and of tomorrow, stands in the database."""
    plan_days(transaction, roundups, opens_at)


def round_up(transaction: Transaction, rows: Sequence[Any], *, opens_at: str, by: str) -> None:
    """Owe the admins the line of the day, where all registers are in or it is time; else look again later.

    A day on which nobody is expected has none. The line of an earlier day is not made up for: that there was none is
    what the admins notice.
    """
    plan(transaction, opens_at=opens_at)
    for row in rows:
        again = None
        if row.day == local_date(transaction.now):
            again = _round_up(transaction, row.id, row.day, by)
        transaction.update(roundups, row.id, next_at=again)


def _round_up(transaction: Transaction, roundup_id: int, day: date, by: str) -> datetime | None:
    """Owe the line, or say when to look again."""
    now, ends = transaction.now, instant(day, parse_wall(by))
    days = school_days(transaction, day)
    waits_for = [each for school in days.values() for each in school.registers if not each.is_in]
    if now < ends and (waits_for or not days):
        # Where nobody is expected yet somebody may be when a roster comes; and the day may not have been opened.
        soon = now + LOOKS_AGAIN
        if waits_for:
            return min(ends, max(soon, _last_start(waits_for)))
        return ends if is_opened(transaction, day) else min(ends, soon)
    if days:
        _tell(transaction, roundup_id, frozenset(days))
    return None


def _last_start(registers: list[RegisterIn]) -> datetime:
    return max(each.starts_at for each in registers)


def _tell(transaction: Transaction, roundup_id: int, school_ids: frozenset[int]) -> None:
    note(transaction, SCHEDULE, "registers rounded up", f"roundup:{roundup_id}", schools=len(school_ids))
    tell_admins(transaction, Subject("registers in", roundup_id), school_ids, "whether the registers are in")
