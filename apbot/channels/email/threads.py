"""Which letters belong together, and which changes of a message are worth another letter.

A letter can't be changed once it is sent. What the reader must know of is the card's news (`Card.news`); a register
that is being filled in, or a list that is worked through, is seen on its page, and a letter for every mark would bury
the alerts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from apbot.cards import Card
from apbot.channels.news import digest, is_digest
from apbot.store.concerns import ANSWERED, ASKED
from apbot.store.database import Transaction
from apbot.store.letters import ABOUT_REGISTERS, Letter, load_letters
from apbot.store.people import names_of
from apbot.store.prepared import Prepared
from apbot.store.tables import messages

ALERTS = frozenset({"escalation", "stand down", "copy", "stand down copy"})

FAMILIES = (ABOUT_REGISTERS, ALERTS, frozenset({ASKED, ANSWERED}))
"""Kinds of messages that are about the same thing where they have the same subject."""


@dataclass(frozen=True)
class Thread:
    """What is kept of the letters about one message: the first one's id and subject, and the news told last."""

    root: str
    told: str
    subject: str

    @property
    def ref(self) -> str:
        """As it is kept with the message."""
        return f"{self.root} {self.told} {self.subject}"


def thread_of(ref: str) -> Thread | None:
    """What `Thread.ref` gave; None for anything else."""
    root, _, rest = ref.partition(" ")
    told, _, subject = rest.partition(" ")
    return Thread(root, told, subject) if is_digest(told) and root.startswith("<") else None


@dataclass(frozen=True)
class About:
    """What is known of a message besides its card."""

    kind: str = ""
    name: str = ""
    letter: Letter | None = None
    before: Thread | None = None
    """Of the first letter to the same person about the same thing, where this message has none of its own yet."""
    is_newest: bool = True
    """The same person has no newer message of the same kind about the same thing: that one will say it."""

    def is_worth_another(self, before: Thread, card: Card) -> bool:
        """Whether the message, as it is now, is sent once more: it has news that has not been told."""
        return bool(card.news) and digest(card.news) != before.told and self.is_newest


def look_up(transaction: Transaction, channel: str, message_ids: Sequence[int]) -> Mapping[int, About]:
    """What is known of these messages."""
    letters = load_letters(transaction, message_ids)
    rows = transaction.rows(_ROWS, ids=list(message_ids))
    names = names_of(transaction, (row.person_id for row in rows))
    found = {}
    for row in rows:
        others = _others(transaction, channel, row)
        found[row.id] = About(
            row.kind,
            names.get(row.person_id, ""),
            letters.get(row.id),
            next((thread for each in others if (thread := thread_of(each.platform_ref))), None),
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
    sa.select(messages.c.id, messages.c.kind, messages.c.platform_ref)
    .where(
        messages.c.channel == sa.bindparam("channel"),
        messages.c.person_id == sa.bindparam("person_id"),
        messages.c.subject_id == sa.bindparam("subject_id"),
        messages.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        messages.c.state.in_(["owed", "sent"]),
    )
    .order_by(messages.c.id)
)
