"""Letters: messages that go out where nobody can press anything, with a link to a page where they can.

A letter is one message to one person. Its link is that person's alone, for that message alone, for a while.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.store.audit import BY_LINK, note
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.reads import ONE_OPENING
from apbot.store.tables import Instant, audit, messages, registers

ABOUT_REGISTERS = frozenset({"register", "nudge"})

LASTS = timedelta(days=7)
"""So long a link to anything but a register can be used after the message went out."""


@dataclass(frozen=True)
class Letter:
    """Which message, for whom, and until when its link can be used."""

    message_id: int
    person_id: int
    until: datetime


OPENED = "message opened"


def note_opening(transaction: Transaction, letter: Letter) -> None:
    """Write down that the page behind the link was opened: once in a quarter of an hour, however often it is loaded.

    By a mail scanner too, which can't be told from its reader: it has been given the page.
    """
    subject = f"message:{letter.message_id}"
    if transaction.row(_OPENED_SINCE, subject=subject, since=transaction.now - ONE_OPENING) is None:
        note(transaction, Actor(letter.person_id, "", (), BY_LINK), OPENED, subject)


def load_letters(transaction: Transaction, message_ids: Iterable[int]) -> dict[int, Letter]:
    """The letters that these messages are, by message; one that no single person reads is left out."""
    found = {}
    for row in transaction.rows(_MESSAGES, ids=list(message_ids)):
        if row.person_id is not None:
            about_register = row.kind in ABOUT_REGISTERS and row.ends_at is not None
            until = row.ends_at if about_register else (row.sent_at or transaction.now) + LASTS
            found[row.id] = Letter(row.id, row.person_id, until)
    return found


@dataclass(frozen=True)
class LetterSubject:
    """What a letter is about, and at which point."""

    kind: str
    id: int
    round: int
    step: int
    due_at: datetime


def load_subject(transaction: Transaction, letter: Letter) -> LetterSubject | None:
    """What this letter is about; None where the message is gone, or another person's."""
    row = transaction.row(_SUBJECT, id=letter.message_id, person_id=letter.person_id)
    return None if row is None else LetterSubject(row.kind, row.subject_id, row.round, row.step, row.due_at)


_OPENED_SINCE = Prepared(
    sa.select(audit.c.id)
    .where(
        audit.c.subject == sa.bindparam("subject"),
        audit.c.what == OPENED,
        audit.c.at > sa.bindparam("since", type_=Instant),
    )
    .limit(1)
)
_SUBJECT = Prepared(
    sa.select(messages.c.kind, messages.c.subject_id, messages.c.round, messages.c.step, messages.c.due_at).where(
        messages.c.id == sa.bindparam("id"), messages.c.person_id == sa.bindparam("person_id")
    )
)
_MESSAGES = Prepared(
    sa.select(messages.c.id, messages.c.person_id, messages.c.kind, messages.c.sent_at, registers.c.ends_at)
    .outerjoin_from(messages, registers, registers.c.id == messages.c.subject_id)
    .where(messages.c.id.in_(sa.bindparam("ids", expanding=True)))
)
