"""That there were incidents and concerns, and when: never what they were about."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.incident import ParentsTold
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.tables import concerns, incidents, providers


@dataclass(frozen=True)
class Incidents:
    """The incidents at one placement that were not taken back: how many of each kind, and when the last was."""

    kinds: Mapping[str, int]
    last_on: date
    parents_not_told: int

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.kinds.values())


@dataclass(frozen=True)
class ConcernRaised:
    """That somebody asked for the DSL's call about a pupil. `reference` is the safeguarding system's, or ""."""

    raised_at: datetime
    answered_at: datetime | None
    provider: str
    reference: str

    def to_json(self) -> dict[str, Any]:
        """When, as plain JSON values."""
        return {"raised_on": local_date(self.raised_at).isoformat(), "reference": self.reference or None}


def count_incidents(transaction: Transaction, placement_ids: Iterable[int]) -> dict[int, Incidents]:
    """The incidents of these placements, by placement; one without any is not in it."""
    rows = transaction.rows(
        sa.select(incidents.c.placement_id, incidents.c.kind, incidents.c.happened_at, incidents.c.parents_told)
        .where(incidents.c.placement_id.in_(list(placement_ids)), incidents.c.withdrawn_at.is_(None))
        .order_by(incidents.c.happened_at, incidents.c.id)
    )
    found: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.placement_id].append(row)
    return {
        placement_id: Incidents(
            kinds=dict(Counter(row.kind for row in its)),
            last_on=local_date(its[-1].happened_at),
            parents_not_told=sum(row.parents_told != ParentsTold.YES.value for row in its),
        )
        for placement_id, its in found.items()
    }


def load_concerns_raised(transaction: Transaction, pupil_id: int) -> list[ConcernRaised]:
    """The concerns in which this pupil was named, the oldest first. For the school's safeguarding staff alone."""
    rows = transaction.rows(
        sa.select(
            concerns.c.raised_at,
            concerns.c.acknowledged_at,
            concerns.c.reference,
            providers.c.name.label("provider"),
        )
        .outerjoin_from(concerns, providers, providers.c.id == concerns.c.provider_id)
        .where(concerns.c.pupil_id == pupil_id)
        .order_by(concerns.c.raised_at, concerns.c.id)
    )
    return [ConcernRaised(row.raised_at, row.acknowledged_at, row.provider or "", row.reference) for row in rows]
