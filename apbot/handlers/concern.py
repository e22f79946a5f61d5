"""Asking a school's DSL to telephone about a possible safeguarding concern, and answering that one does."""

from collections.abc import Iterable

import sqlalchemy as sa

from apbot.cards import Action, Button, Card, Reply, Style, Tone
from apbot.domain.access import Actor
from apbot.domain.concern import CALLING, NotAReference, read_reference
from apbot.domain.walltime import wall
from apbot.handlers.port import Handler, Refused, said
from apbot.messages.concern import numbers, reference_button
from apbot.store.concerns import (
    CONCERNS,
    Concern,
    answer,
    keep_reference,
    load_concerns,
    name_pupil,
    names_at,
    open_concern,
    schools_to_ask,
    unanswered,
)
from apbot.store.database import Transaction
from apbot.store.registers import load_registers_by_id
from apbot.store.tables import placements, pupils, schools

EVERY = int(CALLING.repeat_every.total_seconds() // 60)

MOST_SCHOOLS = 10
"""So many are offered as buttons; an admin over more than that writes which."""


def _raise(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Open a concern with a school (the button's subject), or ask again about the one that is open."""
    return raise_with(transaction, actor, action.subject, action.address)


def _raise_at(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """The same from a register (the button's subject): where its pupils are of several schools, ask which."""
    register = load_registers_by_id(transaction, [action.subject]).get(action.subject)
    asked = schools_to_ask(transaction, actor)
    found = {entry.school_id for entry in register.entries} & asked if register is not None else set()
    if len(found) == 1:
        return raise_with(transaction, actor, found.pop(), action.address)
    return Reply(offer(transaction, found or asked, heading="Which school is the pupil from?"))


def raise_with(
    transaction: Transaction, actor: Actor, school_id: int, address: str = "", pupil_id: int | None = None
) -> Reply:
    """Ask this school's DSL to telephone. `address` is the conversation it was raised in; `pupil_id` may be known."""
    if actor.person_id is None or school_id not in schools_to_ask(transaction, actor):
        raise Refused("That school has no pupil with you. Ring the school that it is about, and 999 in danger.")
    before = unanswered(transaction, school_id, actor.person_id)
    if before is not None:
        if pupil_id is not None and not before.pupil:
            name_pupil(transaction, actor, before, pupil_id)
        nobody = CONCERNS.tell_again(transaction, actor, [before.id], transaction.now)
        return _asked(before, "Asked again", is_reached=not nobody)
    provider_id = _provider(transaction, actor, school_id, address)
    concern = open_concern(transaction, actor, school_id, provider_id, pupil_id)
    nobody = CONCERNS.tell(transaction, actor, [concern], transaction.now)
    return _asked(concern, "Asked", is_reached=not nobody)


def offer(transaction: Transaction, school_ids: Iterable[int], *lines: str, heading: str) -> Card:
    """The schools' numbers, and a button for each school's DSL."""
    rows = transaction.rows(
        sa.select(schools.c.id, schools.c.name, schools.c.telephone)
        .where(schools.c.id.in_(set(school_ids)))
        .order_by(schools.c.name)
    )
    several = (f"There are {len(rows)} schools. Write which: /ap concern NAME",) if len(rows) > MOST_SCHOOLS else ()
    shown = () if several else rows
    return Card(
        heading=heading,
        tone=Tone.ALERT,
        lines=(*lines, *several, *(f"{row.name}: {row.telephone}" for row in shown if row.telephone)),
        buttons=tuple(
            Button(f"Ask {row.name}'s DSL to call me now", "concern", row.id, style=Style.DANGER) for row in shown
        ),
        footer="If a child is in immediate danger, call 999 first.",
    )


def _provider(transaction: Transaction, actor: Actor, school_id: int, address: str) -> int | None:
    """The provider whose conversation it was raised in, else the one of theirs that has this school's pupils."""
    kind, _, number = address.partition(":")
    if kind == "provider" and number.isdigit() and int(number) in actor.providers():
        return int(number)
    found = [
        int(row.provider_id)
        for row in transaction.rows(
            sa.select(placements.c.provider_id)
            .join_from(placements, pupils)
            .where(pupils.c.school_id == school_id, placements.c.provider_id.in_(actor.providers()))
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
    concern = _concern(transaction, actor, action.subject)
    if not answer(transaction, actor, concern):
        at = f" at {wall(concern.acknowledged_at)}" if concern.acknowledged_at else ""
        return said(f"{concern.acknowledged_by} took it{at}", numbers(concern), tone=Tone.DONE)
    return said(
        f"You have told {concern.raised_by} that you are telephoning",
        numbers(concern),
        "Write what it is about in the safeguarding system, not here.",
        tone=Tone.ASK,
        buttons=(reference_button(concern),),
    )


def _reference(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Keep under which reference the school's safeguarding system has it."""
    concern = _concern(transaction, actor, action.subject)
    if concern.acknowledged_at is None:
        raise Refused("Nobody has answered that yet. Telephone first.")
    try:
        reference = read_reference(action.inputs.get("reference", ""), names_at(transaction, concern.school_id))
    except NotAReference as problem:
        raise Refused(f"{problem} Nothing was recorded.", "reference") from None
    if reference == concern.reference:
        return said(f"Concern {concern.id} has the reference {reference} already", tone=Tone.DONE)
    keep_reference(transaction, actor, concern, reference)
    return said(f"Recorded: concern {concern.id} is {reference} in the safeguarding system", tone=Tone.DONE)


def _concern(transaction: Transaction, actor: Actor, concern_id: int) -> Concern:
    concern = load_concerns(transaction, [concern_id]).get(concern_id)
    if concern is None or not actor.may_answer(concern.school_id):
        raise Refused("That concern is not yours to answer.")
    return concern


HANDLERS: dict[str, Handler] = {
    "concern": _raise,
    "concern_at": _raise_at,
    "concern_acknowledge": _acknowledge,
    "concern_reference": _reference,
}
