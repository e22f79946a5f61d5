"""When the next thing is due, whatever it is."""

from datetime import datetime

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import DUE, messages


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


def overdue(transaction: Transaction, before: datetime) -> dict[str, int]:
    """How much of each kind was due before `before` and has not been done.

    A message that its platform does not take is put off from try to try, and yet nobody has got it: what counts is
    when it was due at first.
    """
    late = {column: column < before for column in DUE}
    unsent = sa.and_(messages.c.state == "owed", messages.c.due_at < before)
    standing = messages.c.put_away_at.is_(None)  # editing the others down takes as long as it takes
    late[messages.c.next_at] = sa.and_(standing, sa.or_(late[messages.c.next_at], unsent))
    counts = {
        column.table.name: transaction.value(sa.select(sa.func.count()).where(column.is_not(None), is_late))
        for column, is_late in late.items()
    }
    return {name: count for name, count in counts.items() if count}
