"""Warning the admins of a channel that does not work: at once, and each morning for as long as it lasts."""

from datetime import datetime, timedelta

from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.store.channel_troubles import due_troubles, tell_admins_of
from apbot.store.database import Transaction


def warn_due(transaction: Transaction, *, checks_at: str) -> bool:
    """Tell of each trouble that is due, and again when the morning's check is next made. Whether any was due."""
    due = due_troubles(transaction)
    if due:
        tell_admins_of(transaction, due, _next_morning(transaction.now, checks_at))
    return bool(due)


def _next_morning(now: datetime, checks_at: str) -> datetime:
    today = local_date(now)
    at = parse_wall(checks_at)
    this = instant(today, at)
    return this if this > now else instant(today + timedelta(days=1), at)
