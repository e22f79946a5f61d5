"""Asking again, until somebody says that they see to it: about a concern, an incident, and a missed day."""

from collections.abc import Callable, Sequence
from datetime import datetime

from apbot.domain.access import Actor
from apbot.store import missed_days
from apbot.store.audit import SCHEDULE
from apbot.store.concerns import CONCERNS
from apbot.store.database import Transaction
from apbot.store.incidents import INCIDENTS
from apbot.store.until_taken import UntilTaken

AT_ONCE = 200
"""So many are asked about in one transaction."""


def repeat_concerns(transaction: Transaction) -> bool:
    """Ask again about every concern that has stayed without an answer. Whether any was due."""
    return _repeat(transaction, CONCERNS.until_taken, CONCERNS.tell_again)


def repeat_incidents(transaction: Transaction) -> bool:
    """Tell again of every incident that nobody has taken on yet. Whether any was due."""
    return _repeat(transaction, INCIDENTS.until_taken, INCIDENTS.tell_again)


def repeat_missed_days(transaction: Transaction) -> bool:
    """Tell again of every missed day to whose pupils nobody sees yet. Whether any was due."""
    return _repeat(transaction, missed_days.CALLS, missed_days.tell_again)


def _repeat(
    transaction: Transaction,
    calls: UntilTaken,
    again: Callable[[Transaction, Actor, Sequence[int], datetime], object],
) -> bool:
    due = calls.due(transaction, AT_ONCE)
    if due:
        again(transaction, SCHEDULE, [row.id for row in due], min(row.next_at for row in due))
    return bool(due)
