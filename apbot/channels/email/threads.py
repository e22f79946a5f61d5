"""Which letters belong together, and which changes of a message are worth another letter.

A letter can't be changed once it is sent. Whoever got an alert must learn that it is acknowledged, closed or stood
down; a register that is being filled in, or a list that is worked through, is seen on its page, and a letter for
every mark would bury the alerts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from apbot.cards import Tone
from apbot.store.coding import CODES, OVERDUE, OVERDUE_COPY
from apbot.store.concerns import ANSWERED, ASKED
from apbot.store.database import Transaction
from apbot.store.letters import ABOUT_REGISTERS, Letter, load_letters
from apbot.store.people import names_of
from apbot.store.prepared import Prepared
from apbot.store.tables import messages

ALL_CLEAR = {"escalation": "stand down", "copy": "stand down copy"}
"""The message of its own that says of an alert that pupils have arrived."""

FAMILIES = (ABOUT_REGISTERS, frozenset({*ALL_CLEAR, *ALL_CLEAR.values()}), frozenset({ASKED, ANSWERED}))
"""Kinds of messages that are about the same thing where they have the same subject."""

LISTS = ABOUT_REGISTERS | {CODES, OVERDUE, OVERDUE_COPY, "check"}
"""What is worked through on its page."""

JUST_NOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Thread:
    """What is kept of the letters about one message: the first one's id and subject, and how it stood at the last."""

    root: str
    tone: Tone
    subject: str

    @property
    def ref(self) -> str:
        """As it is kept with the message."""
        return f"{self.root} {self.tone.value} {self.subject}"


def thread_of(ref: str) -> Thread | None:
    """What `Thread.ref` gave; None for anything else."""
    root, _, rest = ref.partition(" ")
    tone, _, subject = rest.partition(" ")
    return Thread(root, Tone(tone), subject) if tone in set(Tone) and root.startswith("<") else None


@dataclass(frozen=True)
class About:
    """What is known of a message besides its card."""

    kind: str = ""
    name: str = ""
    letter: Letter | None = None
    before: Thread | None = None
    """Of the first letter to the same person about the same thing, where this message has none of its own yet."""
    all_clear: bool = False
    """A message of its own tells the same person at this moment that pupils have arrived."""
    is_newest: bool = True
    """The same person has no newer message of the same kind about the same thing: that one will say it."""

    def is_worth_another(self, before: Tone, now: Tone) -> bool:
        """Whether a change of the message, from one tone to another, is sent."""
        if before is now or self.kind in LISTS or not self.is_newest:
            return False
        return not (now is Tone.DONE and self.all_clear)


def look_up(transaction: Transaction, channel: str, message_ids: Sequence[int]) -> Mapping[int, About]:
    """What is known of these messages."""
    letters = load_letters(transaction, message_ids)
    rows = transaction.rows(_ROWS, ids=list(message_ids))
    names = names_of(transaction, (row.person_id for row in rows))
    found = {}
    for row in rows:
        others = _others(transaction, channel, row)
        all_clear = ALL_CLEAR.get(row.kind)
        found[row.id] = About(
            row.kind,
            names.get(row.person_id, ""),
            letters.get(row.id),
            next((thread for each in others if (thread := thread_of(each.platform_ref))), None),
            any(
                each.kind == all_clear and (each.sent_at is None or each.sent_at > transaction.now - JUST_NOW)
                for each in others
            ),
            not any(each.kind == row.kind and each.id > row.id for each in others),
        )
    return found


def _others(
    transaction: Transaction, channel: str, row: sa.Row[tuple[object, ...]]
) -> Sequence[sa.Row[tuple[object, ...]]]:
    """The other letters to the same person about the same thing, the first first."""
    if row.person_id is None:
        return ()
    family = next((each for each in FAMILIES if row.kind in each), frozenset({row.kind}))
    found = transaction.rows(
        _OTHERS, channel=channel, person_id=row.person_id, subject_id=row.subject_id, kinds=sorted(family)
    )
    return [each for each in found if each.id != row.id]


_ROWS = Prepared(
    sa.select(messages.c.id, messages.c.person_id, messages.c.kind, messages.c.subject_id).where(
        messages.c.id.in_(sa.bindparam("ids", expanding=True))
    )
)
_OTHERS = Prepared(
    sa.select(messages.c.id, messages.c.kind, messages.c.platform_ref, messages.c.sent_at)
    .where(
        messages.c.channel == sa.bindparam("channel"),
        messages.c.person_id == sa.bindparam("person_id"),
        messages.c.subject_id == sa.bindparam("subject_id"),
        messages.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        messages.c.state.in_(["owed", "sent"]),
    )
    .order_by(messages.c.id)
)
