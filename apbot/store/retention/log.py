"""The audit log: shortened about once a month, by what is older than six years; what stays is verified as before."""

from datetime import timedelta

import sqlalchemy as sa

from apbot.domain.retention import Limits
from apbot.store.audit import SCHEDULE, note
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.retention.model import BATCH, Kind
from apbot.store.sealing import shortened_last
from apbot.store.tables import audit
from apbot.store.tables.append_only import SHORTENED

AT_LEAST = timedelta(days=30)
"""The oldest entry must be older than its time by so much: each shortening is an entry too."""


def _count(transaction: Transaction, limits: Limits) -> int:
    if _waiting(transaction):
        return _waiting(transaction)
    last = _last_to_go(transaction, limits)
    if last is None:
        return 0
    return int(transaction.value(_COUNT_TO, last=last))


def _take(transaction: Transaction, limits: Limits) -> int:
    """First it is said up to where, with the last seal, for the chain to go on from; then these entries go."""
    if not _waiting(transaction):
        last = _last_to_go(transaction, limits)
        if last is None:
            return 0
        seal = transaction.value(sa.select(audit.c.seal).where(audit.c.number == last))
        before = limits.kept_from.isoformat()
        note(transaction, SCHEDULE, SHORTENED, "audit", through=last, seal=seal, before=before)
    oldest = sa.select(audit.c.id).where(audit.c.number <= _through(transaction)).order_by(audit.c.number).limit(BATCH)
    ids = [row.id for row in transaction.rows(oldest)]
    transaction.execute(sa.delete(audit).where(audit.c.id.in_(ids)))
    return len(ids)


def _through(transaction: Transaction) -> int:
    cut = shortened_last(transaction)
    return 0 if cut is None else cut.through


def _waiting(transaction: Transaction) -> int:
    """How many that were announced to go are still there."""
    return int(transaction.value(_COUNT_TO, last=_through(transaction)))


def _last_to_go(transaction: Transaction, limits: Limits) -> int | None:
    """The last of the entries, from the first on, that are all old enough; None where it is too early."""
    oldest = transaction.row(_OLDEST)
    if oldest is None or oldest.at >= limits.kept_since - AT_LEAST:
        return None
    first_kept = transaction.value(
        sa.select(audit.c.number)
        .where(audit.c.number.is_not(None), audit.c.at >= limits.kept_since)
        .order_by(audit.c.number)
        .limit(1)
    )
    if first_kept is None:
        return None  # the newest of all stays: the chain has a head
    return int(first_kept) - 1


_COUNT_TO = Prepared(sa.select(sa.func.count()).select_from(audit).where(audit.c.number <= sa.bindparam("last")))
_OLDEST = Prepared(
    sa.select(audit.c.number, audit.c.at).where(audit.c.number.is_not(None)).order_by(audit.c.number).limit(1)
)


KINDS: tuple[Kind, ...] = (
    Kind(
        "audit log",
        "The audit log",
        "6 years (shortened about once a month)",
        "it shows who has seen and changed the records, for as long as these are kept",
        _count,
        _take,
    ),
)
