"""The lines of the built-in web chat: who may read which conversation, what stands in it, what has changed.

A conversation is named by its address: "person:12" is what apbot and one person say to each other, "provider:3" is
shared by everybody who works at that provider today. Every change of a line takes the next number of `changed`,
over the whole table, so that a live page need only ask for what is above the last it has seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from apbot.cards import Card, card_from_json
from apbot.domain.access import Actor
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import chat_lines, people, providers

OWN = "You and apbot"
"""The name of everybody's own conversation."""

NOT_YET = datetime.min.replace(tzinfo=UTC)

_LATEST_CHANGE = Prepared(sa.select(sa.func.max(chat_lines.c.changed)))
_INSERT = Prepared(
    sa.insert(chat_lines)
    .values(changed=sa.select(sa.func.coalesce(sa.func.max(chat_lines.c.changed), 0) + 1).scalar_subquery())
    .returning(chat_lines.c.id, chat_lines.c.changed)
)
_REPLACE = Prepared(
    sa.update(chat_lines)
    .where(chat_lines.c.id == sa.bindparam("line"))
    .values(card=sa.bindparam("card"), changed=sa.bindparam("changed"))
)
_MESSAGE_IS_IN = Prepared(
    sa.select(chat_lines.c.id).where(
        chat_lines.c.message_id == sa.bindparam("message"), chat_lines.c.conversation == sa.bindparam("conversation")
    )
)


@dataclass(frozen=True)
class Line:
    """One thing said. Typed words have an author and a text; apbot's own lines have a card.

    `only_for_id` is the one member who sees it, where not all do. What has not been added yet has no id.
    """

    conversation: str
    author_id: int | None = None
    author: str = ""
    only_for_id: int | None = None
    message_id: int | None = None
    text: str = ""
    card: Card | None = None
    at: datetime = NOT_YET
    changed: int = 0
    id: int = 0


@dataclass(frozen=True)
class Conversation:
    """A conversation in somebody's list. `newest` is the last line in it that somebody else wrote, or 0."""

    address: str
    name: str
    newest: int


def conversations_of(actor: Actor) -> tuple[str, ...]:
    """The conversations a person may read and write in today: their providers', and their own."""
    return (*(f"provider:{each}" for each in sorted(actor.providers())), f"person:{actor.person_id}")


def list_conversations(transaction: Transaction, actor: Actor) -> list[Conversation]:
    """What a person finds in their list, always in the same order: their providers, then their own."""
    named = {
        f"provider:{row.id}": row.name
        for row in transaction.rows(
            sa.select(providers.c.id, providers.c.name).where(providers.c.id.in_(actor.providers()))
        )
    }
    return [
        Conversation(address, named.get(address, OWN), _newest(transaction, actor, address))
        for address in conversations_of(actor)
    ]


def _newest(transaction: Transaction, actor: Actor, conversation: str) -> int:
    return (
        transaction.value(
            sa.select(chat_lines.c.id)
            .where(
                chat_lines.c.conversation == conversation,
                _visible_to(actor),
                sa.or_(chat_lines.c.author_id.is_(None), chat_lines.c.author_id != actor.person_id),
            )
            .order_by(chat_lines.c.id.desc())
            .limit(1)
        )
        or 0
    )


def load_lines(transaction: Transaction, actor: Actor, conversation: str, most: int) -> tuple[list[Line], bool]:
    """The last `most` lines of a conversation that `actor` may see, in order, and whether there are earlier ones."""
    found = _lines(
        transaction,
        sa.and_(chat_lines.c.conversation == conversation, _visible_to(actor)),
        chat_lines.c.id.desc(),
        most + 1,
    )
    return found[:most][::-1], len(found) > most


def load_changed(transaction: Transaction, actor: Actor, after: int, most: int = 100) -> list[Line]:
    """The lines of a person's conversations that changed after `after`, in the order in which they changed."""
    return _lines(
        transaction,
        sa.and_(
            chat_lines.c.conversation.in_(conversations_of(actor)),
            chat_lines.c.changed > after,
            _visible_to(actor),
        ),
        chat_lines.c.changed,
        most,
    )


def load_line(transaction: Transaction, actor: Actor, line_id: int) -> Line | None:
    """This line, or None where it is not one that `actor` may see."""
    mine = chat_lines.c.conversation.in_(conversations_of(actor))
    return next(iter(_lines(transaction, sa.and_(chat_lines.c.id == line_id, mine, _visible_to(actor)), None, 1)), None)


def _visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.or_(chat_lines.c.only_for_id.is_(None), chat_lines.c.only_for_id == actor.person_id)


def _lines(transaction: Transaction, where: Any, order: Any, most: int) -> list[Line]:
    return [
        Line(
            conversation=row.conversation,
            author_id=row.author_id,
            author=row.name or "",
            only_for_id=row.only_for_id,
            message_id=row.message_id,
            text=row.text,
            card=card_from_json(row.card) if row.card is not None else None,
            at=row.at,
            changed=row.changed,
            id=row.id,
        )
        for row in transaction.rows(
            sa.select(chat_lines, people.c.name)
            .outerjoin_from(chat_lines, people, people.c.id == chat_lines.c.author_id)
            .where(where)
            .order_by(order)
            .limit(most)
        )
    ]


def latest_change(transaction: Transaction) -> int:
    """The number of the newest change of any line, or 0."""
    return transaction.value(_LATEST_CHANGE) or 0


def conversations_changed(transaction: Transaction, after: int) -> tuple[frozenset[str], int]:
    """The conversations with a change after `after`, and the newest change among them (else `after`)."""
    rows = transaction.rows(
        sa.select(chat_lines.c.conversation, sa.func.max(chat_lines.c.changed).label("newest"))
        .where(chat_lines.c.changed > after)
        .group_by(chat_lines.c.conversation)
    )
    return frozenset(row.conversation for row in rows), max((row.newest for row in rows), default=after)


def message_is_in(transaction: Transaction, message_id: int, conversation: str) -> bool:
    """Whether apbot's message `message_id` stands in this conversation."""
    return transaction.row(_MESSAGE_IS_IN, message=message_id, conversation=conversation) is not None


def add_lines(transaction: Transaction, lines: Sequence[Line]) -> list[Line]:
    """Insert lines in this order, now; gives them with their ids and numbers."""
    added = []
    for line in lines:
        made = transaction.row(_INSERT, **_row(line, transaction.now))
        added.append(replace(line, id=made.id, at=transaction.now, changed=made.changed))
        transaction.touched.add(f"chat:{line.conversation}")
    return added


def _row(line: Line, at: datetime) -> dict[str, Any]:
    return {
        "conversation": line.conversation,
        "author_id": line.author_id,
        "only_for_id": line.only_for_id,
        "message_id": line.message_id,
        "text": line.text,
        "card": line.card.to_json() if line.card is not None else sa.null(),
        "at": at,
    }


def lines_of_messages(transaction: Transaction, message_ids: Iterable[int]) -> dict[int, tuple[int, str, Any]]:
    """For each message that stands in the chat: the id of its line, its conversation, and its card as JSON."""
    return {
        row.message_id: (row.id, row.conversation, row.card)
        for row in transaction.rows(_OF_MESSAGES, ids=list(set(message_ids)))
    }


_OF_MESSAGES = Prepared(
    sa.select(chat_lines.c.message_id, chat_lines.c.id, chat_lines.c.conversation, chat_lines.c.card).where(
        chat_lines.c.message_id.in_(sa.bindparam("ids", expanding=True))
    )
)


def replace_cards(transaction: Transaction, changed: Sequence[tuple[int, str, Any]]) -> None:
    """Give these lines (id, conversation, card as JSON) a new card."""
    if not changed:
        return
    number = latest_change(transaction)
    transaction.change(
        _REPLACE,
        *(
            {"line": line, "card": card, "changed": number + place}
            for place, (line, _, card) in enumerate(changed, start=1)
        ),
    )
    transaction.touched.update(f"chat:{conversation}" for _, conversation, _ in changed)
