"""Asking again, until somebody says that they see to it: about a concern, an incident, and a missed day."""

from collections.abc import Sequence
from typing import Any

from apbot.store import missed_days
from apbot.store.audit import SCHEDULE
from apbot.store.concerns import CONCERNS
from apbot.store.database import Transaction
from apbot.store.incidents import INCIDENTS

BATCH = 200
"""So many are asked about in one transaction."""


def repeat_concerns(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Ask again about these concerns, which have stayed without an answer."""
    CONCERNS.tell_again(transaction, SCHEDULE, *_due(rows))


def repeat_incidents(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Tell again of these incidents, which nobody has taken on yet."""
    INCIDENTS.tell_again(transaction, SCHEDULE, *_due(rows))


def repeat_missed_days(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Tell again of these missed days, to whose pupils nobody sees yet."""
    missed_days.tell_again(transaction, SCHEDULE, *_due(rows))


def _due(rows: Sequence[Any]) -> tuple[list[int], Any]:
    return [row.id for row in rows], min(row.next_at for row in rows)
