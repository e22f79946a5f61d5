"""What was owed and what became of it: contacts, visits, reviews and reports, counted over a half term."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.duties.model import State
from apbot.domain.duties.registry import KINDS
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import duties, duty_records, placements


@dataclass
class Done:
    """Of one kind, those that fell due within some days. `due` is all of them but those that were not due after all."""

    due: int = 0
    in_time: int = 0
    late: int = 0
    made_up: int = 0
    """Settled by one that was done later, and counts for its own week alone."""
    missed: int = 0
    overdue: int = 0
    ahead: int = 0
    """Still to be done, in time."""

    @property
    def done(self) -> int:
        """In time or late."""
        return self.in_time + self.late


def fallen_due(*conditions: sa.ColumnElement[bool]) -> Prepared:
    """The duties that fell due within some days and meet the conditions (on duties or placements)."""
    happened_on = (
        sa.select(sa.func.min(duty_records.c.happened_on))
        .where(duty_records.c.duty_id == duties.c.id)
        .scalar_subquery()
    )
    return Prepared(
        sa.select(duties.c.kind, duties.c.state, duties.c.due_on, duties.c.closed_at, happened_on.label("on"))
        .select_from(duties)
        .outerjoin(placements, placements.c.id == duties.c.placement_id)
        .where(
            duties.c.due_on.between(sa.bindparam("first"), sa.bindparam("last")),
            duties.c.state.in_([State.OPEN.value, State.DONE.value, State.MISSED.value]),
            *conditions,
        )
    )


DONE_OF_SCHOOL = fallen_due(duties.c.school_id == sa.bindparam("school"))


def count_done(
    transaction: Transaction, which: Prepared, day: date, first: date, last: date, **values: Any
) -> dict[str, Done]:
    """What became of those that `which` of `fallen_due` finds from `first` to `last`, by kind, as seen on `day`."""
    rows = transaction.rows(which, first=first, last=last, **values)
    found: dict[str, Done] = defaultdict(Done)
    for row in rows:
        each = found[row.kind]
        each.due += 1
        if row.state == State.MISSED.value:
            each.missed += 1
        elif row.state == State.OPEN.value:
            each.overdue += row.due_on < day
            each.ahead += row.due_on >= day
        else:
            was_done = row.on is not None or not KINDS[row.kind].catches_up
            on = row.on or (local_date(row.closed_at) if row.closed_at else row.due_on)
            each.in_time += on <= row.due_on
            each.late += was_done and on > row.due_on
            each.made_up += not was_done and on > row.due_on
    return {kind: found[kind] for kind in KINDS if kind in found}
