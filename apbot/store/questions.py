"""What was asked back in a chat that has no forms: kept, so that a restart loses neither the question nor what was
answered so far. The answers are forgotten as soon as they have been acted on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from apbot.cards import Button, Card, Input, card_from_json
from apbot.store.database import Transaction
from apbot.store.tables import events, messages, questions

KEPT = timedelta(days=8)
"""So long a question can be answered."""


@dataclass(frozen=True)
class Question:
    """A pressed button whose inputs are asked for one after another."""

    id: int
    address: str
    person_id: int
    """Who was asked, and who alone may answer."""
    button: Button
    given: Mapping[str, str]
    pressed_on: str
    """The message that it was pressed on, as the platform names it, or ""."""
    platform_ref: str
    """The question as the platform names it; "" as long as it has not been posted."""
    is_open: bool

    @property
    def wanted(self) -> Input | None:
        """What is to be asked next; None when everything was given."""
        return next((each for each in self.button.inputs if each.name not in self.given), None)


def keep(
    transaction: Transaction,
    channel: str,
    address: str,
    person_id: int,
    button: Button,
    message_id: int | None,
    *,
    is_open: bool = True,
) -> int:
    """Keep a pressed button, or with `is_open` false one that may be pressed; its number."""
    transaction.execute(sa.delete(questions).where(questions.c.asked_at < transaction.now - KEPT))
    return transaction.insert(
        questions,
        channel=channel,
        address=address,
        person_id=person_id,
        button=Card("", buttons=(button,)).to_json(),
        given={},
        message_id=message_id,
        asked_at=transaction.now,
        answered_at=None if is_open else transaction.now,
    )


def load(transaction: Transaction, channel: str, question_id: int) -> Question | None:
    """The question of this number."""
    return _one(transaction, channel, questions.c.id == question_id)


def named(transaction: Transaction, channel: str, address: str, platform_ref: str) -> Question | None:
    """The question that the platform names so, answered or not."""
    return _one(transaction, channel, questions.c.address == address, questions.c.platform_ref == platform_ref)


def newest_open(transaction: Transaction, channel: str, address: str, person_id: int) -> Question | None:
    """The question that this person was asked last in this conversation, and has not answered."""
    mine = (questions.c.address == address, questions.c.person_id == person_id, questions.c.answered_at.is_(None))
    return _one(transaction, channel, *mine)


def name(transaction: Transaction, question_id: int, platform_ref: str) -> None:
    """The platform names it so."""
    _change(transaction, question_id, platform_ref=platform_ref)


def give(transaction: Transaction, question_id: int, given: Mapping[str, str]) -> None:
    """Keep the answers so far; the next input has not been asked for yet."""
    _change(transaction, question_id, given=dict(given), platform_ref="")


def close(transaction: Transaction, question_id: int) -> None:
    """It is answered, or given up: what was answered is not needed any more."""
    _change(transaction, question_id, given={}, answered_at=transaction.now)


def note_event(transaction: Transaction, channel: str, event_id: str, question_id: int) -> None:
    """This event has led to that question: the same event again leads to no other."""
    reply = {"card": None, "kept": True, "question": question_id}
    transaction.insert(events, channel=channel, event_id=event_id, at=transaction.now, reply=reply)


def of_event(transaction: Transaction, channel: str, event_id: str) -> int | None:
    """The question that this event has led to; 0 where it has led to something else, None where it is new."""
    row = transaction.row(sa.select(events.c.reply).where(events.c.channel == channel, events.c.event_id == event_id))
    return None if row is None else int((row.reply or {}).get("question", 0))


def _one(transaction: Transaction, channel: str, *conditions: sa.ColumnElement[bool]) -> Question | None:
    row = transaction.row(
        sa.select(questions, messages.c.platform_ref.label("pressed_on"))
        .outerjoin_from(questions, messages, messages.c.id == questions.c.message_id)
        .where(questions.c.channel == channel, *conditions)
        .order_by(questions.c.id.desc())
        .limit(1)
        .with_for_update(of=questions)
    )
    if row is None:
        return None
    (button,) = card_from_json(row.button).buttons
    return Question(
        row.id,
        row.address,
        row.person_id,
        button,
        row.given,
        (row.pressed_on or "").partition(" ")[0],
        row.platform_ref,
        row.answered_at is None,
    )


def _change(transaction: Transaction, question_id: int, **values: Any) -> None:
    transaction.execute(sa.update(questions).where(questions.c.id == question_id).values(**values))
