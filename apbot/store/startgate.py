"""What is known of placements before they start, read in sets."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.startgate import Facts, Shown
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.parts import rows_in
from apbot.store.tables import documents, people, placements, providers, pupils

_PLACEMENTS = (
    sa.select(
        placements,
        pupils.c.ref.label("pupil"),
        pupils.c.school_id,
        providers.c.name.label("provider"),
        providers.c.registered,
        providers.c.registration_checked_on,
        people.c.leaves_on.label("key_worker_leaves_on"),
    )
    .select_from(placements)
    .join(pupils, pupils.c.id == placements.c.pupil_id)
    .join(providers, providers.c.id == placements.c.provider_id)
    .outerjoin(people, people.c.id == placements.c.key_worker_id)
    .order_by(placements.c.id)
)


def load_gates(transaction: Transaction, placement_ids: Iterable[int]) -> dict[int, Facts]:
    """The facts of these placements, by id; one that is not there is left out.

    A key worker who has left counts as none.
    """
    rows = list(rows_in(transaction, _PLACEMENTS, placements.c.id, sorted(set(placement_ids))))
    shown = _shown(transaction, {row.provider_id for row in rows})
    today = local_date(transaction.now)
    return {row.id: _facts(row, shown[row.provider_id], today) for row in rows}


def _shown(transaction: Transaction, provider_ids: Iterable[int]) -> dict[int, list[Shown]]:
    found: dict[int, list[Shown]] = defaultdict(list)
    query = sa.select(documents).order_by(documents.c.id)
    for row in rows_in(transaction, query, documents.c.provider_id, sorted(provider_ids)):
        found[row.provider_id].append(Shown(row.kind, row.dated_on, row.expires_on))
    return found


def _facts(row: sa.Row[Any], shown: list[Shown], today: date) -> Facts:
    leaves_on = row.key_worker_leaves_on
    return Facts(
        placement_id=row.id,
        pupil=row.pupil,
        school_id=row.school_id,
        provider=row.provider,
        starts_on=row.starts_on,
        agreement_on=row.agreement_on,
        authorised_by=row.authorised_by,
        aims=row.aims,
        target_end_on=row.target_end_on,
        review_dates=tuple(map(date.fromisoformat, row.review_dates or ())),
        registered=row.registered,
        registration_checked_on=row.registration_checked_on,
        documents=tuple(shown),
        risk_shared_on=row.risk_shared_on,
        has_key_worker=row.key_worker_id is not None and (leaves_on is None or leaves_on >= today),
        dsl_details_on=row.dsl_details_on,
        meals=row.meals,
        transport=row.transport,
    )
