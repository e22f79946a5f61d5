"""Where people were told of a duty: these messages are brought up to date when something becomes of it."""

from collections.abc import Iterable

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.outbox import refresh
from apbot.store.tables import mentions

DIGEST = "duties"
AT_ONCE = "duty at once"
"""The kinds of message: the morning's list, and one duty that can't wait for it."""


def refresh_mentions(transaction: Transaction, duty_ids: Iterable[int]) -> None:
    """Bring up to date every list that names one of these duties, and what was told of one alone."""
    wanted = list(duty_ids)
    if not wanted:
        return
    refresh(transaction, [AT_ONCE], wanted)
    digest_ids = {
        row.digest_id
        for row in transaction.rows(sa.select(mentions.c.digest_id).where(mentions.c.duty_id.in_(wanted)).distinct())
    }
    if digest_ids:
        refresh(transaction, [DIGEST], digest_ids)
