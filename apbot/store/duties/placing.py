"""Placements as something is written down for them: whose they are, how chat names the pupil, who may write."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.model import DutyKind, State
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.labels import label_in
from apbot.store.lasting import not_over
from apbot.store.people import load_cover
from apbot.store.prepared import Prepared
from apbot.store.tables import duties, placements, providers, pupils, schools


@dataclass(frozen=True)
class Placing:
    """One placement. `names` are the pupil's own, which belong in no words that are kept."""

    placement_id: int
    pupil_id: int
    school_id: int
    school: str
    provider_id: int
    provider: str
    reference: str
    label: str
    names: frozenset[str]
    key_worker_id: int | None
    starts_on: date
    ends_on: date | None
    target_end_on: date | None

    def may_be_logged_by(self, actor: Actor, kind: DutyKind, lent: Collection[int]) -> bool:
        """Whether `actor` may write down that this was done here. `lent` are the placements of `lent_to`."""
        held = actor.person_id if self.placement_id in lent else None
        return kind.may_be_done_by(actor, self.school_id, self.provider_id, (self.key_worker_id, held))


_PLACINGS = Prepared(
    sa.select(
        placements.c.id,
        placements.c.pupil_id,
        placements.c.provider_id,
        placements.c.key_worker_id,
        placements.c.starts_on,
        placements.c.ends_on,
        placements.c.target_end_on,
        pupils.c.school_id,
        pupils.c.ref,
        pupils.c.first_name,
        pupils.c.last_name,
        schools.c.name.label("school"),
        schools.c.initials_in_chat,
        providers.c.name.label("provider"),
    )
    .select_from(placements)
    .join(pupils, pupils.c.id == placements.c.pupil_id)
    .join(schools, schools.c.id == pupils.c.school_id)
    .join(providers, providers.c.id == placements.c.provider_id)
    .where(placements.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(placements.c.starts_on.desc(), placements.c.id.desc())
)


def load_placings(transaction: Transaction, placement_ids: Iterable[int]) -> dict[int, Placing]:
    """These placements, by id, the newest first."""
    wanted = list(placement_ids)
    rows = transaction.rows(_PLACINGS, ids=wanted) if wanted else []
    return {
        row.id: Placing(
            placement_id=row.id,
            pupil_id=row.pupil_id,
            school_id=row.school_id,
            school=row.school,
            provider_id=row.provider_id,
            provider=row.provider,
            reference=row.ref,
            label=label_in(row, row.ref),
            names=frozenset(f"{row.first_name} {row.last_name}".split()),
            key_worker_id=row.key_worker_id,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            target_end_on=row.target_end_on,
        )
        for row in rows
    }


def lent_to(transaction: Transaction, actor: Actor, kinds: Iterable[str]) -> frozenset[int]:
    """The placements for which `actor` may do these kinds of duties today, though somebody else holds them.

    An open duty there was handed to them, or to somebody for whom they stand in; or they stand in for its key worker.
    """
    if actor.person_id is None:
        return frozenset()
    today = local_date(transaction.now)
    away = [person for person, by in load_cover(transaction, today).items() if by == actor.person_id]
    handed = transaction.rows(
        sa.select(duties.c.placement_id).where(
            duties.c.handed_to_id.in_([actor.person_id, *away]),
            duties.c.kind.in_(list(kinds)),
            duties.c.state == State.OPEN.value,
            duties.c.placement_id.is_not(None),
        )
    )
    running = not_over(placements, today)
    covered = transaction.rows(sa.select(placements.c.id).where(placements.c.key_worker_id.in_(away), running))
    return frozenset({row.placement_id for row in handed} | {row.id for row in covered})
