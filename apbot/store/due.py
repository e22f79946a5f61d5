"""When the next thing is due, and what should have been done by now, whatever it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.people import is_used
from apbot.store.prepared import Prepared
from apbot.store.tables import DUE, Instant, messages


def next_due(transaction: Transaction) -> datetime | None:
    """The earliest instant at which something kept is due, or None where nothing is."""
    earliest = transaction.row(_EARLIEST)
    return min((each for each in earliest or () if each is not None), default=None)


_EARLIEST = Prepared(
    sa.select(
        *(
            sa.select(sa.func.min(column)).where(column.is_not(None)).scalar_subquery().label(column.table.name)
            for column in DUE
        )
    )
)


OVERDUE_AFTER = timedelta(minutes=2)
"""Whatever has been due for longer than this and is not done is overdue, and somebody has to hear of it."""


@dataclass(frozen=True)
class Overdue:
    """How much of one kind is overdue, and since when the oldest of it is."""

    count: int
    since: datetime


def overdue(transaction: Transaction, before: datetime) -> dict[str, Overdue]:
    """What of each kind was due before `before` and has not been done, by the name of its table.

    A message that its platform does not take is put off from try to try, and yet nobody has got it: what counts is
    when it was due at first. An edit on a channel that nobody delivers on any more is made when somebody does again.
    """
    row = transaction.row(_OVERDUE, before=before)
    found = {str(column.table.name): row[2 * at : 2 * at + 2] for at, column in enumerate(DUE)}
    return {name: Overdue(count, since) for name, (count, since) in found.items() if count}


def _late(column: sa.Column[datetime]) -> tuple[sa.ColumnElement[Any], ...]:
    """How many rows are overdue by this column, and since when, as parts of one query."""
    before = sa.bindparam("before", type_=Instant)
    is_late, since = column < before, sa.func.min(column)
    if column.table is messages:
        unsent = sa.and_(messages.c.state == "owed", messages.c.due_at < before)
        standing = messages.c.put_away_at.is_(None)  # editing the others down takes as long as it takes
        can_be_done = sa.or_(messages.c.state == "owed", is_used(messages))
        is_late = sa.and_(standing, sa.or_(is_late, unsent), can_be_done)
        since = sa.func.min(sa.case((unsent, messages.c.due_at), else_=column))
    late = (column.is_not(None), is_late)
    name = column.table.name
    return (
        sa.select(sa.func.count()).where(*late).scalar_subquery().label(name),
        sa.select(since).where(*late).scalar_subquery().label(f"{name}_since"),
    )


_OVERDUE = Prepared(sa.select(*(part for column in DUE for part in _late(column))))
