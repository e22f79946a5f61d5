"""What is owed beyond the day, worked out each morning, and again whenever the roster has changed."""

import sqlalchemy as sa

from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.schedules.daily import plan_days
from apbot.store.database import Transaction
from apbot.store.due import due_now
from apbot.store.duties.newowners import tell_new_owners
from apbot.store.duties.planning import plan_day
from apbot.store.otherproviders import tell_providers
from apbot.store.reports.kept import plan_reports
from apbot.store.tables import plannings


def plan(transaction: Transaction, *, opens_at: str) -> None:
    """See to it that the planning of today, and of tomorrow, stands in the database."""
    plan_days(transaction, plannings, opens_at)


_DUE = due_now(sa.select(plannings.c.id, plannings.c.day), plannings)


def plan_due(transaction: Transaction, *, opens_at: str) -> bool:
    """Work out the duties of today where that is due. Days gone by are not made up for: today's say what is owed now.

    Whether any was due.
    """
    today = local_date(transaction.now)
    due = transaction.rows(_DUE, now=transaction.now)
    if not due:
        return False
    for row in due:
        # A day to come that a change has marked is planned in its turn.
        later = instant(row.day, parse_wall(opens_at)) if row.day > today else None
        transaction.update(plannings, row.id, next_at=later)
    if any(row.day == today for row in due):
        plan_day(transaction, today)
        tell_new_owners(transaction, today)
        plan_reports(transaction, today)
        tell_providers(transaction, today)
    plan(transaction, opens_at=opens_at)
    return True
