"""`/ap concern [SCHOOL or REF]`: asking a school's DSL to telephone now. What it is about is never asked, nor kept."""

from dataclasses import replace

import sqlalchemy as sa

from apbot.cards import Reply
from apbot.domain.access import Actor
from apbot.handlers.commands.port import Command
from apbot.handlers.concern import offer, raise_with
from apbot.handlers.port import Refused
from apbot.store.concerns import schools_to_ask
from apbot.store.database import Transaction
from apbot.store.pupils import find_pupil
from apbot.store.tables import schools

LONGEST = 200
"""Characters of a school's name."""


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Ask at once where it is certain which school is meant; else offer every school that it may be."""
    asked = schools_to_ask(transaction, actor)
    if not asked:
        raise Refused("No school has a pupil with you. Ring the school that it is about, and 999 in danger.")
    if not text and len(asked) == 1:
        return raise_with(transaction, actor, next(iter(asked)))
    if text:
        pupil = find_pupil(transaction, actor, text)
        if pupil is not None and pupil.school_id in asked:
            return raise_with(transaction, actor, pupil.school_id, pupil_id=pupil.id)
        meant = _called(transaction, asked, text)
        if len(meant) == 1:
            return raise_with(transaction, actor, meant[0])
        asked = frozenset(meant) or asked
    # Whatever else was typed may be what it is about, which belongs in the safeguarding system only.
    words = ("Press the school. Nothing else that you typed was kept.",) if text else ()
    return replace(Reply(offer(transaction, asked, *words, heading="Whose DSL is to call you now?")), words_kept=False)


def _called(transaction: Transaction, asked: frozenset[int], name: str) -> list[int]:
    """The schools that `name` begins, or names by its reference."""
    wanted = name.strip()[:LONGEST].casefold()
    rows = transaction.rows(sa.select(schools.c.id, schools.c.ref, schools.c.name).where(schools.c.id.in_(asked)))
    exact = [row.id for row in rows if wanted in (row.name.casefold(), row.ref.casefold())]
    return exact or [row.id for row in rows if row.name.casefold().startswith(wanted)]


COMMAND = Command("concern [SCHOOL or REF]", "Ask a school's DSL to telephone you now. In danger call 999 first.", run)
