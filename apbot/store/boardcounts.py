"""All schools on one board, counted by the database: no record of a pupil is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from apbot.domain.duties.model import State as DutyState
from apbot.domain.escalation import State
from apbot.domain.marks import Fact, Session
from apbot.domain.register import EntryState
from apbot.store.calendars import Calendars
from apbot.store.counts import Counts, count_pupils
from apbot.store.database import Transaction
from apbot.store.tables import duties, entries, escalations, providers, registers, schools

IS_OPEN: tuple[sa.ColumnElement[bool], ...] = (
    escalations.c.next_at.is_not(None),  # which has an index; the state alone has none
    escalations.c.state.in_([each.value for each in State if each.is_live]),
)
"""For a query of escalations: somebody still has something to do."""


@dataclass(frozen=True)
class Waiting:
    """One school's pupils on a register of whom nobody has said anything yet, and whose alert is still to come.

    `alert_at` is when the first of them becomes a non-arrival. `labels` is empty where the reader sees counts.
    """

    provider: str
    provider_ref: str
    session: Session
    school: str
    starts_at: datetime
    alert_at: datetime
    count: int
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class OverAll:
    """Every school in counts."""

    schools: tuple[Counts, ...]
    alerts: int
    """How many are open."""
    untaken: int
    """... and how many of those nobody has acknowledged."""
    reported: int
    """How many pupils were said not to be there today, and have their alert still to come."""
    overdue: Mapping[str, int]
    """How many duties are overdue, by the school's reference."""

    @property
    def lost(self) -> int:
        """How many sessions there are in which a pupil is not accounted for."""
        return sum(each.alerts for each in self.schools) + self.reported


def read_over_all(transaction: Transaction, day: date, calendars: Calendars) -> OverAll:
    """How every school stands on `day`, which is today."""
    untaken = sa.func.count().filter(escalations.c.state == State.OPEN.value)
    alerts = transaction.row(sa.select(sa.func.count().label("alerts"), untaken.label("untaken")).where(*IS_OPEN))
    overdue = transaction.rows(
        sa.select(schools.c.ref, sa.func.count().label("duties"))
        .join_from(duties, schools)
        .where(duties.c.state == DutyState.OPEN.value, duties.c.due_on < day)
        .group_by(schools.c.ref)
    )
    away = [each.value for each in Fact if not each.is_on_site]
    return OverAll(
        schools=tuple(count_pupils(transaction, day, calendars)),
        alerts=alerts.alerts,
        untaken=alerts.untaken,
        reported=transaction.value(
            sa.select(sa.func.count()).select_from(entries).where(*_to_come(), entries.c.fact.in_(away))
        ),
        overdue={row.ref: row.duties for row in overdue},
    )


def count_waiting(transaction: Transaction, day: date) -> list[Waiting]:
    """The registers of `day` with pupils of whom nobody has said anything, the most urgent first."""
    rows = transaction.rows(
        sa.select(
            providers.c.name.label("provider"),
            providers.c.ref.label("provider_ref"),
            registers.c.session,
            schools.c.name.label("school"),
            sa.func.min(entries.c.starts_at).label("starts_at"),
            sa.func.min(entries.c.alert_at).label("alert_at"),
            sa.func.count().label("count"),
        )
        .join_from(entries, registers)
        .join(providers, providers.c.id == registers.c.provider_id)
        .join(schools, schools.c.id == entries.c.school_id)
        .where(registers.c.day == day, *_to_come(), entries.c.fact.is_(None), entries.c.starts_at <= transaction.now)
        .group_by(providers.c.name, providers.c.ref, registers.c.session, schools.c.name)
    )
    return sorted((Waiting(**{**row._mapping, "session": Session(row.session)}) for row in rows), key=urgency)


def urgency(waiting: Waiting) -> tuple[datetime, str, str]:
    """What is more urgent comes first."""
    return (waiting.alert_at, waiting.provider, waiting.school)


def _to_come() -> tuple[sa.ColumnElement[bool], ...]:
    """Expected, and the alert is still to come."""
    return (entries.c.alert_at.is_not(None), entries.c.state == EntryState.EXPECTED.value)
