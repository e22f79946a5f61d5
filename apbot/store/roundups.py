"""The day in one line: are all registers in, how many arrived, and what became of the alerts. No pupil is named."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from apbot.domain.escalation import State
from apbot.domain.marks import Fact, Session
from apbot.domain.register import EntryState
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import entries, escalations, messages, providers, registers, roundups

ABOUT_REGISTERS = ("register", "nudge")
ABOUT_ALERTS = ("escalation", "copy", "stand down", "stand down copy")
"""The messages that a day's promise rests on, by what they are about."""


@dataclass(frozen=True)
class RegisterIn:
    """One register, as far as one school's pupils stand in it."""

    id: int
    provider: str
    session: Session
    starts_at: datetime
    expected: int
    arrived: int
    not_arrived: int
    unanswered: int

    @property
    def is_in(self) -> bool:
        """Whether something was said about everybody who is expected."""
        return self.unanswered == 0


@dataclass
class SchoolDay:
    """One school's day. `lateness` is of the alert that was accepted the longest after it was due."""

    registers: list[RegisterIn] = field(default_factory=list)
    opened: int = 0
    acknowledged: int = 0
    closed: int = 0
    lateness: timedelta | None = None
    undelivered: set[int] = field(default_factory=set)
    """The messages, by id, that were refused or are still tried in vain."""


def school_days(transaction: Transaction, day: date) -> Mapping[int, SchoolDay]:
    """The day of each school that expects anybody."""
    found: dict[int, SchoolDay] = defaultdict(SchoolDay)
    for school_id, register in _registers(transaction, day):
        found[school_id].registers.append(register)
    if found:
        _add_alerts(transaction, day, found)
        _add_undelivered(transaction, day, found)
    return found


def _registers(transaction: Transaction, day: date) -> Iterable[tuple[int, RegisterIn]]:
    for row in transaction.rows(_REGISTERS, day=day):
        yield (
            row.school_id,
            RegisterIn(
                row.id,
                row.name,
                Session(row.session),
                row.starts_at,
                row.expected,
                row.arrived,
                row.not_arrived,
                row.unanswered,
            ),
        )


def _add_alerts(transaction: Transaction, day: date, found: Mapping[int, SchoolDay]) -> None:
    for row in transaction.rows(_ALERTS, day=day):
        if (school := found.get(row.school_id)) is not None:
            school.opened += 1
            school.acknowledged += row.acknowledged_at is not None
            school.closed += not State(row.state).is_live


def _add_undelivered(transaction: Transaction, day: date, found: Mapping[int, SchoolDay]) -> None:
    for row in transaction.rows(_MESSAGES_ABOUT_ALERTS, day=day):
        school = found.get(row.school_id)
        if school is None:
            continue
        if row.in_vain:
            school.undelivered.add(row.id)
        if row.kind == "escalation" and row.sent_at is not None:
            school.lateness = max(school.lateness or timedelta(), row.sent_at - row.due_at)
    in_vain: dict[int, set[int]] = defaultdict(set)
    for row in transaction.rows(_IN_VAIN_ABOUT_REGISTERS, day=day):
        in_vain[row.subject_id].add(row.id)
    for school in found.values():
        for register in school.registers:
            school.undelivered |= in_vain[register.id]


_OF_THE_DAY = registers.c.day == sa.bindparam("day")
_IN_VAIN = sa.or_(messages.c.state == "failed", sa.and_(messages.c.state == "owed", messages.c.tries > 0)).label(
    "in_vain"
)
_MESSAGES_ABOUT_ALERTS = Prepared(
    sa.select(
        messages.c.id,
        messages.c.kind,
        messages.c.due_at,
        messages.c.sent_at,
        _IN_VAIN,
        escalations.c.school_id,
    )
    .join(escalations, escalations.c.id == messages.c.subject_id)
    .join(registers, registers.c.id == escalations.c.register_id)
    .where(_OF_THE_DAY, messages.c.kind.in_(ABOUT_ALERTS))
)
_IN_VAIN_ABOUT_REGISTERS = Prepared(
    sa.select(messages.c.id, messages.c.subject_id)
    .join(registers, registers.c.id == messages.c.subject_id)
    .where(_OF_THE_DAY, messages.c.kind.in_(ABOUT_REGISTERS), _IN_VAIN.element)
)
_ALERTS = Prepared(
    sa.select(escalations.c.school_id, escalations.c.state, escalations.c.acknowledged_at)
    .join(registers, registers.c.id == escalations.c.register_id)
    .where(_OF_THE_DAY)
)


def _those_with(*facts: Fact) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((entries.c.fact.in_([each.value for each in facts]), 1), else_=0))


_REGISTER = (entries.c.school_id, registers.c.id, registers.c.session, providers.c.name)
_REGISTERS = Prepared(
    sa.select(
        *_REGISTER,
        sa.func.min(entries.c.starts_at).label("starts_at"),
        sa.func.count().label("expected"),
        _those_with(Fact.ARRIVED, Fact.LATE, Fact.LEFT_SITE).label("arrived"),
        _those_with(Fact.NOT_ARRIVED).label("not_arrived"),
        sa.func.sum(sa.case((entries.c.fact.is_(None), 1), else_=0)).label("unanswered"),
    )
    .select_from(entries)
    .join(registers, registers.c.id == entries.c.register_id)
    .join(providers, providers.c.id == registers.c.provider_id)
    .where(_OF_THE_DAY, entries.c.state == EntryState.EXPECTED.value)
    .group_by(*_REGISTER)
    .order_by(registers.c.session, providers.c.name)
)


def days_of(transaction: Transaction, ids: Iterable[int]) -> dict[int, date]:
    """The days that these lines are about, by id."""
    rows = transaction.rows(sa.select(roundups.c.id, roundups.c.day).where(roundups.c.id.in_(list(ids))))
    return {row.id: row.day for row in rows}
