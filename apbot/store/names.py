"""Who is who: references with full names, for a page behind sign-in. Every reading is in the audit log."""

from dataclasses import dataclass

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.lasting import not_over, runs_on
from apbot.store.reads import note_list
from apbot.store.tables import placements, providers, pupils, schools


@dataclass(frozen=True)
class PupilName:
    """One pupil in full. `where` names the providers of those placements that the reader may see."""

    ref: str
    first_name: str
    last_name: str
    school: str
    where: tuple[str, ...]


def read_names(transaction: Transaction, actor: Actor) -> list[PupilName]:
    """The pupils whose names `actor` may see today, by reference; writes down that they were read."""
    found: dict[str, PupilName] = {}
    ids = set()
    for row in _current(transaction):
        # A pupil without a placement (all columns of it null) is the school's alone to see.
        if not actor.may_see(row.school_id, row.provider_id, row.key_worker_id):
            continue
        ids.add(row.id)
        so_far = found[row.ref].where if row.ref in found else ()
        where = so_far if row.provider is None or row.provider in so_far else (*so_far, row.provider)
        found[row.ref] = PupilName(row.ref, row.first_name, row.last_name, row.school, where)
    note_list(transaction, actor, "names read", f"person:{actor.person_id}", ids)
    return [found[ref] for ref in sorted(found)]


def _current(transaction: Transaction) -> "list[sa.Row[tuple[object, ...]]]":
    """Every pupil on a roll today with each placement they are in today."""
    today = local_date(transaction.now)
    in_placement = sa.and_(placements.c.pupil_id == pupils.c.id, runs_on(placements, today))
    return list(
        transaction.rows(
            sa.select(
                pupils.c.id,
                pupils.c.ref,
                pupils.c.first_name,
                pupils.c.last_name,
                pupils.c.school_id,
                schools.c.name.label("school"),
                placements.c.provider_id,
                placements.c.key_worker_id,
                providers.c.name.label("provider"),
            )
            .select_from(pupils)
            .join(schools)
            .outerjoin(placements, in_placement)
            .outerjoin(providers, providers.c.id == placements.c.provider_id)
            .where(not_over(pupils, today))
            .order_by(pupils.c.ref, providers.c.name)
        )
    )
