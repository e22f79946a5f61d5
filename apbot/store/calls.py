"""What one person has been asked to acknowledge, and in which message last."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.store.concerns import ASKED
from apbot.store.database import Transaction
from apbot.store.incidents import TOLD
from apbot.store.missed_days import MISSED
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant, messages

CALLS = ("escalation", ASKED, MISSED, TOLD)
"""The kinds of message that ask somebody to say that they see to something."""

REMEMBERED = timedelta(days=8)
"""What was told longer ago is not what somebody means who types "on it" now."""


def calls_on(transaction: Transaction, person_id: int) -> Sequence[sa.Row[Any]]:
    """The newest message about each thing that this person was asked to see to in the last days, the oldest first."""
    since: datetime = transaction.now - REMEMBERED
    newest = {(row.kind, row.subject_id): row for row in transaction.rows(_CALLS, person_id=person_id, since=since)}
    return list(newest.values())


def call_named(transaction: Transaction, person_id: int, message_id: int) -> sa.Row[Any] | None:
    """The message of this number, where it asks this person to see to something."""
    found: sa.Row[Any] | None = transaction.row(_CALL, person_id=person_id, id=message_id)
    return found


_COLUMNS = sa.select(
    messages.c.kind, messages.c.subject_id, messages.c.round, messages.c.step, messages.c.due_at
).where(
    messages.c.person_id == sa.bindparam("person_id"),
    messages.c.kind.in_(CALLS),
    messages.c.sent_at.is_not(None),
)
_CALLS = Prepared(_COLUMNS.where(messages.c.sent_at >= sa.bindparam("since", type_=Instant)).order_by(messages.c.id))
_CALL = Prepared(_COLUMNS.where(messages.c.id == sa.bindparam("id")))
