"""Asking the provider: the prompt at the session's start, and a nudge where nobody has answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.priority import Priority
from apbot.domain.register import NUDGE_AFTER
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.people import load_provider_people, load_readers
from apbot.store.prepared import Prepared
from apbot.store.registers import Register, load_registers_by_id
from apbot.store.tables import registers

NUDGED = frozenset({Role.NAMED_CONTACT, Role.DEPUTY_CONTACT})


BATCH = 100
"""So many registers are decided upon at a time: few, so that the first prompts go out meanwhile."""

_MOVE = Prepared(
    sa.update(registers)
    .where(registers.c.id == sa.bindparam("b_id"))
    .values(step=sa.bindparam("step"), next_at=sa.bindparam("next_at"))
)


def prompt(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Take these registers further: prompt, or nudge those still silent."""
    found = list(load_registers_by_id(transaction, [row.id for row in rows]).values())
    contacts = load_provider_people(
        transaction, {each.provider_id for each in found}, local_date(transaction.now), NUDGED
    )
    asked = load_readers(transaction, [each.provider_id for each in found if each.step == 0], contacts)
    owed: list[Owed] = []
    moves = []
    for register in found:
        running = transaction.now < register.ends_at
        if register.step == 0:
            # A prompt dies when its session ends: who is missing by then reaches the school, not the provider.
            if running and register.entries:
                subject, due_at = Subject("register", register.id), register.next_at or transaction.now
                readers = asked[register.provider_id]
                if readers.in_common:
                    owed.append(Owed(subject, Priority.PROMPT, due_at, provider_id=register.provider_id))
                owed += [Owed(subject, Priority.PROMPT, due_at, person_id=each) for each in readers.one_by_one]
        elif running and _silent(register, transaction.now):
            subject = Subject("nudge", register.id, step=register.step)
            owed += [
                Owed(subject, Priority.PROMPT, register.next_at or transaction.now, person_id=person)
                for person in contacts.get(register.provider_id, [])
            ]
        # A register that nobody is on yet is asked for when somebody is.
        step = register.step + 1 if register.step or register.entries else 0
        moves.append({"b_id": register.id, "step": step, "next_at": _next(register, transaction.now)})
    owe(transaction, owed)
    transaction.change(_MOVE, *moves)


def _silent(register: Register, now: datetime) -> bool:
    return any(entry.starts_at + NUDGE_AFTER <= now for entry in register.unanswered)


def _next(register: Register, now: datetime) -> datetime | None:
    """When to look at the register again: fifteen minutes into the next start of which nobody has spoken."""
    times = [
        at for entry in register.unanswered if (at := entry.starts_at + NUDGE_AFTER) > now and at < register.ends_at
    ]
    return min(times, default=None)
