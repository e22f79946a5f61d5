"""Non-arrivals: opening an escalation at thirty minutes, and taking every open one further until it is settled."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from apbot.domain.escalation import FIRST, Kind, Move, Outcome, Policy, State, advance
from apbot.domain.marks import Fact
from apbot.domain.register import EntryState
from apbot.store.audit import SCHEDULE, note_all
from apbot.store.database import Transaction
from apbot.store.escalations import NO_LONGER_WAITS, TOLD, Opening, Telling, open_escalations, tell
from apbot.store.outbox import refresh
from apbot.store.prepared import Prepared
from apbot.store.tables import entries, escalated, escalations

ON_SITE = [fact.value for fact in Fact if fact.is_on_site]


_IS_LOOKED_FOR = (
    sa.exists()
    .where(
        escalated.c.entry_id == entries.c.id,
        escalated.c.escalation_id == escalations.c.id,
        escalations.c.closed_at.is_(None),
        escalations.c.kind == Kind.NOT_ARRIVED.value,
        sa.or_(escalated.c.outcome.is_(None), escalated.c.outcome == Outcome.CHECK_ASKED.value),
    )
    .correlate(entries)
)
"""An alert says already that the pupil has not arrived, and nobody has established yet that they are safe."""


FIRST_BATCH, BATCH = 25, 200
"""So many pupils, or escalations, are decided upon at a time: few at first, so that their alerts go out meanwhile."""

ENTRY = (entries.c.id, entries.c.register_id, entries.c.school_id, entries.c.alert_at)
"""What is wanted of the entry of a pupil who is due an alert."""

_MISSING = Prepared(
    sa.select(entries.c.id).where(
        entries.c.id.in_(sa.bindparam("ids", expanding=True)),
        entries.c.state == EntryState.EXPECTED.value,
        sa.or_(entries.c.fact.is_(None), entries.c.fact.not_in(ON_SITE)),
        ~_IS_LOOKED_FOR,
    )
)


def open_alerts(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Open an escalation for each register and school of these `ENTRY`s whose pupils are missing.

    What falls due together goes to each person as one message, though it be late for some.
    """
    missing = {row.id for row in transaction.rows(_MISSING, ids=[row.id for row in rows])}
    groups: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in sorted((row for row in rows if row.id in missing), key=lambda row: row.id):
        groups[row.register_id, row.school_id].append(row)
    open_escalations(
        transaction,
        SCHEDULE,
        [
            Opening(
                register_id=register_id,
                school_id=school_id,
                entry_ids=tuple(row.id for row in group),
                kind=Kind.NOT_ARRIVED,
                due_at=min(row.alert_at for row in group),
            )
            for (register_id, school_id), group in groups.items()
        ],
    )
    transaction.change(NO_LONGER_WAITS, *({"b_id": row.id} for row in rows if row.id not in missing))
    refresh(transaction, ["register"], {register_id for register_id, _ in groups})


_MOVED = ("state", "round", "step", "next_at", "reminded_at")
_MOVE = Prepared(
    sa.update(escalations)
    .where(escalations.c.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(name) for name in _MOVED})
)


def take_further(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Take each of these live escalations one step further."""
    moves = [(row, _move(row, transaction)) for row in rows]
    transaction.change(
        _MOVE,
        *(
            {
                "b_id": row.id,
                "state": move.state.value,
                "round": move.round,
                "step": move.step,
                "next_at": move.next_at,
                "reminded_at": transaction.now if move.remind else None,
            }
            for row, move in moves
        ),
    )
    tell(transaction, SCHEDULE, [_telling(row, move) for row, move in moves])
    note_all(
        transaction,
        SCHEDULE,
        "escalation moved on",
        [
            (f"escalation:{row.id}", {"round": move.round, "step": move.step, "reminder": move.remind})
            for row, move in moves
        ],
    )
    # Earlier messages say the same after a further step; they are edited only where something else has changed.
    refresh(transaction, TOLD, [row.id for row, move in moves if move.state.value != row.state])


def _move(row: Any, transaction: Transaction) -> Move:
    return advance(
        Policy.from_json(row.steps),
        State(row.state),
        row.round,
        row.step,
        transaction.now,
        reminded=row.reminded_at is not None,
    )


def _telling(row: Any, move: Move) -> Telling:
    roles = FIRST if move.remind else Policy.from_json(row.steps).roles_at(move.step)
    return Telling(
        escalation_id=row.id,
        school_id=row.school_id,
        roles=roles,
        round=move.round,
        step=move.step,
        due_at=row.next_at,
        people=(row.acknowledged_by_id,) if move.remind and row.acknowledged_by_id is not None else (),
    )
