"""What stands open just now, in figures, for whoever watches apbot as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from apbot.domain.escalation import State
from apbot.domain.register import EntryState
from apbot.domain.walltime import local_date
from apbot.store.backup.made import last_made
from apbot.store.database import Transaction
from apbot.store.due import OVERDUE_AFTER, overdue
from apbot.store.prepared import Prepared
from apbot.store.tables import DUE, Instant, entries, escalations, messages, registers

UNHEEDED_AFTER = timedelta(minutes=30)
"""An alert that nobody has acknowledged for so long is one too many, whoever was told."""


@dataclass(frozen=True)
class Figures:
    """Counts, and since when; `owed` is by priority: when the oldest message was due, and how many there are."""

    overdue: Mapping[str, int]
    owed: Mapping[int, tuple[datetime, int]]
    claimed: int
    unheeded: int
    unanswered: int
    backed_up_at: datetime | None
    """When the last backup was made; None where none ever was."""


def read_figures(transaction: Transaction) -> Figures:
    """The figures of this instant."""
    now = transaction.now
    late = overdue(transaction, now - OVERDUE_AFTER)
    row = transaction.row(_OPEN, now=now, day=local_date(now), opened_before=now - UNHEEDED_AFTER)
    return Figures(
        overdue={
            column.table.name: late[column.table.name].count if column.table.name in late else 0 for column in DUE
        },
        owed={each.priority: (each.since, each.count) for each in transaction.rows(_OWED, now=now)},
        claimed=row.claimed,
        unheeded=row.unheeded,
        unanswered=row.unanswered,
        backed_up_at=last_made(transaction),
    )


_now = sa.bindparam("now", type_=Instant)
_OWED = Prepared(
    sa.select(
        messages.c.priority,
        sa.func.min(messages.c.due_at).label("since"),
        sa.func.count().label("count"),
    )
    .where(messages.c.next_at.is_not(None), messages.c.state == "owed", messages.c.due_at <= _now)
    .group_by(messages.c.priority)
)
_OPEN = Prepared(
    sa.select(
        sa.select(sa.func.count())
        .where(messages.c.next_at.is_not(None), messages.c.lease.is_not(None))
        .scalar_subquery()
        .label("claimed"),
        sa.select(sa.func.count())
        .where(
            escalations.c.next_at.is_not(None),
            escalations.c.state == State.OPEN.value,
            escalations.c.opened_at < sa.bindparam("opened_before", type_=Instant),
        )
        .scalar_subquery()
        .label("unheeded"),
        sa.select(sa.func.count(sa.distinct(entries.c.register_id)))
        .select_from(entries)
        .join(registers, registers.c.id == entries.c.register_id)
        .where(
            registers.c.day == sa.bindparam("day", type_=sa.Date),
            registers.c.starts_at <= _now,
            entries.c.state == EntryState.EXPECTED.value,
            entries.c.fact.is_(None),
        )
        .scalar_subquery()
        .label("unanswered"),
    )
)
