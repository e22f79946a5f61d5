"""Days on which apbot was not running: that a school's people were told that nobody was asked, and who sees to it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from apbot.domain.access import Actor
from apbot.domain.missed import REPEAT_EVERY, roles_at
from apbot.domain.priority import Priority
from apbot.domain.walltime import local_date
from apbot.store.audit import note, note_all
from apbot.store.coding import CodesDay, load_days
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.people import load_teams, names_of
from apbot.store.tables import missed_days, school_days
from apbot.store.until_taken import UntilTaken

log = structlog.get_logger()

MISSED = "missed day"
"""The kind of message that says that nobody was asked on a school day; its subject is the school day."""

CALLS = UntilTaken(missed_days, REPEAT_EVERY)


@dataclass(frozen=True)
class MissedDay:
    """One school's missed day, with its sessions as they are known now."""

    codes: CodesDay
    found_at: datetime
    acknowledged_by_id: int | None
    acknowledged_by: str
    acknowledged_at: datetime | None


def load_missed_days(transaction: Transaction, ids: Iterable[int]) -> dict[int, MissedDay]:
    """These missed days, by the school day's id."""
    rows = transaction.rows(sa.select(missed_days).where(missed_days.c.id.in_(set(ids))))
    names = names_of(transaction, (row.acknowledged_by_id for row in rows))
    days = load_days(transaction, [row.id for row in rows])
    return {
        row.id: MissedDay(
            days[row.id],
            row.found_at,
            row.acknowledged_by_id,
            names.get(row.acknowledged_by_id, ""),
            row.acknowledged_at,
        )
        for row in rows
    }


def keep_missed(transaction: Transaction, actor: Actor, school_day_ids: Collection[int]) -> list[int]:
    """Nobody was asked on these school days: tell their people; the ids of those for which there is nobody."""
    row = {"found_at": transaction.now, "next_at": transaction.now + REPEAT_EVERY}
    transaction.insert_new(missed_days, [{"id": each, **row} for each in school_day_ids])
    return _tell(transaction, actor, school_day_ids, transaction.now)


def tell_again(transaction: Transaction, actor: Actor, school_day_ids: Sequence[int], due_at: datetime) -> None:
    """Nobody sees to these yet: tell their people once more."""
    CALLS.take_further(transaction, school_day_ids)
    _tell(transaction, actor, school_day_ids, due_at)


def _tell(transaction: Transaction, actor: Actor, ids: Collection[int], due_at: datetime) -> list[int]:
    rows = transaction.rows(
        sa.select(missed_days.c.id, missed_days.c.step, school_days.c.school_id)
        .join_from(missed_days, school_days)
        .where(missed_days.c.id.in_(ids), missed_days.c.acknowledged_at.is_(None))
    )
    teams = load_teams(transaction, {row.school_id for row in rows}, local_date(transaction.now))
    told = {row.id: teams[row.school_id].choose(roles_at(row.step)).person_ids for row in rows}
    owe(
        transaction,
        [
            Owed(Subject(MISSED, row.id, row.step), Priority.ESCALATION, due_at, person, attempt=row.step)
            for row in rows
            for person in told[row.id]
        ],
    )
    note_all(
        transaction,
        actor,
        "missed day told",
        [(f"school_day:{row.id}", {"step": row.step, "people": list(told[row.id])}) for row in rows],
    )
    nobody = [row.id for row in rows if not told[row.id]]
    if nobody:
        log.error("nobody can be reached", missed_days=nobody)
    return nobody


def see_to(transaction: Transaction, actor: Actor, missed: MissedDay) -> bool:
    """Write down that `actor` makes sure of its pupils. False where somebody does already."""
    if not CALLS.take_on(transaction, actor, missed.codes.id):
        return False
    note(transaction, actor, "missed day acknowledged", f"school_day:{missed.codes.id}")
    refresh(transaction, [MISSED], [missed.codes.id])
    return True
