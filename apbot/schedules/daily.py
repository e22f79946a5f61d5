"""What comes once a day: it stands in the database for today and tomorrow, and some of it is for the admins."""

from collections.abc import Set
from datetime import timedelta

import sqlalchemy as sa
import structlog

from apbot.domain.priority import Priority
from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.store.checks import schools_told
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe

log = structlog.get_logger()


def plan_days(transaction: Transaction, table: sa.Table, at: str) -> None:
    """See to it that today and tomorrow stand in `table`, due at the time `at` on the wall."""
    today = local_date(transaction.now)
    days = (today, today + timedelta(days=1))
    transaction.insert_new(table, [{"day": day, "next_at": instant(day, parse_wall(at))} for day in days])


def tell_admins(transaction: Transaction, subject: Subject, school_ids: Set[int], what: str) -> None:
    """Owe a message to everybody who is told of one of these schools; the log says where nobody is.

    `what` completes "nobody can be told ...".
    """
    told = schools_told(transaction)
    without = owe(
        transaction,
        [
            Owed(subject, Priority.DIGEST, transaction.now, person)
            for person, ids in sorted(told.items())
            if ids & school_ids
        ],
    )
    left_out = school_ids - {school_id for ids in told.values() for school_id in ids}
    if without or left_out:
        log.error(f"nobody can be told {what}", schools=sorted(left_out))
