"""`/ap link CODE`: the one thing that somebody whom apbot does not know yet can do."""

import re
from dataclasses import replace

import sqlalchemy as sa

from apbot.cards import Action, Card, Reply, Tone
from apbot.handlers.port import said
from apbot.store.database import Transaction
from apbot.store.linkcodes import CannotLink, use_code
from apbot.store.linking import Owner
from apbot.store.tables import people, providers

LINK = re.compile(r"^\s*(?:/?ap\s+link|/start|/?link)\s+(\S(?:[\S ]{0,60}\S)?)\s*$", re.IGNORECASE)
"""As typed in `/ap link CODE`, in Telegram's `/start CODE`, and by whoever leaves out the rest."""

HOW = "Ask the admin of your school or provider for a code, then type here: /ap link CODE"


def code_in(action: Action) -> str:
    """The code that somebody typed to be linked, or ""."""
    found = LINK.match(action.text) if action.verb == "say" else None
    return found[1] if found else ""


def link(transaction: Transaction, action: Action) -> Reply:
    """Link who typed a code, or the conversation it was typed in."""
    if not action.sender:
        return said("You are signed in here already", "A code is for Slack, Telegram, Teams and the like.")
    try:
        owner = use_code(
            transaction,
            code_in(action),
            action.channel,
            sender=action.sender,
            place=action.place,
            detail=action.detail,
        )
    except CannotLink as problem:
        return said("Not linked", str(problem), tone=Tone.ASK)
    return _linked(transaction, owner)


def _linked(transaction: Transaction, owner: Owner) -> Reply:
    if owner.person_id is not None:
        name = transaction.value(sa.select(people.c.name).where(people.c.id == owner.person_id))
        return said(
            f"You are linked, {name}",
            "What concerns you comes here first from now on. Type /ap help for what you can ask, "
            "/ap notify for where you are told.",
            tone=Tone.DONE,
        )
    name = transaction.value(sa.select(providers.c.name).where(providers.c.id == owner.provider_id))
    return said(
        f"This conversation is {name}'s from now on",
        "Its registers come here. Each of its staff who answers needs a code of their own.",
        tone=Tone.DONE,
    )


BY_EMAIL = "You are linked to apbot now, by your email address: what concerns you comes here first."


def by_email(answer: Card | None) -> Card:
    """The answer to what somebody did who was linked by that: they must know, for they are told here from now on."""
    if answer is None:
        return Card(BY_EMAIL, Tone.DONE, ("/ap notify says where you are told.",))
    return replace(answer, lines=(*answer.lines, f"{BY_EMAIL} /ap notify changes that."))


def not_linked() -> Reply:
    """The answer to somebody whom apbot does not know, or who has left: for them alone."""
    answer = said("You are not linked to apbot, so nothing was done", HOW, tone=Tone.ASK)
    return replace(answer, is_refusal=True, is_private=True)
