"""What was done for pupils and at providers: contacts, visits, reviews, reports, as they stand now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.duties.model import Question
from apbot.domain.duties.registry import KINDS
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import duties, duty_records, people

_later = duty_records.alias("later")

IN_FORCE = duty_records.c.id.not_in(sa.select(_later.c.amends_id).where(_later.c.amends_id.is_not(None)))
"""Of records that correct each other, the last."""


@dataclass(frozen=True)
class Record:
    """One thing that was done. `given` are the answers, by the questions' names; `duty_id` the duty that it settled."""

    id: int
    kind: str
    school_id: int
    placement_id: int | None
    provider_id: int | None
    duty_id: int | None
    happened_on: date
    next_on: date | None
    given: Mapping[str, str]
    about: str
    """Of the duty that it settled: which document, who was to be told."""
    made_by_id: int | None
    made_by: str
    made_as: str
    made_at: datetime
    amends_id: int | None

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers that were chosen from a list, in the questions' order: these name nobody."""
        kind = KINDS.get(self.kind)
        if kind is None:
            return ()
        chosen = (self.given.get(each.name, "") for each in kind.questions if each.choices)
        return tuple(each for each in chosen if each)

    @property
    def spoken_choices(self) -> tuple[str, ...]:
        """The same, as they are read back."""
        return self._spoken(lambda question: bool(question.choices))

    @property
    def spoken(self) -> tuple[str, ...]:
        """Everything that was answered, as it is read back."""
        return self._spoken(lambda _: True)

    def _spoken(self, wanted: Callable[[Question], bool]) -> tuple[str, ...]:
        kind = KINDS.get(self.kind)
        asked = () if kind is None else tuple(filter(wanted, kind.questions))
        return tuple(each.spoken(self.given[each.name]) for each in asked if self.given.get(each.name))

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON values, without the words that somebody wrote."""
        return {
            "kind": self.kind,
            "on": self.happened_on.isoformat(),
            "outcome": list(self.choices),
            "next_on": self.next_on and self.next_on.isoformat(),
            "by": self.made_by or None,
        }


@dataclass(frozen=True)
class Entry:
    """What stands written down, and what it said before it was amended, the latest first."""

    record: Record
    before: tuple[Record, ...]


_RECORDS = (
    sa.select(duty_records, people.c.name.label("made_by"), duties.c.about)
    .outerjoin_from(duty_records, people, people.c.id == duty_records.c.made_by_id)
    .outerjoin(duties, duties.c.id == duty_records.c.duty_id)
    .order_by(duty_records.c.happened_on, duty_records.c.id)
)
_BY_ID = Prepared(_RECORDS.where(duty_records.c.id == sa.bindparam("id")))


def load_records(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Record]:
    """The records that meet the conditions, the oldest first. One that another corrects is passed over."""
    return _read(transaction.rows(_RECORDS.where(*conditions, IN_FORCE)))


def load_entries(transaction: Transaction, placement_id: int) -> list[Entry]:
    """Those of a placement, each with what it said before: that is kept, and counts no more."""
    rows = transaction.rows(_RECORDS.where(duty_records.c.placement_id == placement_id))
    every = {each.id: each for each in _read(rows)}
    corrected = {each.amends_id for each in every.values()}
    return [Entry(each, tuple(_before(each, every))) for each in every.values() if each.id not in corrected]


def _before(record: Record, every: Mapping[int, Record]) -> Iterator[Record]:
    while record.amends_id is not None:
        record = every[record.amends_id]
        yield record


def load_record(transaction: Transaction, record_id: int) -> Record:
    """This record, which is there, whether another corrects it or not."""
    (found,) = _read(transaction.rows(_BY_ID, id=record_id))
    return found


def _read(rows: Iterable[sa.Row[Any]]) -> list[Record]:
    return [
        Record(
            id=row.id,
            kind=row.kind,
            school_id=row.school_id,
            placement_id=row.placement_id,
            provider_id=row.provider_id,
            duty_id=row.duty_id,
            happened_on=row.happened_on,
            next_on=row.next_on,
            given=row.given,
            about=row.about or "",
            made_by_id=row.made_by_id,
            made_by=row.made_by or "",
            made_as=row.made_as,
            made_at=row.made_at,
            amends_id=row.amends_id,
        )
        for row in rows
    ]


def last_of_each(records: Iterable[Record]) -> dict[str, Record]:
    """The newest of these records of each kind, in the order in which a list shows the kinds."""
    newest = {each.kind: each for each in records}
    return {kind: newest[kind] for kind in KINDS if kind in newest}


def newest_of(transaction: Transaction, record_id: int) -> Record | None:
    """The record in force of those that correct this one, or itself; None where there is no such record."""
    at: int | None = record_id
    while at is not None:
        record_id = at
        at = transaction.value(sa.select(duty_records.c.id).where(duty_records.c.amends_id == record_id))
    return next(iter(load_records(transaction, duty_records.c.id == record_id)), None)


def root_of(transaction: Transaction, record: Record) -> int:
    """The id of the record that was first, of those that correct each other."""
    record_id, amends_id = record.id, record.amends_id
    while amends_id is not None:
        record_id = amends_id
        amends_id = transaction.value(sa.select(duty_records.c.amends_id).where(duty_records.c.id == record_id))
    return record_id


def last_of(transaction: Transaction, placement_ids: Iterable[int], kind: str) -> dict[int, Record]:
    """The last record of this kind of each placement."""
    ids = list(placement_ids)
    found = load_records(transaction, duty_records.c.placement_id.in_(ids), duty_records.c.kind == kind)
    return {each.placement_id: each for each in found if each.placement_id is not None}
