"""From an action to its handler: once for each event, only for known people, and never a crash for an answer."""

from dataclasses import replace

import sqlalchemy as sa
import structlog

from apbot.cards import Action, Reply, Tone, card_from_json
from apbot.domain.access import Actor
from apbot.handlers import (
    coding,
    commands,
    concern,
    duty,
    escalation,
    incident,
    linking,
    missed_day,
    recording,
    register,
    words,
)
from apbot.handlers.commands import absence, cover, notify
from apbot.handlers.port import Handler, Refused, said
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import events

log = structlog.get_logger()

HANDLERS: dict[str, Handler] = {
    "say": words.say,
    **register.HANDLERS,
    **escalation.HANDLERS,
    **coding.HANDLERS,
    **concern.HANDLERS,
    **incident.HANDLERS,
    **duty.HANDLERS,
    **recording.HANDLERS,
    **missed_day.HANDLERS,
    **absence.HANDLERS,
    **cover.HANDLERS,
    **notify.HANDLERS,
}
"""What each button, and typed words, lead to. A new part of the work is one module, and one entry here."""


_BEFORE = Prepared(
    sa.select(events.c.reply).where(
        events.c.channel == sa.bindparam("channel"), events.c.event_id == sa.bindparam("event_id")
    )
)


def handle(transaction: Transaction, actor: Actor | None, action: Action) -> Reply:
    """Do what `action` asks and answer it. The same event again does nothing and is answered the same.

    `actor` is who did it, as they are today; None for somebody who is not linked, has left, or has not begun.
    """
    before = transaction.row(_BEFORE, channel=action.channel, event_id=action.event_id)
    if before is not None:
        card = before.reply["card"]
        return Reply(
            card_from_json(card) if card else None,
            before.reply["kept"],
            is_refusal=before.reply.get("refused", False),
            is_private=before.reply.get("private", False),
            is_repeat=True,
        )
    reply = _answer(transaction, actor, action)
    transaction.insert(
        events,
        channel=action.channel,
        event_id=action.event_id,
        at=transaction.now,
        reply={
            "card": reply.card.to_json() if reply.card else None,
            "kept": reply.words_kept,
            "refused": reply.is_refusal,
            "private": reply.is_private,
        },
    )
    return reply


def _is_ours(transaction: Transaction, action: Action) -> bool:
    """Whether somebody unknown must hear that nothing was done; what people say to each other gets no answer."""
    is_to_apbot = action.is_to_apbot or commands.is_command(action.text)
    return is_to_apbot or words.answers_register(transaction, action)


def _answer(transaction: Transaction, actor: Actor | None, action: Action) -> Reply:
    if linking.code_in(action):
        return linking.link(transaction, action)
    if actor is None:
        return linking.not_linked() if _is_ours(transaction, action) else Reply()
    handler = HANDLERS.get(action.verb)
    if handler is None:
        log.warning("unknown verb", verb=action.verb[:40], channel=action.channel)
        return said("That button is no longer in use", "Use the newest message, or type /ap help.", tone=Tone.ASK)
    try:
        with transaction.savepoint():
            answer = handler(transaction, actor, action)
    except Refused as refusal:
        answer = replace(said(str(refusal), tone=Tone.ASK), is_refusal=True, wrong_input=refusal.about)
    return replace(answer, is_private=True) if commands.is_for_the_asker_alone(action.text) else answer
