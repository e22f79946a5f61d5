"""Opening the day: each morning at its time, and again whenever something has changed what is expected."""

from datetime import timedelta

import sqlalchemy as sa

from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.store.database import Transaction
from apbot.store.opening import open_day
from apbot.store.tables import (
    openings,
)


def plan(transaction: Transaction, *, opens_at: str) -> None:
    """See to it that the opening of today, and of tomorrow, stands in the database."""
    today = local_date(transaction.now)
    transaction.insert_new(
        openings,
        [{"day": day, "next_at": instant(day, parse_wall(opens_at))} for day in (today, today + timedelta(days=1))],
    )


def open_due(transaction: Transaction, *, opens_at: str, chased_at: str) -> bool:
    """Open the days whose time has come, or that a change has marked to be worked out again; whether any was."""
    today = local_date(transaction.now)
    due = transaction.rows(
        sa.select(openings.c.day).where(openings.c.next_at.is_not(None), openings.c.next_at <= transaction.now)
    )
    for row in due:
        # A day to come that a change has marked is opened in its turn.
        later = instant(row.day, parse_wall(opens_at)) if row.day > today else None
        transaction.execute(sa.update(openings).where(openings.c.day == row.day).values(next_at=later))
        if row.day == today:
            open_day(transaction, today, chased_at=chased_at)
    if due:
        plan(transaction, opens_at=opens_at)
    return bool(due)
