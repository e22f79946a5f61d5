"""Secrets short enough to be guessed: how many wrong ones, by whom, since when. Counted in the database, for all
processes together. Who it was is kept as a hash: it may be a stranger."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from apbot.store.database import Transaction
from apbot.store.tables import Instant, guesses

log = structlog.get_logger()


@dataclass(frozen=True)
class Most:
    """So many wrong ones, counted from the first; then whoever brought them waits until it is `within` ago."""

    count: int
    within: timedelta


def held_until(transaction: Transaction, kind: str, who: str, most: Most) -> datetime | None:
    """Until when this one has to wait; None where they need not. `who` is "" for all together."""
    since: datetime | None = transaction.value(
        sa.select(guesses.c.since).where(
            guesses.c.kind == kind,
            guesses.c.who_hash == _hash(who),
            guesses.c.count >= most.count,
            guesses.c.since > transaction.now - most.within,
        )
    )
    return None if since is None else since + most.within


def count_wrong(transaction: Transaction, kind: str, who: str, most: Most) -> bool:
    """Count one more; whether that is the one after which they have to wait."""
    transaction.insert_new(guesses, [{"kind": kind, "who_hash": _hash(who), "since": transaction.now, "count": 0}])
    is_over = guesses.c.since <= transaction.now - most.within
    count = transaction.value(
        sa.update(guesses)
        .where(guesses.c.kind == kind, guesses.c.who_hash == _hash(who))
        .values(
            count=sa.case((is_over, 1), else_=guesses.c.count + 1),
            since=sa.case((is_over, sa.literal(transaction.now, Instant())), else_=guesses.c.since),
        )
        .returning(guesses.c.count)
    )
    is_last = bool(count == most.count)
    if is_last:
        log.warning("too many wrong secrets", kind=kind, by="all together" if not who else "one")
    return is_last


def _hash(who: str) -> str:
    return hashlib.sha256(who.encode()).hexdigest() if who else ""
