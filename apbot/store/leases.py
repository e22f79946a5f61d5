"""What only one process may do at a time, such as asking Telegram for updates: whoever holds its lease does it.

A lease is a row with its holder and until when. The holder renews it while it lives; when it has run out, whoever asks
next has it. The clocks of the machines must agree to a second or two, as for everything else that is due.
"""

from datetime import timedelta

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.tables import leases


def take(transaction: Transaction, name: str, holder: str, lasts: timedelta) -> bool:
    """Take the lease of this name, or renew it; whether it is the holder's now."""
    transaction.insert_new(leases, [{"name": name, "holder": "", "until": transaction.now}])
    free = sa.or_(leases.c.holder == holder, leases.c.until <= transaction.now)
    taken = transaction.execute(
        sa.update(leases).where(leases.c.name == name, free).values(holder=holder, until=transaction.now + lasts)
    )
    return taken.rowcount == 1


def give_back(transaction: Transaction, name: str, holder: str) -> None:
    """Let another have it at once, where it is the holder's."""
    transaction.execute(
        sa.update(leases).where(leases.c.name == name, leases.c.holder == holder).values(until=transaction.now)
    )
