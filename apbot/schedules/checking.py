"""The morning's check: the admins are told what would be missed, before it is."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.domain.calendar import bank_holidays
from apbot.domain.walltime import local_date
from apbot.readiness import Finding, Report, check
from apbot.schedules.daily import plan_days, tell_admins
from apbot.store.audit import SCHEDULE, note
from apbot.store.database import Transaction
from apbot.store.outbox import Subject
from apbot.store.tables import checks

log = structlog.get_logger()


def plan(transaction: Transaction, *, checks_at: str) -> None:
    """See to it that the check of today, and of tomorrow, stands in the database."""
    plan_days(transaction, checks, checks_at)


def make_checks(transaction: Transaction, rows: Sequence[Any], *, checks_at: str, reason_school_days: int) -> None:
    """Make the check of today, and owe the admins what it has found.

    A check that was missed on an earlier day is not made up for: today's says what matters now. Saturdays,
    Sundays and bank holidays have none; the day before has looked a week ahead.
    """
    transaction.execute(sa.update(checks).where(checks.c.id.in_([row.id for row in rows])).values(next_at=None))
    plan(transaction, checks_at=checks_at)
    today = local_date(transaction.now)
    for row in rows:
        if row.day == today and _is_working_day(today):
            _tell(transaction, row.id, check(transaction, reason_school_days=reason_school_days))


def _is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def _tell(transaction: Transaction, check_id: int, report: Report) -> None:
    """Tell each admin whose schools would miss something, or have a role that newly falls to somebody else."""
    before = _report_before(transaction)
    transaction.execute(sa.update(checks).where(checks.c.id == check_id).values(report=report.kept()))
    note(
        transaction,
        SCHEDULE,
        "checked",
        f"check:{check_id}",
        missed=len(report.missed),
        stand_ins=len(report.stand_ins),
    )
    # The first check of all tells of no stand-ins: how a school is staffed is not news.
    new = _stand_ins(report) - _stand_ins(before) if before is not None else set()
    worst = (*report.missed, *(each for each in report.stand_ins if new.intersection(_keys(each))))
    concerned = {school_id for each in worst for school_id in each.school_ids}
    tell_admins(transaction, Subject("check", check_id), concerned, "what would be missed")


def _keys(finding: Finding) -> set[str]:
    """What a new stand-in is known by: "Hillcrest: DSL"."""
    return {f"{finding.place}: {role}" for role in finding.stand_in_for}


def _stand_ins(report: Report) -> set[str]:
    return {key for each in report.stand_ins for key in _keys(each)}


def _report_before(transaction: Transaction) -> Report | None:
    """What the last check found; None before the first."""
    row = transaction.row(
        sa.select(checks.c.report).where(checks.c.report.is_not(None)).order_by(checks.c.day.desc()).limit(1)
    )
    return None if row is None or row.report is None else Report.from_kept(row.report)
