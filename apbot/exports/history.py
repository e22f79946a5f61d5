"""What happened to one day's sessions: who arrived when, alerts and outcomes, and every amendment with its reason."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.escalation import Kind
from apbot.domain.marks import Fact, Reason
from apbot.domain.walltime import local, local_date, wall
from apbot.store.database import Transaction
from apbot.store.tables import code_decisions, entries, escalated, escalations, marks, people, registers


@dataclass(frozen=True)
class Happened:
    """One amendment of a mark, or of a code: the entry before, the one after, why, when, and by whom."""

    what: str
    before: str
    after: str
    because: str
    by: str
    role: str
    at: datetime

    def words(self, day: date) -> str:
        """ "09:52 Sam Taylor (named contact): not arrived → late 09:50, because found out since"."""
        when = wall(self.at) if local_date(self.at) == day else f"{local(self.at):%d/%m/%Y %H:%M}"
        code = "code " if self.what == "code" else ""
        because = f", because {self.because}" if self.because else ""
        return f"{when} {self.by} ({self.role}): {code}{self.before} → {self.after}{because}"


@dataclass(frozen=True)
class Arrival:
    """When a pupil arrived, where that was said."""

    fact: str
    at: datetime | None


@dataclass
class History:
    """What happened to one entry."""

    arrived: Arrival | None = None
    """The arrival that was recorded last, where more than one thing was."""
    amendments: list[Happened] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    outcome: str | None = None
    nature: str = ""
    comment: str = ""


def load_histories(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> dict[int, History]:
    """The history of every entry that meets the conditions (on entries or registers) and has one, by its id."""
    found: dict[int, History] = defaultdict(History)
    _read_marks(transaction, found, conditions)
    _read_decisions(transaction, found, conditions)
    _read_alerts(transaction, found, conditions)
    return found


_Conditions = Sequence[sa.ColumnElement[bool]]


def _read_marks(transaction: Transaction, found: dict[int, History], conditions: _Conditions) -> None:
    """The marks of the sessions that have more than one; a single mark stands with the session itself."""
    several = _of(sa.select(marks.c.entry_id), marks, conditions).group_by(marks.c.entry_id).having(sa.func.count() > 1)
    before: dict[int, sa.Row[Any]] = {}
    query = sa.select(marks, people.c.name).select_from(marks)
    for row in transaction.rows(_by(query, marks).where(marks.c.entry_id.in_(several)).order_by(marks.c.id)):
        history = found[row.entry_id]
        if row.fact in (Fact.ARRIVED, Fact.LATE):
            history.arrived = Arrival(row.fact, row.fact_at)
        if row.entry_id in before:
            earlier = before[row.entry_id]
            history.amendments.append(_happened("mark", _mark(earlier), _mark(row), row.amends_because, row))
        before[row.entry_id] = row


def _read_decisions(transaction: Transaction, found: dict[int, History], conditions: _Conditions) -> None:
    before: dict[int, str] = {}
    query = _by(_of(sa.select(code_decisions, people.c.name), code_decisions, conditions), code_decisions)
    for row in transaction.rows(query.order_by(code_decisions.c.id)):
        history = found[row.entry_id]
        history.nature, history.comment = row.nature, row.comment
        if row.entry_id in before:
            history.amendments.append(_happened("code", before[row.entry_id], row.code, row.because, row))
        before[row.entry_id] = row.code


def _read_alerts(transaction: Transaction, found: dict[int, History], conditions: _Conditions) -> None:
    query = (
        sa.select(escalated, escalations.c.kind, escalations.c.opened_at, people.c.name)
        .join_from(escalated, escalations)
        .outerjoin(people, people.c.id == escalated.c.outcome_by_id)
        .order_by(escalated.c.id)
    )
    for row in transaction.rows(_of(query, escalated, conditions)):
        history = found[row.entry_id]
        kind = "" if row.kind == Kind.NOT_ARRIVED.value else f" {row.kind}"
        history.alerts.append(f"{wall(row.opened_at)}{kind}")
        if row.outcome:
            words = f": {row.outcome_words}" if row.outcome_words else ""
            history.outcome = f"{row.outcome}{words} ({row.name or 'apbot'}, {wall(row.outcome_at)})"


def _of(query: sa.Select[Any], said: sa.Table, conditions: _Conditions) -> sa.Select[Any]:
    """Only what is about the entries that meet the conditions."""
    return (
        query.join_from(said, entries, entries.c.id == said.c.entry_id)
        .join(registers, registers.c.id == entries.c.register_id)
        .where(*conditions)
    )


def _by(query: sa.Select[Any], said: sa.Table) -> sa.Select[Any]:
    """With the name of who said it."""
    return query.outerjoin(people, people.c.id == said.c.made_by_id)


def _happened(what: str, before: str, after: str, because: str, row: sa.Row[Any]) -> Happened:
    return Happened(what, before, after, because, row.name or "an admin", row.made_as, row.made_at)


def _mark(row: sa.Row[Any]) -> str:
    """A mark in a few words: "late 09:50", "not arrived: ill"."""
    if row.reason and row.reason != Reason.UNKNOWN.value:
        return f"{row.fact}: {row.reason}"
    return f"{row.fact} {wall(row.fact_at)}" if row.fact_at else str(row.fact)
