"""Everything that is held on one pupil, table by table: what stands in a column is shown, whatever is added later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.walltime import local
from apbot.papers.subject.log import read_log
from apbot.papers.subject.others import Others
from apbot.papers.subject.told import read_messages, read_reports, read_typed
from apbot.store.database import Transaction
from apbot.store.parts import rows_in
from apbot.store.tables import (
    code_decisions,
    concerns,
    duties,
    duty_records,
    entries,
    escalated,
    escalations,
    incidents,
    marks,
    others_told,
    placements,
    planned_absences,
    providers,
    pupils,
    registers,
    schools,
    unopened,
)

Cell = str | int | bool | None

INTERNAL = frozenset(
    {"step", "next_at", "alert_at", "touched_at", "fingerprint", "mentions", "key", "added_on", "steps"}
)
"""Columns by which apbot finds what to do next: they say nothing of the pupil."""


TYPED = frozenset({"outcome_words", "given", "comment", "because", "amends_because", "aims", "rest_of_week", "why"})
"""Columns that hold somebody's own words."""


@dataclass(frozen=True)
class Held:
    """One table: what it is called as a file, what it is, its headings and its rows."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def to_json(self) -> list[dict[str, Cell]]:
        """Each row by its headings."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Subject:
    """A pupil, and everything that is held on them at one moment."""

    reference: str
    name: str
    school: str
    at: datetime
    tables: tuple[Held, ...]


def read_subject(transaction: Transaction, pupil_id: int) -> Subject:
    """Everything that is held on this pupil."""
    row = transaction.row(
        sa.select(pupils, schools.c.name.label("school")).join_from(pupils, schools).where(pupils.c.id == pupil_id)
    )
    others = Others(transaction, pupil_id)
    reader = _Reader(transaction, others)
    ids = {
        table.name: [each.id for each in transaction.rows(sa.select(table.c.id).where(where).order_by(table.c.id))]
        for table, where in (
            (placements, placements.c.pupil_id == pupil_id),
            (entries, entries.c.pupil_id == pupil_id),
        )
    }
    records = [
        reader.read("pupil", "What the roster says", pupils, pupils.c.id, [pupil_id]),
        reader.read("placements", "Placements", placements, placements.c.pupil_id, [pupil_id]),
        reader.read(
            "sessions", "Sessions, with what was said last and the code", entries, entries.c.pupil_id, [pupil_id]
        ),
        reader.read("marks", "Every mark and amendment", marks, marks.c.entry_id, ids["entries"]),
        reader.read(
            "code decisions", "Every decision of a code", code_decisions, code_decisions.c.entry_id, ids["entries"]
        ),
        reader.read(
            "alerts",
            "Alerts about the pupil, and what was established",
            escalated,
            escalated.c.entry_id,
            ids["entries"],
            extra=(escalations, escalations.c.id == escalated.c.escalation_id),
        ),
        reader.read("unopened", "Days on which it is not worked out yet", unopened, unopened.c.pupil_id, [pupil_id]),
        reader.read("planned absences", "Planned absences", planned_absences, planned_absences.c.pupil_id, [pupil_id]),
        reader.read("duties", "What was due", duties, duties.c.placement_id, ids["placements"]),
        reader.read(
            "duty records",
            "Contacts, visits, reviews and reports",
            duty_records,
            duty_records.c.placement_id,
            ids["placements"],
        ),
        reader.read("incidents", "That an incident happened", incidents, incidents.c.placement_id, ids["placements"]),
        reader.read("concerns", "That a concern was raised", concerns, concerns.c.pupil_id, [pupil_id]),
        reader.read(
            "other providers told",
            "When a provider was told of the others",
            others_told,
            others_told.c.placement_id,
            ids["placements"],
        ),
        _held(
            "messages", "Messages about the pupil: when, to whom", read_messages(transaction, pupil_id, row.ref, others)
        ),
        _held(
            "typed", "What people typed in apbot's own chat that names the pupil", read_typed(transaction, row, others)
        ),
        _held("reports", "Weekly reports to the school's leads that name the pupil", read_reports(transaction, row)),
        _held("log", "Who did what to the record, and who has read it", read_log(transaction, pupil_id, others)),
    ]
    return Subject(row.ref, f"{row.first_name} {row.last_name}", row.school, transaction.now, tuple(records))


def _held(name: str, title: str, rows: Sequence[Mapping[str, Any]]) -> Held:
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    return Held(name, title, columns, tuple(tuple(_cell(row.get(column)) for column in columns) for row in rows))


class _Reader:
    """Reads tables, with words in place of what only apbot knows by its number."""

    def __init__(self, transaction: Transaction, others: Others) -> None:
        self._transaction = transaction
        self._others = others

    def read(
        self,
        name: str,
        title: str,
        table: sa.Table,
        column: sa.Column[Any],
        ids: Sequence[int],
        *,
        extra: tuple[sa.Table, sa.ColumnElement[bool]] | None = None,
    ) -> Held:
        """The rows of `table` in which `column` is one of `ids`; with the columns of another that belongs to it."""
        shown = _shown(table) + (_shown(extra[0], without=table) if extra else [])
        query = sa.select(*(each.label(f"c{at}") for at, each in enumerate(shown))).select_from(
            table.join(extra[0], extra[1]) if extra else table
        )
        rows = list(rows_in(self._transaction, query.order_by(table.c.id), column, ids))
        values = [self._words(each, [row[at] for row in rows]) for at, each in enumerate(shown)]
        headings = tuple(each.name.removesuffix("_id").replace("_", " ") for each in shown)
        return Held(name, title, headings, tuple(zip(*values, strict=True)) if rows else ())

    def _words(self, column: sa.Column[Any], values: Sequence[Any]) -> list[Cell]:
        """The values of one column as words."""
        target = next((key.column.table.name for key in column.foreign_keys), "")
        known = {each for each in values if each is not None} if target else set()
        if target == "people":
            called: Mapping[int, str] = self._others.names_of(known)
        elif target in NAMED:
            called = NAMED[target](self._transaction, known)
        else:
            return [self._cell(each, typed=column.name in TYPED) for each in values]
        return [None if each is None else called.get(each, "") for each in values]

    def _cell(self, value: Any, *, typed: bool) -> Cell:
        found = _cell(value)
        return self._others.without(found, names_too=typed) if isinstance(found, str) else found


def _shown(table: sa.Table, without: sa.Table | None = None) -> list[sa.Column[Any]]:
    hidden = {"pupil_id", "escalation_id"} | (set() if without is None else {"id", "register_id", "school_id"})
    return [each for each in table.c if each.name not in INTERNAL | hidden]


def _cell(value: Any) -> Cell:
    if isinstance(value, datetime):
        return f"{local(value):%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, bool | int | str) or value is None:
        return value
    return _flat(value)


def _flat(value: Any) -> str:
    """What is kept as a small structure, in a line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_flat(each)}" for name, each in value.items() if each not in (None, "", [], {}))
    if isinstance(value, list | tuple):
        return ", ".join(_flat(each) for each in value)
    return str(value)


def _by_id(table: sa.Table, words: Callable[[Any], str]) -> Callable[[Transaction, set[int]], dict[int, str]]:
    def read(transaction: Transaction, ids: set[int]) -> dict[int, str]:
        return {row.id: words(row) for row in rows_in(transaction, sa.select(table), table.c.id, sorted(ids))}

    return read


def _sessions(transaction: Transaction, ids: set[int]) -> dict[int, str]:
    query = sa.select(registers.c.id, registers.c.day, registers.c.session, providers.c.name)
    return {
        row.id: f"{row.day:%d/%m/%Y} {row.session}, {row.name}"
        for row in rows_in(transaction, query.join_from(registers, providers), registers.c.id, sorted(ids))
    }


def _entries(transaction: Transaction, ids: set[int]) -> dict[int, str]:
    query = sa.select(entries.c.id, entries.c.register_id)
    found = {row.id: row.register_id for row in rows_in(transaction, query, entries.c.id, sorted(ids))}
    sessions = _sessions(transaction, set(found.values()))
    return {entry_id: sessions[register_id] for entry_id, register_id in found.items()}


NAMED: Mapping[str, Callable[[Transaction, set[int]], dict[int, str]]] = {
    "schools": _by_id(schools, lambda row: row.name),
    "providers": _by_id(providers, lambda row: row.name),
    "placements": _by_id(placements, lambda row: row.ref),
    "registers": _sessions,
    "entries": _entries,
}
"""What stands in place of the number of a row in one of these tables."""
