"""Which messages are about one pupil: alone, or among others."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from apbot.store.coding import CODES, OVERDUE, OVERDUE_COPY
from apbot.store.concerns import ANSWERED, ASKED
from apbot.store.database import Transaction
from apbot.store.duties.mentioned import AT_ONCE, DIGEST
from apbot.store.incidents import TOLD
from apbot.store.parts import rows_in
from apbot.store.retention.live import ABOUT_ALERTS, ABOUT_REGISTERS
from apbot.store.tables import (
    concerns,
    duties,
    entries,
    escalated,
    incidents,
    mentions,
    messages,
    placements,
    registers,
    school_days,
)

LISTS = (CODES, OVERDUE, OVERDUE_COPY)
"""Messages that list pupils of whom something is to be decided: this one stands on them or not."""


def load_messages_about(transaction: Transaction, pupil_id: int) -> dict[int, sa.Row[Any]]:
    """Every message that is about the pupil, and every list of a day that they may stand on, by id."""
    rows: dict[int, sa.Row[Any]] = {}
    for kinds, subjects in _subjects(pupil_id):
        found = [row[0] for row in transaction.rows(subjects)]
        query = sa.select(messages).where(messages.c.kind.in_(kinds))
        rows.update({row.id: row for row in rows_in(transaction, query, messages.c.subject_id, found)})
    return rows


def _subjects(pupil_id: int) -> Iterator[tuple[tuple[str, ...], sa.Select[Any]]]:
    """The kinds of message, and what they are about where that is this pupil."""
    of_placements = sa.select(placements.c.id).where(placements.c.pupil_id == pupil_id)
    of_pupil = entries.c.pupil_id == pupil_id
    yield ABOUT_REGISTERS, sa.select(entries.c.register_id).where(of_pupil).distinct()
    yield (
        ABOUT_ALERTS,
        sa.select(escalated.c.escalation_id)
        .join(entries, entries.c.id == escalated.c.entry_id)
        .where(of_pupil)
        .distinct(),
    )
    yield (ASKED, ANSWERED), sa.select(concerns.c.id).where(concerns.c.pupil_id == pupil_id)
    yield (TOLD,), sa.select(incidents.c.id).where(incidents.c.placement_id.in_(of_placements))
    of_duties = sa.select(duties.c.id).where(duties.c.placement_id.in_(of_placements))
    yield (AT_ONCE,), of_duties
    yield (DIGEST,), sa.select(mentions.c.digest_id).where(mentions.c.duty_id.in_(of_duties)).distinct()
    yield (
        LISTS,
        sa.select(school_days.c.id)
        .join(registers, registers.c.day == school_days.c.day)
        .join(entries, sa.and_(entries.c.register_id == registers.c.id, entries.c.school_id == school_days.c.school_id))
        .where(of_pupil)
        .distinct(),
    )
