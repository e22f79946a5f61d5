"""What a message says now: for the answer to a press, which shows its card anew."""

from collections.abc import Sequence

import sqlalchemy as sa

from apbot.cards import Card, Reply, Row, Tone
from apbot.channels.desk import Heard, message_named, person_of
from apbot.channels.teams.conversations import CHANNEL
from apbot.channels.teams.rendering import pages
from apbot.messages.kinds import Envelope
from apbot.messages.registry import KINDS
from apbot.store.database import Transaction
from apbot.store.people import load_actor
from apbot.store.tables import messages


def load_pages(transaction: Transaction, heard: Heard) -> tuple[Sequence[Card], int]:
    """The parts of the message that a button was pressed on, as they are now, and which of them that was.

    None for somebody who is not linked, or where there is nothing (any longer) to say.
    """
    if load_actor(transaction, person_of(transaction, CHANNEL, heard.sender), CHANNEL) is None:
        return (), 0
    message_id = message_named(transaction, CHANNEL, heard.place, heard.platform_ref)
    if message_id is None:
        return (), 0
    row = transaction.row(sa.select(messages).where(messages.c.id == message_id))
    if row is None or row.kind not in KINDS or row.put_away_at is not None:
        return (), 0
    envelope = Envelope(
        person_id=row.person_id,
        round=row.round,
        step=row.step,
        due_at=row.due_at,
        now=transaction.now,
        sent_before=True,
        sent_at=row.sent_at,
    )
    (card,) = KINDS[row.kind].render(transaction, [(row.subject_id, envelope)])
    if card is None:
        return (), 0
    parts = pages(card)
    names = row.platform_ref.split()
    return parts, names.index(heard.platform_ref) if heard.platform_ref in names else 0


def with_answer(parts: Sequence[Card], at: int, reply: Reply) -> Card | None:
    """One part with the answer to a press on top of it; None where they do not fit one message."""
    answer = reply.card
    if at >= len(parts):
        return answer
    if answer is None:
        return parts[at]
    part = parts[at]
    told = Row(answer.heading, " · ".join(answer.lines), answer.tone, answer.buttons)
    whole = Card(
        heading=part.heading,
        tone=part.tone,
        lines=part.lines,
        rows=(told, *answer.rows, *part.rows),
        buttons=part.buttons,
        footer=part.footer,
    )
    return whole if len(pages(whole)) == 1 else None


def is_small(card: Card) -> bool:
    """Whether an answer is a refusal or a question in a few words, with nothing to press."""
    return not card.buttons_everywhere() and not card.rows and card.tone in (Tone.ASK, Tone.ALERT)
