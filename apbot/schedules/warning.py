"""Warning the admins of a channel that does not work: at once, and each morning for as long as it lasts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.store.channel_troubles import tell_admins_of
from apbot.store.database import Transaction

BATCH = 50
"""So many troubles are told of in one transaction."""


def warn(transaction: Transaction, rows: Sequence[Any], *, checks_at: str) -> None:
    """Tell of each of these troubles, and again when the morning's check is next made."""
    tell_admins_of(transaction, rows, _next_morning(transaction.now, checks_at))


def _next_morning(now: datetime, checks_at: str) -> datetime:
    today = local_date(now)
    at = parse_wall(checks_at)
    this = instant(today, at)
    return this if this > now else instant(today + timedelta(days=1), at)
