"""Registers for a school's MIS: one row for each pupil and session, with its code, and every amendment.

Read a day at a time, so that a year of a whole county takes no more memory than one day of it.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.marks import Fact
from apbot.domain.register import EntryState, minutes_late
from apbot.domain.walltime import local
from apbot.exports.history import Arrival, Happened, History, load_histories
from apbot.exports.workbook import Column, Value
from apbot.store.coding import midnight
from apbot.store.database import Database, Transaction
from apbot.store.reads import note_list
from apbot.store.tables import entries, people, placements, providers, pupils, registers, schools

COLUMNS = (
    Column("Date", 11),
    Column("Session", 8),
    Column("School", 22),
    Column("UPN", 15),
    Column("Pupil ref", 10),
    Column("Last name", 16),
    Column("First name", 16),
    Column("Year group", 10),
    Column("Provider", 22),
    Column("Placement ref", 16),
    Column("Expected", 16),
    Column("Fact", 18),
    Column("Arrived at", 10),
    Column("Minutes late", 12),
    Column("Left at", 9),
    Column("Reason given", 22),
    Column("Suggested code", 14),
    Column("Code", 6),
    Column("Confirmed by", 20),
    Column("Confirmed at", 16),
    Column("Nature of activity", 24),
    Column("Comment", 60),
    Column("Non-arrival alert", 20),
    Column("Outcome", 40),
    Column("Two providers", 24),
    Column("Amendments", 60),
)
"""What a row says, in this order."""

AMENDMENT_COLUMNS = (
    Column("Date", 11),
    Column("Session", 8),
    Column("School", 22),
    Column("Pupil ref", 10),
    Column("Last name", 16),
    Column("First name", 16),
    Column("Provider", 22),
    Column("Amended", 10),
    Column("Before", 26),
    Column("After", 26),
    Column("Because", 22),
    Column("By", 20),
    Column("Role", 20),
    Column("At", 16),
)


@dataclass(frozen=True)
class Line:
    """One pupil and session: the cells of `COLUMNS`, and a row of `AMENDMENT_COLUMNS` for each amendment."""

    values: tuple[Value, ...]
    amendments: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Range:
    """Which sessions: from one day to another, both included, of one school or of all."""

    first: date
    last: date
    school_id: int | None = None

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def subject(self) -> str:
        """Whose they are, as the audit log says it."""
        return "all schools" if self.school_id is None else f"school:{self.school_id}"

    def detail(self, rows: int, form: str) -> dict[str, Any]:
        """What the audit log says of a file with so many rows of them."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "rows": rows, "format": form}


@dataclass(frozen=True)
class Counts:
    """How many rows there are, and how many of them have a code that nobody has confirmed."""

    rows: int
    unconfirmed: int


class Sink(Protocol):
    """Where lines go: a file of some format."""

    def write(self, lines: Sequence[Line]) -> None:
        """Take the next lines."""
        ...


def count(transaction: Transaction, wanted: Range) -> Counts:
    """How much there is to read."""
    unconfirmed = sa.func.count().filter(entries.c.code.is_(None))
    (row,) = transaction.rows(
        sa.select(sa.func.count().label("rows"), unconfirmed.label("unconfirmed"))
        .select_from(entries)
        .join(registers)
        .where(registers.c.day.between(wanted.first, wanted.last), *_of_school(wanted.school_id))
    )
    return Counts(row.rows, row.unconfirmed)


def note_export(transaction: Transaction, actor: Actor, wanted: Range, counts: Counts, kind: str) -> None:
    """Write in the audit log that these pupils' records are read, never by name."""
    which = (registers.c.day.between(wanted.first, wanted.last), *_of_school(wanted.school_id))
    rows = transaction.rows(sa.select(entries.c.pupil_id).join_from(entries, registers).where(*which).distinct())
    note_list(
        transaction,
        actor,
        "registers exported",
        wanted.subject,
        [row.pupil_id for row in rows],
        **wanted.detail(counts.rows, kind),
    )


async def export(database: Database, wanted: Range, sink: Sink, begins: Callable[[date], None]) -> None:
    """Read the range day by day into `sink`; `begins` is called with each day. The bot can write meanwhile."""
    for day in wanted.days:
        begins(day)
        sink.write(await database.read(load_day, day, wanted.school_id))


def load_day(transaction: Transaction, day: date, school_id: int | None = None) -> list[Line]:
    """One day's lines, by session, school and name. Withdrawn entries are left out."""
    # The instants say no more than the day does; with them an index finds one school's sessions of it.
    ends = midnight(day), midnight(day + timedelta(days=1))
    conditions = (registers.c.day == day, *_of_school(school_id), entries.c.starts_at.between(*ends))
    rows = sorted(transaction.rows(_ROWS.where(*conditions)), key=_place)
    if not rows:
        return []
    histories = load_histories(transaction, *conditions)
    where: dict[tuple[int, str], list[str]] = defaultdict(list)
    for row in rows:
        where[row.pupil_id, row.session].append(row.provider)
    return [_line(row, histories.get(row.id, History()), where[row.pupil_id, row.session]) for row in rows]


def _place(row: sa.Row[Any]) -> tuple[str, ...]:
    """Where the line stands. "da Silva" stands among the Ds, and not behind everybody."""
    named = (row.last_name.casefold(), row.first_name.casefold())
    return (row.session, row.school, *named, row.pupil_ref, row.provider, row.placement_ref)


_CODE_BY = people.alias()
_ROWS = (
    sa.select(
        entries.c.id,
        entries.c.pupil_id,
        entries.c.state,
        entries.c.starts_at,
        entries.c.fact,
        entries.c.fact_at,
        entries.c.reason,
        entries.c.suggested_code,
        entries.c.suggested_why,
        entries.c.code,
        entries.c.code_at,
        registers.c.day,
        registers.c.session,
        schools.c.name.label("school"),
        pupils.c.upn,
        pupils.c.ref.label("pupil_ref"),
        pupils.c.last_name,
        pupils.c.first_name,
        pupils.c.year_group,
        providers.c.name.label("provider"),
        placements.c.ref.label("placement_ref"),
        sa.case((placements.c.activity != "", placements.c.activity), else_=providers.c.activity).label("activity"),
        _CODE_BY.c.name.label("code_by"),
    )
    .select_from(entries)
    .join(registers, registers.c.id == entries.c.register_id)
    .join(providers, providers.c.id == registers.c.provider_id)
    .join(pupils, pupils.c.id == entries.c.pupil_id)
    .join(schools, schools.c.id == entries.c.school_id)
    .join(placements, placements.c.id == entries.c.placement_id)
    .outerjoin(_CODE_BY, _CODE_BY.c.id == entries.c.code_by_id)
)


def _of_school(school_id: int | None) -> list[sa.ColumnElement[bool]]:
    there = entries.c.state != EntryState.WITHDRAWN.value
    return [there] if school_id is None else [there, entries.c.school_id == school_id]


def _line(row: sa.Row[Any], history: History, providers_then: Sequence[str]) -> Line:
    arrived = _arrival(row, history)
    code = row.code or row.suggested_code
    others = [name for name in providers_then if name != row.provider]
    values: tuple[Value, ...] = (
        row.day,
        row.session,
        row.school,
        row.upn,
        row.pupil_ref,
        row.last_name,
        row.first_name,
        row.year_group,
        row.provider,
        row.placement_ref,
        "planned absence" if row.state == EntryState.EXCUSED.value else "expected",
        row.fact or "nothing said",
        _time(arrived.at if arrived else None),
        minutes_late(Fact(arrived.fact), arrived.at, row.starts_at) if arrived else None,
        _time(row.fact_at if row.fact == Fact.LEFT_SITE else None),
        row.reason,
        row.suggested_code,
        code,
        row.code_by,
        on_the_wall(row.code_at),
        (history.nature or row.activity) if code == "B" else None,
        _comment(row, history),
        "; ".join(history.alerts),
        history.outcome,
        f"also at {', '.join(others)}" if others else None,
        "; ".join(each.words(row.day) for each in history.amendments),
    )
    return Line(values, tuple(_amendment(row, each) for each in history.amendments))


def _arrival(row: sa.Row[Any], history: History) -> Arrival | None:
    """When the pupil arrived, who is there or has left; None for one who was never there."""
    if row.fact in (Fact.ARRIVED, Fact.LATE):
        return Arrival(row.fact, row.fact_at)
    return history.arrived if row.fact == Fact.LEFT_SITE else None


def _amendment(row: sa.Row[Any], each: Happened) -> tuple[Value, ...]:
    return (
        row.day,
        row.session,
        row.school,
        row.pupil_ref,
        row.last_name,
        row.first_name,
        row.provider,
        each.what,
        each.before,
        each.after,
        each.because,
        each.by,
        each.role,
        on_the_wall(each.at),
    )


def _comment(row: sa.Row[Any], history: History) -> str:
    """What the MIS's comment should say: the suggestion and why, the school's own comment, unless it says nothing."""
    parts = []
    if row.suggested_code:
        parts.append(f"{row.suggested_code} suggested: {row.suggested_why}")
    if row.code is None:
        parts.append("not confirmed by the school")
    elif row.code != row.suggested_code:
        parts.append(f"{row.code} decided by the school")
    return "; ".join([*parts, history.comment] if history.comment else parts)


def _time(at: datetime | None) -> time | None:
    return None if at is None else local(at).time().replace(microsecond=0)


def on_the_wall(at: datetime | None) -> datetime | None:
    """The instant as a spreadsheet keeps it: what the clock on the wall showed, to the minute, without a zone."""
    return None if at is None else local(at).replace(tzinfo=None, second=0, microsecond=0)
