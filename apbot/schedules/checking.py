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
from apbot.store.prepared import Prepared
from apbot.store.tables import checks

log = structlog.get_logger()


def plan(transaction: Transaction, *, checks_at: str) -> None:
    """See to it that the check of today, and of tomorrow, stands in the database."""
    plan_days(transaction, checks, checks_at)


def make_checks(
    transaction: Transaction, rows: Sequence[Any], *, checks_at: str, reason_school_days: int, expects_backups: bool
) -> None:
    """Make the check of today, and owe the admins what it has found.

    A check that was missed on an earlier day is not made up for: today's says what matters now. Saturdays,
    Sundays and bank holidays have none; the day before has looked a week ahead.
    """
    for row in rows:
        transaction.update(checks, row.id, next_at=None)
    plan(transaction, checks_at=checks_at)
    today = local_date(transaction.now)
    for row in rows:
        if row.day == today and _is_working_day(today):
            found = check(transaction, reason_school_days=reason_school_days, expects_backups=expects_backups)
            _tell(transaction, row.id, found)


def _is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def _tell(transaction: Transaction, check_id: int, report: Report) -> None:
    """Tell each admin whose schools would miss something, or have a role that newly falls to somebody else."""
    before = _report_before(transaction)
    transaction.update(checks, check_id, report=report.kept())
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
    is_old = [each for each in report.stand_ins if not new.intersection(_keys(each))]
    news = (*report.missed, *(each for each in report.told if each not in is_old))
    concerned = {school_id for each in news for school_id in each.school_ids}
    tell_admins(transaction, Subject("check", check_id), concerned, "what would be missed")


def _keys(finding: Finding) -> set[str]:
    """What a new stand-in is known by: "Hillcrest: DSL"."""
    return {f"{finding.place}: {role}" for role in finding.stand_in_for}


def _stand_ins(report: Report) -> set[str]:
    return {key for each in report.stand_ins for key in _keys(each)}


def _report_before(transaction: Transaction) -> Report | None:
    """What the last check found; None before the first."""
    row = transaction.row(_NEWEST_REPORT)
    return None if row is None or row.report is None else Report.from_kept(row.report)


_NEWEST_REPORT = Prepared(
    sa.select(checks.c.report).where(checks.c.report.is_not(None)).order_by(checks.c.day.desc()).limit(1)
)
