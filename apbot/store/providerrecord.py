"""One provider, as far as one person may see it: what it has shown, their pupils there, its registers of late."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.model import State as DutyState
from apbot.domain.marks import Fact, Session
from apbot.domain.presence import Presence, presence
from apbot.domain.register import EntryState
from apbot.domain.timetable import Pattern
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty, load_duties
from apbot.store.labels import initials_in, label_in
from apbot.store.providerfacts import ProviderFacts, load_provider_facts
from apbot.store.pupilsessions import in_sight
from apbot.store.reads import note_refs
from apbot.store.tables import (
    duties,
    entries,
    escalated,
    people,
    placements,
    providers,
    pupils,
    registers,
    schools,
)

PAGE = timedelta(days=14)
"""The registers of so many days are on one page."""


@dataclass(frozen=True)
class PlacedPupil:
    """A placement at the provider that the reader may see. `name` is "" where they know the pupil by reference."""

    ref: str
    reference: str
    initials: str
    name: str
    school: str
    starts_on: date
    ends_on: date | None
    target_end_on: date | None
    pattern: Pattern
    key_worker: str


@dataclass
class RegisterCounts:
    """One register of an earlier day, in counts of the pupils in sight. `alerts` is how many became an alert."""

    day: date
    session: Session
    counts: Counter[Presence] = field(default_factory=Counter)
    alerts: int = 0

    @property
    def expected(self) -> int:
        """How many pupils were to come."""
        return sum(count for each, count in self.counts.items() if each is not Presence.EXCUSED)


@dataclass(frozen=True)
class ProviderRecord:
    """What one person may see of a provider. `older` is the last day of the page before, where there is one."""

    facts: ProviderFacts
    placed: tuple[PlacedPupil, ...]
    registers: tuple[RegisterCounts, ...]
    since: date
    until: date
    older: date | None
    duties: tuple[Duty, ...]
    day: date


def read_provider(transaction: Transaction, actor: Actor, ref: str, until: date | None = None) -> ProviderRecord | None:
    """The provider with this reference, and a note that it was read; None where it is not for `actor` to see.

    It is for its own staff, and for whoever may see a placement there. `until` is the last day of registers shown.
    """
    provider_id: int | None = transaction.value(sa.select(providers.c.id).where(providers.c.ref == ref))
    if provider_id is None:
        return None
    placed = _placed(transaction, actor, provider_id)
    if not (placed or provider_id in actor.providers() or actor.is_admin_of_all):
        return None
    note_refs(transaction, actor, "provider read", f"provider:{provider_id}", [each.reference for each in placed])
    day = local_date(transaction.now)
    until = day if until is None else min(until, day)
    since = until - PAGE + timedelta(days=1)
    return ProviderRecord(
        facts=load_provider_facts(transaction, [provider_id])[provider_id],
        placed=tuple(placed),
        registers=tuple(_registers(transaction, actor, provider_id, since, until)),
        since=since,
        until=until,
        older=_older(transaction, actor, provider_id, since),
        duties=tuple(
            each
            for each in load_duties(
                transaction, duties.c.provider_id == provider_id, duties.c.state == DutyState.OPEN.value
            )
            if each.may_be_done_by(actor)
        ),
        day=day,
    )


def _placed(transaction: Transaction, actor: Actor, provider_id: int) -> list[PlacedPupil]:
    """The placements in sight, those that run first. One that is over is the school's alone to see."""
    today = local_date(transaction.now)
    found = []
    for row in transaction.rows(
        sa.select(
            placements,
            pupils.c.ref.label("reference"),
            pupils.c.first_name,
            pupils.c.last_name,
            pupils.c.school_id,
            schools.c.name.label("school"),
            schools.c.initials_in_chat,
            people.c.name.label("key_worker"),
        )
        .select_from(placements)
        .join(pupils, pupils.c.id == placements.c.pupil_id)
        .join(schools, schools.c.id == pupils.c.school_id)
        .outerjoin(people, people.c.id == placements.c.key_worker_id)
        .where(placements.c.provider_id == provider_id)
        .order_by(pupils.c.ref, placements.c.starts_on)
    ):
        is_over = row.ends_on is not None and row.ends_on < today
        if not actor.may_answer(row.school_id) and (
            is_over or not actor.may_see(row.school_id, provider_id, row.key_worker_id)
        ):
            continue
        may_name = actor.may_see(row.school_id, None, row.key_worker_id)
        found.append(
            PlacedPupil(
                ref=row.ref,
                reference=row.reference,
                initials=initials_in(label_in(row, row.reference), row.reference),
                name=f"{row.first_name} {row.last_name}" if may_name else "",
                school=row.school,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                target_end_on=row.target_end_on,
                pattern=Pattern.from_json(row.pattern),
                key_worker=row.key_worker or "",
            )
        )
    return sorted(found, key=lambda each: each.ends_on is not None and each.ends_on < today)


def _in_sight(actor: Actor) -> sa.ColumnElement[bool]:
    return in_sight(actor, entries.c.school_id, registers.c.provider_id, placements.c.key_worker_id)


def _registers(
    transaction: Transaction, actor: Actor, provider_id: int, since: date, until: date
) -> list[RegisterCounts]:
    """The registers of these days in counts, the newest first, counted by the database."""
    alerts = sa.exists().where(escalated.c.entry_id == entries.c.id)
    kinds: tuple[Any, ...] = (registers.c.day, registers.c.session, entries.c.state, entries.c.fact)
    begun = (entries.c.starts_at <= transaction.now).label("begun")
    found: dict[tuple[date, Session], RegisterCounts] = defaultdict()
    for row in transaction.rows(
        sa.select(
            *kinds,
            begun,
            sa.func.min(entries.c.starts_at).label("starts_at"),
            sa.func.count().label("pupils"),
            sa.func.sum(sa.case((alerts, 1), else_=0)).label("alerts"),
        )
        .select_from(entries)
        .join(registers, registers.c.id == entries.c.register_id)
        .join(placements, placements.c.id == entries.c.placement_id)
        .where(
            registers.c.provider_id == provider_id,
            registers.c.day.between(since, until),
            entries.c.state != EntryState.WITHDRAWN.value,
            _in_sight(actor),
        )
        .group_by(*kinds, sa.literal_column("begun"))
    ):
        at = (row.day, Session(row.session))
        counts = found.setdefault(at, RegisterCounts(*at))
        fact = Fact(row.fact) if row.fact else None
        counts.counts[presence(EntryState(row.state), fact, row.starts_at, transaction.now)] += row.pupils
        counts.alerts += row.alerts
    return [found[at] for at in sorted(found, reverse=True)]


def _older(transaction: Transaction, actor: Actor, provider_id: int, since: date) -> date | None:
    """The newest day with a register in sight before `since`."""
    day: date | None = transaction.value(
        sa.select(sa.func.max(registers.c.day))
        .select_from(entries)
        .join(registers, registers.c.id == entries.c.register_id)
        .join(placements, placements.c.id == entries.c.placement_id)
        .where(registers.c.provider_id == provider_id, registers.c.day < since, _in_sight(actor))
    )
    return day
