"""Asking a school's DSL to telephone about a possible safeguarding concern, and answering that one does."""

import sqlalchemy as sa

from apbot.cards import Action, Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.concern import REPEAT_EVERY
from apbot.domain.walltime import wall
from apbot.handlers.port import Handler, Refused, said
from apbot.messages.concern import numbers
from apbot.store.concerns import (
    Concern,
    answer,
    ask,
    ask_again,
    load_concerns,
    open_concern,
    schools_to_ask,
    unanswered,
)
from apbot.store.database import Transaction
from apbot.store.tables import placements, pupils

EVERY = int(REPEAT_EVERY.total_seconds() // 60)


def _raise(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Open a concern with a school (the button's subject), or ask again about the one that is open."""
    school_id = action.subject
    if actor.person_id is None or school_id not in schools_to_ask(transaction, actor):
        raise Refused("That school has no pupil with you. Ring the school that it is about, and 999 in danger.")
    before = unanswered(transaction, school_id, actor.person_id)
    if before is not None:
        nobody = ask_again(transaction, actor, [before.id], transaction.now)
        return _asked(before, "Asked again", is_reached=not nobody)
    concern = open_concern(transaction, actor, school_id, _provider(transaction, actor, action))
    nobody = ask(transaction, actor, [concern], transaction.now)
    return _asked(concern, "Asked", is_reached=not nobody)


def _provider(transaction: Transaction, actor: Actor, action: Action) -> int | None:
    """The provider whose conversation it was raised in, else the one of theirs that has this school's pupils."""
    kind, _, number = action.address.partition(":")
    if kind == "provider" and number.isdigit() and int(number) in actor.providers():
        return int(number)
    found = [
        int(row.provider_id)
        for row in transaction.rows(
            sa.select(placements.c.provider_id)
            .join_from(placements, pupils)
            .where(pupils.c.school_id == action.subject, placements.c.provider_id.in_(actor.providers()))
            .order_by(placements.c.id.desc())
        )
    ]
    return found[0] if found else None


def _asked(concern: Concern, what: str, *, is_reached: bool) -> Reply:
    """What happens now, and the school's number: nobody should have to wait for a message to be read."""
    number = f" Or ring them: {concern.school_telephone}." if concern.school_telephone else ""
    if not is_reached:
        return said(
            f"Nobody at {concern.school} can be reached by chat: telephone now",
            f"{concern.school}: {concern.school_telephone or 'no number is recorded'}.",
            "If a child is in immediate danger, call 999 first.",
            tone=Tone.ALERT,
        )
    return said(
        f"{what}: {concern.school} is to telephone you now",
        f"They are asked every {EVERY} minutes until somebody answers; then you see who.{number}",
        f"What they are given: {numbers(concern)}.",
        "If a child is in immediate danger, call 999 first.",
        tone=Tone.ASK,
    )


def _acknowledge(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Say that one is telephoning."""
    concern = load_concerns(transaction, [action.subject]).get(action.subject)
    if concern is None or not actor.may_answer(concern.school_id):
        raise Refused("That concern is not yours to answer.")
    if not answer(transaction, actor, concern):
        at = f" at {wall(concern.acknowledged_at)}" if concern.acknowledged_at else ""
        return said(f"{concern.acknowledged_by} took it{at}", numbers(concern), tone=Tone.DONE)
    return said(
        f"You have told {concern.raised_by} that you are telephoning",
        numbers(concern),
        "Write what it is about in the safeguarding system, not here.",
        tone=Tone.ASK,
    )


HANDLERS: dict[str, Handler] = {"concern": _raise, "concern_acknowledge": _acknowledge}
