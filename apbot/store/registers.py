"""Registers and their entries, as the rest reads them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.codes import Arrangement
from apbot.domain.initials import initials_of
from apbot.domain.marks import Fact, Reason, Session
from apbot.domain.register import EntryState, Statement
from apbot.store.database import Transaction
from apbot.store.labels import label_of
from apbot.store.prepared import Prepared
from apbot.store.tables import entries, people, placements, providers, pupils, registers, schools


@dataclass(frozen=True)
class Entry:
    """One pupil expected, or excused, in one session at one provider, with the last thing said."""

    id: int
    register_id: int
    placement_id: int
    pupil_id: int
    school_id: int
    provider_id: int
    reference: str
    first_name: str
    last_name: str
    initials_in_chat: bool
    starts_at: datetime
    ends_at: datetime
    alert_at: datetime | None
    alert_due: datetime
    state: EntryState
    said: Statement | None
    marked_by: str
    marked_at: datetime | None
    suggested_code: str | None
    suggested_why: str | None
    code: str | None
    transport: str
    calls_home: str
    social_worker: bool
    key_worker_id: int | None
    arrangement: Arrangement

    @property
    def label(self) -> str:
        """How chat names the pupil: the reference, with initials unless the school turned them off."""
        initials = initials_of(self.first_name, self.last_name)
        return label_of(self.reference, initials, initials_in_chat=self.initials_in_chat)

    @property
    def is_expected(self) -> bool:
        """Whether somebody must say whether they arrived."""
        return self.state is EntryState.EXPECTED

    @property
    def is_unanswered(self) -> bool:
        """Expected, and nobody has said anything."""
        return self.is_expected and self.said is None


@dataclass(frozen=True)
class RegisterHead:
    """Which provider's register it is, and of which session."""

    id: int
    provider_id: int
    provider: str
    provider_telephone: str
    day: date
    session: Session
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Register(RegisterHead):
    """One provider's register for one session, whole."""

    step: int
    next_at: datetime | None
    entries: tuple[Entry, ...]

    @property
    def unanswered(self) -> tuple[Entry, ...]:
        """The expected pupils of whom nobody has said anything."""
        return tuple(entry for entry in self.entries if entry.is_unanswered)

    def asked_about(self, now: datetime) -> tuple[Entry, ...]:
        """Those of them whose session has begun, or begins with the register: whom "all arrived" is about."""
        return tuple(entry for entry in self.unanswered if entry.starts_at <= max(now, self.starts_at))


ENTRY = (
    sa.select(
        entries,
        registers.c.provider_id,
        pupils.c.ref.label("pupil_ref"),
        pupils.c.first_name,
        pupils.c.last_name,
        pupils.c.social_worker,
        schools.c.initials_in_chat,
        placements.c.transport,
        placements.c.calls_home,
        placements.c.key_worker_id,
        placements.c.arranged_by,
        placements.c.dual_registered,
        sa.case((placements.c.activity != "", placements.c.activity), else_=providers.c.activity).label("activity"),
        placements.c.activity_code,
        people.c.name.label("marked_by"),
    )
    .select_from(entries)
    .join(registers, registers.c.id == entries.c.register_id)
    .join(providers, providers.c.id == registers.c.provider_id)
    .join(pupils, pupils.c.id == entries.c.pupil_id)
    .join(schools, schools.c.id == entries.c.school_id)
    .join(placements, placements.c.id == entries.c.placement_id)
    .outerjoin(people, people.c.id == entries.c.marked_by_id)
    .where(entries.c.state != EntryState.WITHDRAWN.value)
    .order_by(pupils.c.ref, entries.c.id)
)


_BY_ID = Prepared(ENTRY.where(entries.c.id.in_(sa.bindparam("ids", expanding=True))))
_OF_REGISTERS = Prepared(ENTRY.where(entries.c.register_id.in_(sa.bindparam("ids", expanding=True))))
_REGISTER = (
    sa.select(registers, providers.c.name.label("provider"), providers.c.telephone)
    .join_from(registers, providers)
    .order_by(registers.c.starts_at, registers.c.id)
)
_REGISTERS_BY_ID = Prepared(_REGISTER.where(registers.c.id.in_(sa.bindparam("ids", expanding=True))))


def load_entries(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Entry]:
    """The entries, other than withdrawn ones, that meet the conditions, by pupil reference."""
    return [entry_of(row) for row in transaction.rows(ENTRY.where(*conditions))]


def load_entries_by_id(transaction: Transaction, ids: Iterable[int]) -> dict[int, Entry]:
    """These entries, other than withdrawn ones, by id, in the order of pupil references."""
    return {row.id: entry_of(row) for row in transaction.rows(_BY_ID, ids=list(ids))}


def load_registers(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Register]:
    """The registers that meet the conditions, with their entries, by start."""
    return _with_entries(transaction, transaction.rows(_REGISTER.where(*conditions)))


def load_registers_by_id(transaction: Transaction, ids: Iterable[int]) -> dict[int, Register]:
    """These registers, by id."""
    rows = transaction.rows(_REGISTERS_BY_ID, ids=list(ids))
    return {each.id: each for each in _with_entries(transaction, rows)}


def _with_entries(transaction: Transaction, rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[Register]:
    found: dict[int, list[Entry]] = defaultdict(list)
    if rows:
        for row in transaction.rows(_OF_REGISTERS, ids=[row.id for row in rows]):
            found[row.register_id].append(entry_of(row))
    return [
        Register(
            id=row.id,
            provider_id=row.provider_id,
            provider=row.provider,
            provider_telephone=row.telephone,
            day=row.day,
            session=Session(row.session),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            step=row.step,
            next_at=row.next_at,
            entries=tuple(found[row.id]),
        )
        for row in rows
    ]


def registers_of_day(transaction: Transaction, provider_ids: Iterable[int], day: date) -> Sequence[Register]:
    """The registers of these providers on `day`."""
    return load_registers(transaction, registers.c.provider_id.in_(set(provider_ids)), registers.c.day == day)


_FACTS = {each.value: each for each in Fact}
_REASONS = {each.value: each for each in Reason}
_STATES = {each.value: each for each in EntryState}


def entry_of(row: Any) -> Entry:
    """The entry in a row of `ENTRY`, or of what was added to it."""
    said = None
    if row.fact is not None:
        said = Statement(_FACTS[row.fact], row.fact_at, _REASONS[row.reason] if row.reason else None)
    return Entry(
        id=row.id,
        register_id=row.register_id,
        placement_id=row.placement_id,
        pupil_id=row.pupil_id,
        school_id=row.school_id,
        provider_id=row.provider_id,
        reference=row.pupil_ref,
        first_name=row.first_name,
        last_name=row.last_name,
        initials_in_chat=row.initials_in_chat,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        alert_at=row.alert_at,
        alert_due=row.alert_due,
        state=_STATES[row.state],
        said=said,
        marked_by=row.marked_by or "",
        marked_at=row.marked_at,
        suggested_code=row.suggested_code,
        suggested_why=row.suggested_why,
        code=row.code,
        transport=row.transport,
        calls_home=row.calls_home,
        social_worker=row.social_worker,
        key_worker_id=row.key_worker_id,
        arrangement=Arrangement(
            by_local_authority=row.arranged_by == "local authority",
            dual_registered=row.dual_registered,
            activity_code=row.activity_code,
            activity=row.activity,
        ),
    )
