"""Each night: what has been kept for long enough goes, a few rows at a time, so that nobody waits for it."""

from datetime import timedelta

import sqlalchemy as sa

from apbot.domain.retention import limits
from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.store.audit import SCHEDULE, note
from apbot.store.database import Transaction
from apbot.store.due import due_now
from apbot.store.retention.registry import KINDS
from apbot.store.tables import retentions

RAN = "retention"
"""What `Transaction.touched` says when a run has come to its end."""


def plan(transaction: Transaction, *, retains_at: str) -> None:
    """See to it that tonight's run, or tomorrow's where its time has passed, stands in the database."""
    if transaction.row(sa.select(retentions.c.id).where(retentions.c.next_at.is_not(None)).limit(1)) is not None:
        return
    newest = transaction.value(sa.select(sa.func.max(retentions.c.day)))
    day = local_date(transaction.now)
    while instant(day, parse_wall(retains_at)) <= transaction.now or (newest is not None and day <= newest):
        day += timedelta(days=1)
    transaction.insert_new(retentions, [{"day": day, "next_at": instant(day, parse_wall(retains_at))}])


def retain_due(transaction: Transaction, *, chat_days: int, retains_at: str) -> bool:
    """Let the next few rows go that have been kept for long enough. Whether a run was due.

    One that was missed is made up for by the next: each looks at everything.
    """
    first = sa.select(retentions).order_by(retentions.c.day).limit(1)
    run = transaction.row(due_now(first, retentions, transaction.now))
    if run is None:
        return False
    gone: dict[str, int] = dict(run.gone or {})
    kind = KINDS[run.step] if run.step < len(KINDS) else None
    if kind is None:
        _end(transaction, run.id, gone, retains_at)
        return True
    went = kind.take(transaction, limits(transaction.now, chat_days))
    if went:
        gone[kind.name] = gone.get(kind.name, 0) + went
    is_over = went == 0 or (kind.most is not None and gone[kind.name] >= kind.most)
    transaction.execute(
        sa.update(retentions)
        .where(retentions.c.id == run.id)
        .values(step=run.step + is_over, gone=gone, next_at=transaction.now)
    )
    return True


def _end(transaction: Transaction, run_id: int, gone: dict[str, int], retains_at: str) -> None:
    transaction.execute(sa.update(retentions).where(retentions.c.id == run_id).values(next_at=None))
    note(transaction, SCHEDULE, "retention run", "retention", **gone)
    transaction.touched.add(RAN)
    plan(transaction, retains_at=retains_at)
