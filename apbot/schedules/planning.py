"""What is owed beyond the day, worked out each morning, and again whenever the roster has changed."""

from collections.abc import Sequence
from typing import Any

from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.schedules.daily import plan_days
from apbot.store.database import Transaction
from apbot.store.duties.newowners import tell_new_owners
from apbot.store.duties.planning import plan_day
from apbot.store.otherproviders import tell_providers
from apbot.store.reports.kept import plan_reports
from apbot.store.tables import plannings


def plan(transaction: Transaction, *, opens_at: str) -> None:
    """See to it that the planning of today, and of tomorrow, stands in the database."""
    plan_days(transaction, plannings, opens_at)


def plan_duties(transaction: Transaction, rows: Sequence[Any], *, opens_at: str) -> None:
    """Work out the duties of today, where it is among these. Days gone by are not made up for: today's say what is owed
    now."""
    today = local_date(transaction.now)
    for row in rows:
        # A day to come that a change has marked is planned in its turn.
        later = instant(row.day, parse_wall(opens_at)) if row.day > today else None
        transaction.update(plannings, row.id, next_at=later)
    if any(row.day == today for row in rows):
        plan_day(transaction, today)
        tell_new_owners(transaction, today)
        plan_reports(transaction, today)
        tell_providers(transaction, today)
    plan(transaction, opens_at=opens_at)
