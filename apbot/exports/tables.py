"""What can be taken out as a table of its own, beside the registers: duties, what was done, non-arrivals.

A new one is a function that reads, and a line in `TABLES`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.registry import KINDS
from apbot.domain.walltime import local_date
from apbot.exports.registers import Range, on_the_wall
from apbot.exports.workbook import Column, Value
from apbot.store.coding import midnight
from apbot.store.database import Transaction
from apbot.store.duties.reading import with_whom
from apbot.store.reads import note_refs
from apbot.store.tables import (
    duties,
    duty_records,
    entries,
    escalated,
    escalations,
    people,
    placements,
    providers,
    pupils,
    registers,
    schools,
)


@dataclass(frozen=True)
class Table:
    """A heading for each column, and the rows."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]


_WHO = (
    Column("School", 22),
    Column("Pupil ref", 10),
    Column("Last name", 16),
    Column("First name", 16),
    Column("Provider", 22),
    Column("Placement ref", 16),
)
DUTY_COLUMNS = (
    Column("Duty", 26),
    Column("About", 22),
    *_WHO,
    Column("Opens", 11),
    Column("Due", 11),
    Column("Booked for", 11),
    Column("State", 10),
    Column("Overdue", 9),
    Column("Closed at", 16),
    Column("Closed by", 20),
    Column("Why not due", 30),
    Column("Key worker", 20),
)
RECORD_COLUMNS = (
    Column("What", 26),
    Column("On", 11),
    *_WHO,
    Column("Answers", 60),
    Column("Next on", 11),
    Column("Written down by", 20),
    Column("Role", 18),
    Column("At", 16),
    Column("Counts", 8),
    Column("Amended by", 20),
    Column("Amended at", 16),
)
NON_ARRIVAL_COLUMNS = (
    Column("Date", 11),
    Column("Session", 8),
    *_WHO,
    Column("Alert", 8),
    Column("Kind", 18),
    Column("Opened at", 16),
    Column("Last step", 9),
    Column("Times begun", 11),
    Column("Acknowledged by", 20),
    Column("Acknowledged at", 16),
    Column("Minutes to acknowledge", 12),
    Column("Outcome", 36),
    Column("Outcome in words", 40),
    Column("Established by", 20),
    Column("Established at", 16),
    Column("Minutes to outcome", 12),
    Column("State", 14),
    Column("Code", 6),
)


def duty_table(transaction: Transaction, wanted: Range) -> Table:
    """Every duty that was due in the range, what has become of it, and whether it is overdue today."""
    closer, worker = people.alias(), people.alias()
    today = local_date(transaction.now)
    rows = transaction.rows(
        sa.select(duties, *_who(), closer.c.name.label("closed_by"), worker.c.name.label("key_worker"))
        .select_from(with_whom(duties))
        .outerjoin(closer, closer.c.id == duties.c.closed_by_id)
        .outerjoin(worker, worker.c.id == placements.c.key_worker_id)
        .where(duties.c.due_on.between(wanted.first, wanted.last), *_of_school(duties.c.school_id, wanted))
        .order_by(schools.c.name, duties.c.due_on, duties.c.id)
    )
    return Table(
        "Duties",
        DUTY_COLUMNS,
        [
            (
                KINDS[row.kind].label if row.kind in KINDS else row.kind,
                row.about,
                *_pupil(row),
                row.opens_on,
                row.due_on,
                row.booked_on,
                row.state,
                "yes" if row.state == "open" and row.due_on < today else None,
                on_the_wall(row.closed_at),
                row.closed_by,
                row.why,
                row.key_worker,
            )
            for row in rows
        ],
    )


def record_table(transaction: Transaction, wanted: Range) -> Table:
    """Everything that was done in the range: contacts, visits, reviews, reports, what belongs to a provider.

    What was amended is there too, and counts no more.
    """
    later, amender = duty_records.alias(), people.alias()
    rows = transaction.rows(
        sa.select(
            duty_records,
            *_who(),
            people.c.name.label("made_by"),
            later.c.made_at.label("amended_at"),
            amender.c.name.label("amended_by"),
        )
        .select_from(with_whom(duty_records))
        .outerjoin(people, people.c.id == duty_records.c.made_by_id)
        .outerjoin(later, later.c.amends_id == duty_records.c.id)
        .outerjoin(amender, amender.c.id == later.c.made_by_id)
        .where(
            duty_records.c.happened_on.between(wanted.first, wanted.last),
            *_of_school(duty_records.c.school_id, wanted),
        )
        .order_by(schools.c.name, duty_records.c.happened_on, duty_records.c.id)
    )
    return Table(
        "Records",
        RECORD_COLUMNS,
        [
            (
                KINDS[row.kind].label if row.kind in KINDS else row.kind,
                row.happened_on,
                *_pupil(row),
                "; ".join(f"{label}: {words}" for label, words in _answers(row).items()),
                row.next_on,
                row.made_by or "an admin",
                row.made_as,
                on_the_wall(row.made_at),
                "yes" if row.amended_at is None else "no",
                None if row.amended_at is None else row.amended_by or "an admin",
                on_the_wall(row.amended_at),
            )
            for row in rows
        ],
    )


def non_arrival_table(transaction: Transaction, wanted: Range) -> Table:
    """Every pupil of every alert of the range: when it opened, who took it on, and what was established when."""
    taker, finder = people.alias(), people.alias()
    span = midnight(wanted.first), midnight(wanted.last + timedelta(days=1))
    rows = transaction.rows(
        sa.select(
            registers.c.day,
            registers.c.session,
            *_who(),
            escalations,
            escalations.c.id.label("alert"),
            escalated.c.outcome,
            escalated.c.outcome_words,
            escalated.c.outcome_at,
            taker.c.name.label("taken_by"),
            finder.c.name.label("found_by"),
            sa.func.coalesce(entries.c.code, entries.c.suggested_code).label("code"),
        )
        .select_from(escalated)
        .join(escalations, escalations.c.id == escalated.c.escalation_id)
        .join(entries, entries.c.id == escalated.c.entry_id)
        .join(registers, registers.c.id == entries.c.register_id)
        .join(providers, providers.c.id == registers.c.provider_id)
        .join(placements, placements.c.id == entries.c.placement_id)
        .join(pupils, pupils.c.id == entries.c.pupil_id)
        .join(schools, schools.c.id == entries.c.school_id)
        .outerjoin(taker, taker.c.id == escalations.c.acknowledged_by_id)
        .outerjoin(finder, finder.c.id == escalated.c.outcome_by_id)
        .where(
            registers.c.day.between(wanted.first, wanted.last),
            entries.c.starts_at.between(*span),
            *_of_school(entries.c.school_id, wanted),
        )
        .order_by(schools.c.name, escalations.c.opened_at, pupils.c.ref)
    )
    return Table(
        "Non-arrivals",
        NON_ARRIVAL_COLUMNS,
        [
            (
                row.day,
                row.session,
                *_pupil(row),
                row.alert,
                row.kind,
                on_the_wall(row.opened_at),
                row.step + 1,
                row.round + 1,
                row.taken_by,
                on_the_wall(row.acknowledged_at),
                _minutes(row.opened_at, row.acknowledged_at),
                row.outcome,
                row.outcome_words,
                row.found_by,
                on_the_wall(row.outcome_at),
                _minutes(row.opened_at, row.outcome_at),
                row.state,
                row.code,
            )
            for row in rows
        ],
    )


Read = Callable[[Transaction, Range], Table]

TABLES: Mapping[str, Read] = {"duties": duty_table, "records": record_table, "non-arrivals": non_arrival_table}
"""Every table by its name, which is also that of its file."""


def take_out(transaction: Transaction, actor: Actor, name: str, wanted: Range, form: str) -> Table:
    """The table, and a note in the audit log, never by name, that it was taken out.

    Whether `actor` may is for whoever asks to have looked at. Raises KeyError for a name that is not in `TABLES`.
    """
    table = TABLES[name](transaction, wanted)
    reference = [column.heading for column in table.columns].index("Pupil ref")
    note_refs(
        transaction,
        actor,
        f"{name} exported",
        wanted.subject,
        {str(row[reference]) for row in table.rows if row[reference]},
        **wanted.detail(len(table.rows), form),
    )
    return table


def _who() -> tuple[sa.ColumnElement[Any], ...]:
    return (
        schools.c.name.label("school"),
        pupils.c.ref.label("pupil_ref"),
        pupils.c.last_name,
        pupils.c.first_name,
        providers.c.name.label("provider"),
        placements.c.ref.label("placement_ref"),
    )


def _pupil(row: sa.Row[Any]) -> tuple[Value, ...]:
    return (row.school, row.pupil_ref, row.last_name, row.first_name, row.provider, row.placement_ref)


def _of_school(column: sa.ColumnElement[Any], wanted: Range) -> list[sa.ColumnElement[bool]]:
    return [] if wanted.school_id is None else [column == wanted.school_id]


def _answers(row: sa.Row[Any]) -> Mapping[str, str]:
    return KINDS[row.kind].labelled(row.given) if row.kind in KINDS else row.given


def _minutes(since: Any, until: Any) -> int | None:
    return None if until is None else max(0, int((until - since).total_seconds() // 60))
