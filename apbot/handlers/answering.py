"""Words in answer to an alert, a concern, an incident, a missed day: "on it" takes it on; nothing else is guessed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from apbot.cards import Action, Button, Card, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.domain.replies import Answer, read_alert_reply, references_in
from apbot.handlers import concern, escalation, incident, missed_day
from apbot.handlers.port import Handler, said
from apbot.messages.kinds import Envelope
from apbot.messages.registry import KINDS
from apbot.store.calls import call_named, calls_on
from apbot.store.database import Transaction
from apbot.store.escalations import load_escalations_by_id

TAKING_ON: dict[str, Handler] = {
    verb: handlers[verb]
    for verb, handlers in (
        ("acknowledge", escalation.HANDLERS),
        ("concern_acknowledge", concern.HANDLERS),
        ("missed_day_acknowledge", missed_day.HANDLERS),
        ("incident_acknowledge", incident.HANDLERS),
    )
}
"""The buttons that say "I see to it"."""

HEADINGS = {
    Answer.TAKES_ON: "Somebody has acknowledged it already",
    Answer.OUTCOME: "Nothing was recorded yet: choose what is established",
    Answer.SMALL_TALK: "Nobody has acknowledged it yet",
    Answer.OTHER: "I did not take that for an answer, and did nothing",
}
"""What is said with the buttons that stand under it."""


@dataclass(frozen=True)
class Call:
    """Something that the person was asked to see to, as its message says it now."""

    kind: str
    subject_id: int
    card: Card
    pupils: Mapping[str, int]
    """Of an alert: the pupils by their references, as its buttons know them."""

    def rows(self, named: Collection[str]) -> tuple[Row, ...]:
        """The rows in which something can be recorded; of the pupils who were named, where any were."""
        wanted = {self.pupils[each] for each in named if each in self.pupils}
        return tuple(row for row in self.card.rows if row.buttons and (not wanted or row.buttons[0].subject in wanted))

    @property
    def taking_on(self) -> Button | None:
        """The button that takes it on; None where somebody has."""
        return next((each for each in self.card.buttons if each.verb in TAKING_ON), None)


def answer_call(transaction: Transaction, actor: Actor, action: Action) -> Reply | None:
    """The answer to typed words where something is open that this person was asked to see to; None where nothing is."""
    meant = _meant(transaction, actor, action)
    references = frozenset(reference for call in meant for reference in call.pupils)
    read = read_alert_reply(action.text, references)
    named = references_in(action.text, references)
    meant = [call for call in meant if named & call.pupils.keys()] if named else meant
    untaken = [call for call in meant if call.taking_on is not None]
    if read is Answer.TAKES_ON and untaken:
        return _take_on(transaction, actor, action, untaken)
    if read is Answer.SMALL_TALK and not untaken:
        return None
    if meant:
        return Reply(_offer(meant, named, HEADINGS[read]))
    return said("Nothing is left to do there", tone=Tone.DONE) if is_about_call(transaction, actor, action) else None


def offers_of(transaction: Transaction, actor: Actor, action: Action) -> tuple[Row, ...]:
    """The rows, with their buttons, of what is open for this person there."""
    return tuple(row for call in _meant(transaction, actor, action) for row in call.rows(()))


def is_about_call(transaction: Transaction, actor: Actor, action: Action) -> bool:
    """Whether it was typed in reply to a message that asks this person to see to something."""
    if action.message_id is None or actor.person_id is None:
        return False
    return call_named(transaction, actor.person_id, action.message_id) is not None


def _meant(transaction: Transaction, actor: Actor, action: Action) -> list[Call]:
    """What the words can be about: what they reply to, or, in the person's own conversation, all that is open."""
    if actor.person_id is None:
        return []
    if action.message_id is not None:
        row = call_named(transaction, actor.person_id, action.message_id)
        if row is not None:
            return _open(transaction, actor, [row])
    if action.address != f"person:{actor.person_id}":
        return []
    return _open(transaction, actor, calls_on(transaction, actor.person_id))


def _open(transaction: Transaction, actor: Actor, rows: Sequence[sa.Row[Any]]) -> list[Call]:
    """Those of these that still wait for something, as they stand now."""
    calls = []
    for kind in dict.fromkeys(row.kind for row in rows):
        own = [row for row in rows if row.kind == kind]
        envelopes = [
            (row.subject_id, Envelope(actor.person_id, row.round, row.step, row.due_at, transaction.now, True))
            for row in own
        ]
        cards = KINDS[kind].render(transaction, envelopes)
        alerts = load_escalations_by_id(transaction, [row.subject_id for row in own]) if kind == "escalation" else {}
        for row, card in zip(own, cards, strict=True):
            if card is not None and card.tone is not Tone.DONE and card.buttons_everywhere():
                pupils = alerts[row.subject_id].unsettled if row.subject_id in alerts else ()
                calls.append(Call(kind, row.subject_id, card, {each.entry.reference: each.id for each in pupils}))
    return calls


def _take_on(transaction: Transaction, actor: Actor, action: Action, untaken: Sequence[Call]) -> Reply:
    """Take the one on that is meant, or ask which."""
    buttons = [button for call in untaken if (button := call.taking_on) is not None]
    if len(buttons) == 1:
        pressed = replace(action, verb=buttons[0].verb, subject=buttons[0].subject, text="")
        reply = TAKING_ON[pressed.verb](transaction, actor, pressed)
        which = untaken[0].card.heading
        return replace(reply, card=replace(reply.card, lines=(which, *reply.card.lines)) if reply.card else None)
    rows = tuple(Row(call.card.heading, buttons=(call.taking_on,)) for call in untaken if call.taking_on is not None)
    return Reply(Card("Which one? Nothing was acknowledged yet", Tone.ASK, rows=rows))


def _offer(meant: Sequence[Call], named: Collection[str], heading: str) -> Card:
    """What can be done about what is open, with its buttons, and nothing done."""
    if len(meant) == 1:
        card = meant[0].card
        return Card(heading, Tone.ASK, (card.heading, *card.lines), meant[0].rows(named), card.buttons, card.footer)
    rows: list[Row] = []
    for call in meant:
        rows.append(Row(call.card.heading, buttons=() if call.taking_on is None else (call.taking_on,)))
        rows += call.rows(named)
    return Card(heading, Tone.ASK, rows=tuple(rows))
