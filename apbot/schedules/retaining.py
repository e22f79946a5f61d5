"""Each night: what has been kept for long enough goes, a few rows at a time, so that nobody waits for it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.retention import limits
from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.store.audit import SCHEDULE, note
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.retention.registry import KINDS
from apbot.store.tables import Instant, retentions

RAN = "retention"
"""What `Transaction.touched` says when a run has come to its end."""

PASSES_OVER = 8
"""At most so many kinds of which nothing has to go are passed over in one transaction: others wait for it."""


TOO_LATE = timedelta(days=7)
"""A run that was due so long ago is left to the next night: apbot was off, or its clock has been set far ahead. What
goes never comes back, and six years must have passed by a clock that is right."""

SOON = timedelta(days=2)
"""What is planned for later was planned by a clock that was ahead, and is no reason to plan nothing."""


def plan(transaction: Transaction, *, retains_at: str) -> None:
    """See to it that tonight's run, or tomorrow's where its time has passed, stands in the database."""
    soon = transaction.now + SOON
    if transaction.row(_STANDS, soon=soon) is not None:
        return
    newest = transaction.value(_NEWEST, day=local_date(soon))
    day = local_date(transaction.now)
    while instant(day, parse_wall(retains_at)) <= transaction.now or (newest is not None and day <= newest):
        day += timedelta(days=1)
    transaction.insert_new(retentions, [{"day": day, "next_at": instant(day, parse_wall(retains_at))}])


_STANDS = Prepared(
    sa.select(retentions.c.id)
    .where(retentions.c.next_at.is_not(None), retentions.c.next_at <= sa.bindparam("soon", type_=Instant))
    .limit(1)
)
_NEWEST = Prepared(sa.select(sa.func.max(retentions.c.day).label("day")).where(retentions.c.day <= sa.bindparam("day")))

BATCH = 1
"""One run at a time."""


def retain(transaction: Transaction, rows: Sequence[Any], *, chat_days: int, retains_at: str) -> None:
    """Let the next few rows go that have been kept for long enough. A run that was missed is made up for by the next:
    each looks at everything."""
    for run in rows:
        _retain(transaction, run, chat_days, retains_at)


def _retain(transaction: Transaction, run: Any, chat_days: int, retains_at: str) -> None:
    if transaction.now - run.next_at > TOO_LATE:
        _leave_to_the_next(transaction, run.id, retains_at)
        return
    gone: dict[str, int] = dict(run.gone or {})
    step = run.step
    for kind in KINDS[step : step + PASSES_OVER]:
        went = kind.take(transaction, limits(transaction.now, chat_days))
        if went:
            gone[kind.name] = gone.get(kind.name, 0) + went
        step += went == 0 or (kind.most is not None and gone[kind.name] >= kind.most)
        if went:
            break
    is_over = step == len(KINDS)
    transaction.update(retentions, run.id, step=step, gone=gone, next_at=None if is_over else transaction.now)
    if is_over:
        note(transaction, SCHEDULE, "retention run", "retention", **gone)
        transaction.touched.add(RAN)
        plan(transaction, retains_at=retains_at)


def _leave_to_the_next(transaction: Transaction, run_id: int, retains_at: str) -> None:
    transaction.update(retentions, run_id, next_at=None)
    plan(transaction, retains_at=retains_at)
