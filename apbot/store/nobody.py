"""An alert that none of those it was meant for can be told of: the admins are told at once, and the provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from apbot.domain.priority import Priority
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.people import load_provider_people, load_readers
from apbot.store.tables import escalations, registers

NOT_REACHED = "nobody reached"
"""To the admins: who answers for that school's alerts can't be reached."""

RING_THEM = "school not reached"
"""To the provider, which has the pupil's school to ring: nobody there can be reached at all."""

CONTACTS = frozenset({Role.NAMED_CONTACT, Role.DEPUTY_CONTACT})


@dataclass(frozen=True)
class Unheard:
    """One step of an escalation of which none of its own people could be told."""

    escalation_id: int
    round: int
    step: int
    due_at: datetime
    admins: tuple[int, ...]
    by_anybody: bool
    """Somebody else was told in their place."""


def tell_of_unheard(transaction: Transaction, unheard: Sequence[Unheard]) -> None:
    """Owe the admins a message about each of these steps, and each provider one where nobody at all was told."""
    owed = [
        Owed(Subject(NOT_REACHED, each.escalation_id, each.step, each.round), Priority.ESCALATION, each.due_at, person)
        for each in unheard
        for person in each.admins
    ]
    lost = {each.escalation_id: each for each in unheard if not each.by_anybody}
    rows = transaction.rows(
        sa.select(escalations.c.id, registers.c.provider_id)
        .join_from(escalations, registers)
        .where(escalations.c.id.in_(lost))
    )
    provider_ids = {row.provider_id for row in rows}
    contacts = load_provider_people(transaction, provider_ids, local_date(transaction.now), CONTACTS)
    readers = load_readers(transaction, provider_ids, contacts)
    for row in rows:
        each, asked = lost[row.id], readers[row.provider_id]
        # Once in each round: whoever has rung the school can't say so to apbot.
        subject = Subject(RING_THEM, row.id, round=each.round)
        if asked.in_common:
            owed.append(Owed(subject, Priority.ESCALATION, each.due_at, provider_id=row.provider_id))
        owed += [Owed(subject, Priority.ESCALATION, each.due_at, person) for person in asked.one_by_one]
    owe(transaction, owed)
