"""Non-arrivals: how many there were, how fast somebody took them on, and how fast the pupil was known to be safe."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import sqlalchemy as sa

from apbot.domain.escalation import Kind, Outcome, State
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.reports.sessions import OF_SCHOOL
from apbot.store.tables import entries, escalated, escalations, people, registers


@dataclass(frozen=True)
class NonArrival:
    """One pupil who was not known to have arrived in one session. Instants in UTC, None where it has not come."""

    entry_id: int
    pupil_id: int
    placement_id: int
    provider_id: int
    session: str
    due_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    closed_at: datetime | None
    outcome: str
    outcome_by: str

    @property
    def minutes_to_acknowledged(self) -> float | None:
        """From when it was due to be told until somebody took it on."""
        return _minutes(self.due_at, self.acknowledged_at)

    @property
    def minutes_to_closed(self) -> float | None:
        """From when it was due to be told until the pupil was known to be safe."""
        return _minutes(self.due_at, self.closed_at)


@dataclass(frozen=True)
class Waits:
    """Whole minutes over several non-arrivals: the middle one and the longest; None where there is none."""

    median: int | None
    worst: int | None

    @staticmethod
    def of(minutes: Iterable[float | None]) -> "Waits":
        """Those that are known."""
        known = [each for each in minutes if each is not None]
        return Waits(round(median(known)), round(max(known))) if known else Waits(None, None)


@dataclass(frozen=True)
class Response:
    """How a number of non-arrivals was answered."""

    count: int
    acknowledged: Waits
    closed: Waits
    still_open: int


_acknowledger, _establisher = people.alias("acknowledger"), people.alias("establisher")


def non_arrivals(*conditions: sa.ColumnElement[bool]) -> Prepared:
    """The non-arrivals in the entries that meet the conditions (on entries, registers or escalations), by due time."""
    return Prepared(
        sa.select(
            escalated.c.entry_id,
            escalated.c.outcome,
            escalated.c.outcome_at,
            escalations.c.state,
            escalations.c.due_at,
            escalations.c.acknowledged_at,
            escalations.c.closed_at,
            entries.c.pupil_id,
            entries.c.placement_id,
            registers.c.provider_id,
            registers.c.session,
            _acknowledger.c.name.label("acknowledged_by"),
            _establisher.c.name.label("outcome_by"),
        )
        .join_from(escalated, escalations)
        .join(entries, entries.c.id == escalated.c.entry_id)
        .join(registers, registers.c.id == entries.c.register_id)
        .outerjoin(_acknowledger, _acknowledger.c.id == escalations.c.acknowledged_by_id)
        .outerjoin(_establisher, _establisher.c.id == escalated.c.outcome_by_id)
        .where(escalations.c.kind == Kind.NOT_ARRIVED.value, *conditions)
        .order_by(escalations.c.due_at, escalated.c.id)
    )


NON_ARRIVALS_OF_SCHOOL = non_arrivals(*OF_SCHOOL)


def load_non_arrivals(transaction: Transaction, which: Prepared, **values: Any) -> list[NonArrival]:
    """Those that `which` of `non_arrivals` finds for these values."""
    rows = transaction.rows(which, **values)
    return [
        NonArrival(
            entry_id=row.entry_id,
            pupil_id=row.pupil_id,
            placement_id=row.placement_id,
            provider_id=row.provider_id,
            session=row.session,
            due_at=row.due_at,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=row.acknowledged_by or "",
            closed_at=_closed_at(row),
            outcome=row.outcome or (row.state if row.state == State.STOOD_DOWN.value else ""),
            outcome_by=row.outcome_by or "",
        )
        for row in rows
    ]


def response(found: Iterable[NonArrival]) -> Response:
    """How these were answered."""
    each = list(found)
    return Response(
        count=len(each),
        acknowledged=Waits.of(one.minutes_to_acknowledged for one in each),
        closed=Waits.of(one.minutes_to_closed for one in each),
        still_open=sum(one.closed_at is None for one in each),
    )


def _closed_at(row: sa.Row[Any]) -> datetime | None:
    """When this pupil was known to be safe: the outcome's own moment, else when the alert was settled or stood down."""
    if row.outcome and Outcome(row.outcome).settles:
        at: datetime | None = row.outcome_at
        return at
    closed: datetime | None = row.closed_at
    return closed


def _minutes(since: datetime, until: datetime | None) -> float | None:
    return None if until is None else max(0.0, (until - since).total_seconds() / 60)
