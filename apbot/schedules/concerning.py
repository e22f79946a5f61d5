"""Safeguarding concerns: asking again, until somebody says that they are telephoning."""

import sqlalchemy as sa

from apbot.store.audit import SCHEDULE
from apbot.store.concerns import ask_again
from apbot.store.database import Transaction
from apbot.store.tables import concerns


def repeat_due(transaction: Transaction, limit: int = 200) -> bool:
    """Ask again about every concern that has stayed without an answer. Whether any was due."""
    due = transaction.rows(
        sa.select(concerns.c.id, concerns.c.next_at)
        .where(concerns.c.next_at.is_not(None), concerns.c.next_at <= transaction.now)
        .order_by(concerns.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if not due:
        return False
    ask_again(transaction, SCHEDULE, [row.id for row in due], min(row.next_at for row in due))
    return True
