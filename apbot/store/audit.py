"""The audit log: append only, by reference, never a pupil's name or what somebody typed.

An entry is written in the transaction that did what it tells of, and sealed within about a minute
(`store/sealing.py`): nobody who marks a pupil waits for the chain.
"""

from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.logs import Noted
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import audit

SCHEDULE = Actor(None, "apbot", (), "schedule")
"""apbot itself, acting by the clock."""

BY_LINK = "link"
"""By what was done on the page behind a letter's or a text's link: whoever acted has just read it there."""

ACKNOWLEDGED = "escalation acknowledged"

SEALED_AFTER = timedelta(minutes=1)
"""An entry waits at most so long for its seal while apbot runs."""


def note(transaction: Transaction, actor: Actor, what: str, subject: str, **detail: Any) -> None:
    """Add one entry: who did `what` to `subject` ("entry:12"), in the transaction that did it."""
    note_all(transaction, actor, what, [(subject, detail)])


def note_all(transaction: Transaction, actor: Actor, what: str, subjects: list[tuple[str, dict[str, Any]]]) -> None:
    """Add one entry for each of `subjects`, each with its detail."""
    if not subjects:
        return
    if transaction.afterwards is not None:
        transaction.afterwards.append(partial(note_all, actor=actor, what=what, subjects=subjects))
        return
    transaction.noted.append(Noted(what, [subject for subject, _ in subjects], actor.person_id, actor.via))
    sealed_at = transaction.now + SEALED_AFTER
    transaction.change(
        _INSERT,
        *(
            {
                "at": transaction.now,
                "person_id": actor.person_id,
                "via": actor.via,
                "what": what,
                "subject": subject,
                "detail": detail,
                "next_at": sealed_at,
            }
            for subject, detail in subjects
        ),
    )


def latest_entry(transaction: Transaction) -> int:
    """The id of the newest entry: it grows with every change, in whichever process."""
    return int(transaction.value(_LATEST) or 0)


_INSERT = Prepared(sa.insert(audit))
_LATEST = Prepared(sa.select(sa.func.max(audit.c.id)))
