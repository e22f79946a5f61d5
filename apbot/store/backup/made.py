"""That a backup was made: an entry of the audit log, by which it is noticed when none is made any more."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from apbot.domain.access import TERMINAL
from apbot.store.audit import note
from apbot.store.backup.archive import Manifest
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import audit

STALE = timedelta(days=2)
"""One is made each night; that one failed may be chance."""

_SUBJECT = "backup"
_MADE = "backup made"


def note_made(transaction: Transaction, manifest: Manifest, size: int) -> None:
    """Write down that a backup was made, and how big it is, in bytes."""
    made_at = manifest.made_at.isoformat()
    note(transaction, TERMINAL, _MADE, _SUBJECT, made_at=made_at, rows=manifest.rows, bytes=size)


def last_made(transaction: Transaction) -> datetime | None:
    """When the last backup was made with `apbot backup`; None where none ever was."""
    made: datetime | None = transaction.value(_LAST)
    return made


_LAST = Prepared(
    sa.select(audit.c.at).where(audit.c.subject == _SUBJECT, audit.c.what == _MADE).order_by(audit.c.id.desc()).limit(1)
)
