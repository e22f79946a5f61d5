"""Duties as people see them: what of, for whom, until when, and what has become of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties import start_gate
from apbot.domain.duties.model import DutyKind, State
from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.speaking import Standing
from apbot.domain.startgate import missing
from apbot.store.database import Transaction
from apbot.store.labels import label_in
from apbot.store.prepared import Prepared
from apbot.store.startgate import load_gates
from apbot.store.tables import duties, people, placements, providers, pupils, schools


@dataclass(frozen=True)
class Duty:
    """One duty. `reference` is "" where it is about a provider and no pupil."""

    id: int
    kind: DutyKind
    school_id: int
    school: str
    placement_id: int | None
    provider_id: int
    provider: str
    about: str
    reference: str
    label: str
    key_worker_id: int | None
    key_worker: str
    handed_to_id: int | None
    handed_to: str
    opens_on: date
    due_on: date
    lapses_on: date | None
    ends_on: date | None
    """The last day of the placement, where it is known."""
    booked_on: date | None
    state: State
    why: str
    closed_at: datetime | None
    closed_by: str
    lacks: tuple[str, ...] = ()
    """What is missing before the start, where that is what the duty is about."""

    @property
    def standing(self) -> Standing:
        """When it opens, is due and lapses."""
        return Standing(self.opens_on, self.due_on, self.lapses_on, self.booked_on)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state is State.OPEN

    def may_be_done_by(self, actor: Actor) -> bool:
        """Its owner, whoever it was handed to, who answers for the school's pupils; of a report also its provider."""
        owners = (self.key_worker_id, self.handed_to_id)
        return self.kind.may_be_done_by(actor, self.school_id, self.provider_id, owners)


def with_whom(table: sa.Table) -> sa.Join:
    """Duties, or what was done, with their school and provider; with placement and pupil where it is about one."""
    return (
        table.join(schools, schools.c.id == table.c.school_id)
        .outerjoin(placements, placements.c.id == table.c.placement_id)
        .outerjoin(pupils, pupils.c.id == placements.c.pupil_id)
        .join(providers, providers.c.id == sa.func.coalesce(table.c.provider_id, placements.c.provider_id))
    )


_closer, _key_worker, _taker = (people.alias(name) for name in ("closer", "key_worker", "taker"))
_DUTIES = (
    sa.select(
        duties,
        schools.c.name.label("school"),
        schools.c.initials_in_chat,
        providers.c.id.label("the_provider_id"),
        providers.c.name.label("provider"),
        placements.c.key_worker_id,
        placements.c.ends_on,
        pupils.c.ref.label("reference"),
        pupils.c.first_name,
        pupils.c.last_name,
        _closer.c.name.label("closed_by"),
        _key_worker.c.name.label("key_worker"),
        _taker.c.name.label("handed_to"),
    )
    .select_from(with_whom(duties))
    .outerjoin(_closer, _closer.c.id == duties.c.closed_by_id)
    .outerjoin(_key_worker, _key_worker.c.id == placements.c.key_worker_id)
    .outerjoin(_taker, _taker.c.id == duties.c.handed_to_id)
    .order_by(duties.c.due_on, duties.c.id)
)
_BY_ID = Prepared(_DUTIES.where(duties.c.id.in_(sa.bindparam("ids", expanding=True))))


def load_duties_by_id(transaction: Transaction, ids: Iterable[int]) -> dict[int, Duty]:
    """These duties, by id."""
    wanted = list(ids)
    rows = transaction.rows(_BY_ID, ids=wanted) if wanted else []
    return {each.id: each for each in _read(transaction, rows)}


def load_duties(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Duty]:
    """The duties that meet the conditions, by due day."""
    return _read(transaction, transaction.rows(_DUTIES.where(*conditions)))


def _read(transaction: Transaction, rows: Sequence[sa.Row[Any]]) -> list[Duty]:
    gated = [row.placement_id for row in rows if row.kind == start_gate.NAME and row.state == State.OPEN.value]
    gates = load_gates(transaction, gated) if gated else {}
    return [
        Duty(
            id=row.id,
            kind=KINDS[row.kind],
            school_id=row.school_id,
            school=row.school,
            placement_id=row.placement_id,
            provider_id=row.the_provider_id,
            provider=row.provider,
            about=row.about,
            reference=row.reference or "",
            label=label_in(row, row.reference) if row.reference else "",
            key_worker_id=row.key_worker_id,
            key_worker=row.key_worker or "",
            handed_to_id=row.handed_to_id,
            handed_to=row.handed_to or "",
            opens_on=row.opens_on,
            due_on=row.due_on,
            lapses_on=row.lapses_on,
            ends_on=row.ends_on,
            booked_on=row.booked_on,
            state=State(row.state),
            why=row.why,
            closed_at=row.closed_at,
            closed_by=row.closed_by or "",
            lacks=tuple(each.what for each in missing(gates[row.placement_id]))
            if row.kind == start_gate.NAME and row.placement_id in gates
            else (),
        )
        for row in rows
    ]
