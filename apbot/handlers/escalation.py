"""Acknowledging an alert, and recording what is established about each pupil."""

import sqlalchemy as sa

from apbot.cards import Action, Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.escalation import OUTCOME_WITHIN, Outcome, State
from apbot.domain.walltime import wall
from apbot.handlers.marking import settle
from apbot.handlers.port import Handler, Refused, said
from apbot.store.audit import ACKNOWLEDGED, note
from apbot.store.database import Transaction
from apbot.store.escalations import TOLD, Escalation, load_escalations_by_id
from apbot.store.outbox import refresh
from apbot.store.tables import escalated, escalations


def _acknowledge(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    escalation = _load(transaction, actor, action.subject)
    if not escalation.state.is_live:
        return said("Nothing left to do", "Every pupil of that alert is accounted for.", tone=Tone.DONE)
    if escalation.state is State.ACKNOWLEDGED:
        at = wall(escalation.acknowledged_at) if escalation.acknowledged_at else ""
        return said(f"{escalation.acknowledged_by} acknowledged it at {at}", tone=Tone.DONE)
    take_on(transaction, actor, escalation)
    refresh(transaction, TOLD, [escalation.id])
    return said(
        "Acknowledged",
        "Everybody who was told sees your name. Record an outcome for each pupil when you know that they are safe.",
        tone=Tone.DONE,
    )


def _outcome(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    member = transaction.row(sa.select(escalated.c.escalation_id).where(escalated.c.id == action.subject))
    if member is None:
        raise Refused("That alert is not yours.")
    escalation = _load(transaction, actor, member.escalation_id)
    pupil = next(each for each in escalation.pupils if each.id == action.subject)
    if pupil.is_settled:
        return said(f"{pupil.outcome_by or 'The provider'} has recorded an outcome for {pupil.entry.label} already")
    try:
        outcome = Outcome(action.inputs.get("outcome", ""))
    except ValueError:
        raise Refused("Choose what is established about the pupil.") from None
    words = " ".join(action.inputs.get("words", "").split())[:300]
    if outcome.needs_words and not words:
        raise Refused("Say where the pupil was found, or what else is established, in a few words without names.")
    if escalation.state is State.OPEN:
        take_on(transaction, actor, escalation)
    settle(transaction, actor, escalation, {pupil.id: (outcome, words)})
    if outcome.settles:
        return said(f"Recorded for {pupil.entry.label}: {outcome.value}", tone=Tone.DONE)
    return said(
        f"Recorded for {pupil.entry.label}: {outcome.value}",
        "The alert stays open: you will be asked again in an hour what came of it.",
        tone=Tone.ASK,
    )


def take_on(transaction: Transaction, actor: Actor, escalation: Escalation) -> None:
    """Acknowledge in the actor's name; outcomes are due within the hour."""
    transaction.execute(
        sa.update(escalations)
        .where(escalations.c.id == escalation.id)
        .values(
            state=State.ACKNOWLEDGED.value,
            acknowledged_by_id=actor.person_id,
            acknowledged_at=transaction.now,
            reminded_at=None,
            next_at=transaction.now + OUTCOME_WITHIN,
        )
    )
    note(transaction, actor, ACKNOWLEDGED, f"escalation:{escalation.id}")


def _load(transaction: Transaction, actor: Actor, escalation_id: int) -> Escalation:
    escalation = load_escalations_by_id(transaction, [escalation_id]).get(escalation_id)
    if escalation is None or not actor.may_answer(escalation.school_id):
        raise Refused("That alert is not yours to answer.")
    return escalation


HANDLERS: dict[str, Handler] = {"acknowledge": _acknowledge, "outcome": _outcome}
