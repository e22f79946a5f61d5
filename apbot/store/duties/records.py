"""What was done for pupils and at providers: contacts, visits, reviews, reports, as they stand now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.duties.registry import KINDS
from apbot.store.database import Transaction
from apbot.store.tables import duty_records, people


@dataclass(frozen=True)
class Record:
    """One thing that was done. `given` are the answers, by the questions' names; `duty_id` the duty that it settled."""

    id: int
    kind: str
    placement_id: int | None
    provider_id: int | None
    duty_id: int | None
    happened_on: date
    next_on: date | None
    given: Mapping[str, str]
    made_by: str
    made_as: str
    made_at: datetime

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers that were chosen from a list, in the questions' order: these name nobody."""
        kind = KINDS.get(self.kind)
        if kind is None:
            return ()
        chosen = (self.given.get(each.name, "") for each in kind.questions if each.choices)
        return tuple(each for each in chosen if each)

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON values, without the words that somebody wrote."""
        return {
            "kind": self.kind,
            "on": self.happened_on.isoformat(),
            "outcome": list(self.choices),
            "next_on": self.next_on and self.next_on.isoformat(),
            "by": self.made_by or None,
        }


def load_records(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Record]:
    """The records that meet the conditions, the oldest first. One that another corrects is passed over."""
    later = duty_records.alias("later")
    corrected = sa.select(later.c.amends_id).where(later.c.amends_id.is_not(None))
    rows = transaction.rows(
        sa.select(duty_records, people.c.name.label("made_by"))
        .outerjoin_from(duty_records, people, people.c.id == duty_records.c.made_by_id)
        .where(*conditions, duty_records.c.id.not_in(corrected))
        .order_by(duty_records.c.happened_on, duty_records.c.id)
    )
    return [
        Record(
            id=row.id,
            kind=row.kind,
            placement_id=row.placement_id,
            provider_id=row.provider_id,
            duty_id=row.duty_id,
            happened_on=row.happened_on,
            next_on=row.next_on,
            given=row.given,
            made_by=row.made_by or "",
            made_as=row.made_as,
            made_at=row.made_at,
        )
        for row in rows
    ]


def last_of_each(records: Iterable[Record]) -> dict[str, Record]:
    """The newest of these records of each kind, in the order in which a list shows the kinds."""
    newest = {each.kind: each for each in records}
    return {kind: newest[kind] for kind in KINDS if kind in newest}
