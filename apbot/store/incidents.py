"""Incidents at providers: what kind, when, whether the parents know, and who at the school has taken it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties import emergency_review
from apbot.domain.duties.schooldays import Span, half_term_of, school_days_after
from apbot.domain.incident import CALLING, Kind, ParentsTold, calls_for_a_review
from apbot.domain.priority import Priority
from apbot.domain.walltime import instant, local_date, parse_wall
from apbot.store.audit import note
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.placing import Placing
from apbot.store.duties.writing import open_duty
from apbot.store.labels import label_in
from apbot.store.outbox import refresh
from apbot.store.prepared import Prepared
from apbot.store.tables import duties, incidents, people, placements, providers, pupils, schools
from apbot.store.telling import Telling

TOLD = "incident"
"""The kind of message."""

MIDNIGHT = parse_wall("00:00")


@dataclass(frozen=True)
class Incident:
    """One incident. `label` is how chat names the pupil."""

    id: int
    placement_id: int
    school_id: int
    school: str
    provider: str
    provider_telephone: str
    label: str
    kind: Kind
    happened_at: datetime
    parents_told: ParentsTold
    raised_by_id: int
    raised_by: str
    raised_at: datetime
    step: int
    acknowledged_by_id: int | None
    acknowledged_by: str
    acknowledged_at: datetime | None
    withdrawn_by: str
    withdrawn_at: datetime | None


def load_incidents(transaction: Transaction, ids: Iterable[int]) -> dict[int, Incident]:
    """These incidents, by id."""
    rows = transaction.rows(_BY_ID, ids=list(set(ids)))
    return {
        row.id: Incident(
            id=row.id,
            placement_id=row.placement_id,
            school_id=row.school_id,
            school=row.school,
            provider=row.provider,
            provider_telephone=row.provider_telephone,
            label=label_in(row, row.pupil),
            kind=Kind(row.kind),
            happened_at=row.happened_at,
            parents_told=ParentsTold(row.parents_told),
            raised_by_id=row.raised_by_id,
            raised_by=row.raised_by,
            raised_at=row.raised_at,
            step=row.step,
            acknowledged_by_id=row.acknowledged_by_id,
            acknowledged_by=row.acknowledged_by or "",
            acknowledged_at=row.acknowledged_at,
            withdrawn_by=row.withdrawn_by or "",
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    }


_raiser, _answerer, _taker_back = (people.alias(name) for name in ("raiser", "answerer", "taker_back"))
_BY_ID = Prepared(
    sa.select(
        incidents,
        schools.c.name.label("school"),
        schools.c.initials_in_chat,
        providers.c.name.label("provider"),
        providers.c.telephone.label("provider_telephone"),
        pupils.c.ref.label("pupil"),
        pupils.c.first_name,
        pupils.c.last_name,
        _raiser.c.name.label("raised_by"),
        _answerer.c.name.label("acknowledged_by"),
        _taker_back.c.name.label("withdrawn_by"),
    )
    .select_from(incidents)
    .join(schools, schools.c.id == incidents.c.school_id)
    .join(providers, providers.c.id == incidents.c.provider_id)
    .join(placements, placements.c.id == incidents.c.placement_id)
    .join(pupils, pupils.c.id == placements.c.pupil_id)
    .join(_raiser, _raiser.c.id == incidents.c.raised_by_id)
    .outerjoin(_answerer, _answerer.c.id == incidents.c.acknowledged_by_id)
    .outerjoin(_taker_back, _taker_back.c.id == incidents.c.withdrawn_by_id)
    .where(incidents.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(incidents.c.id)
)


INCIDENTS = Telling(incidents, TOLD, CALLING, Priority.ESCALATION, load_incidents)


def same_as(transaction: Transaction, placing: Placing, kind: Kind, happened_at: datetime) -> int | None:
    """The incident of this kind at this minute that is kept already: reported twice it is one."""
    found = transaction.value(
        sa.select(incidents.c.id).where(
            incidents.c.placement_id == placing.placement_id,
            incidents.c.kind == kind.value,
            incidents.c.happened_at.between(happened_at - timedelta(minutes=1), happened_at + timedelta(minutes=1)),
            incidents.c.withdrawn_at.is_(None),
        )
    )
    return None if found is None else int(found)


def report(
    transaction: Transaction,
    actor: Actor,
    placing: Placing,
    kind: Kind,
    happened_at: datetime,
    parents_told: ParentsTold,
) -> tuple[Incident, bool]:
    """Keep an incident and tell the school at once; the incident, and whether anybody could be told."""
    incident_id = transaction.insert(
        incidents,
        placement_id=placing.placement_id,
        provider_id=placing.provider_id,
        school_id=placing.school_id,
        kind=kind.value,
        happened_at=happened_at,
        parents_told=parents_told.value,
        raised_by_id=actor.person_id,
        raised_as=actor.acts_as(placing.provider_id, placing.school_id),
        raised_at=transaction.now,
        next_at=transaction.now + CALLING.repeat_every,
    )
    note(
        transaction,
        actor,
        "incident reported",
        f"incident:{incident_id}",
        placement=placing.placement_id,
        kind=kind.value,
    )
    incident = load_incidents(transaction, [incident_id])[incident_id]
    return incident, not INCIDENTS.tell(transaction, actor, [incident], transaction.now)


def withdraw(transaction: Transaction, actor: Actor, incident: Incident) -> None:
    """It was reported by mistake: it counts no more, and everybody who was told sees that. It is kept."""
    transaction.execute(
        sa.update(incidents)
        .where(incidents.c.id == incident.id)
        .values(withdrawn_by_id=actor.person_id, withdrawn_at=transaction.now, next_at=None)
    )
    note(transaction, actor, "incident withdrawn", f"incident:{incident.id}")
    refresh(transaction, [TOLD], [incident.id])


@dataclass(frozen=True)
class Count:
    """How many incidents a placement has had in one half term, and how many were poor behaviour."""

    all: int = 0
    behaviour: int = 0


def count_in(transaction: Transaction, placement_ids: Iterable[int], block: Span) -> Count:
    """The incidents of these placements in a half term, without those that were reported by mistake."""
    kinds = [Kind(kind) for kind in _kinds(transaction, placement_ids, block)]
    return Count(len(kinds), sum(kind.is_behaviour for kind in kinds))


def _kinds(
    transaction: Transaction, placement_ids: Iterable[int], block: Span, after: datetime | None = None
) -> list[str]:
    rows = transaction.rows(
        sa.select(incidents.c.kind).where(
            incidents.c.placement_id.in_(list(placement_ids)),
            incidents.c.happened_at >= instant(block.first, MIDNIGHT),
            incidents.c.happened_at < instant(block.last + timedelta(days=1), MIDNIGHT),
            incidents.c.withdrawn_at.is_(None),
            sa.true() if after is None else incidents.c.raised_at > after,
        )
    )
    return [row.kind for row in rows]


def open_review(transaction: Transaction, actor: Actor, placing: Placing, happened_on: date) -> date | None:
    """Open an emergency review where this half term's incidents call for one; the day by which it is due."""
    calendar = load_calendars(transaction).school(placing.school_id)
    block = half_term_of(calendar, happened_on)
    if block is None:
        return None  # a holiday of the school's: no half term to count in
    # Two reported at once must count each other.
    transaction.row(sa.select(placements.c.id).where(placements.c.id == placing.placement_id).with_for_update())
    before = transaction.rows(
        sa.select(duties.c.state, duties.c.closed_at).where(
            duties.c.placement_id == placing.placement_id,
            duties.c.kind == emergency_review.NAME,
            duties.c.opens_on >= block.first,
        )
    )
    is_open = any(row.closed_at is None for row in before)
    last = max((row.closed_at for row in before if row.closed_at is not None), default=None)
    since = sum(Kind(kind).is_behaviour for kind in _kinds(transaction, [placing.placement_id], block, last))
    if not calls_for_a_review(since, is_open=is_open):
        return None
    today = local_date(transaction.now)
    due_on = school_days_after(calendar, today, emergency_review.WITHIN) or today
    open_duty(
        transaction,
        actor,
        emergency_review.KIND,
        key=f"{emergency_review.NAME}:placement:{placing.placement_id}:{block.first.isoformat()}:{len(before) + 1}",
        school_id=placing.school_id,
        opens_on=today,
        due_on=due_on,
        placement_id=placing.placement_id,
    )
    return due_on
