"""One provider as one person may see it: what it has shown, who of theirs is placed there, and what is owed for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.attendance import Attendance
from apbot.domain.documents import QUALITY_VISIT
from apbot.domain.duties.model import State
from apbot.domain.walltime import local_date
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty, load_duties
from apbot.store.duties.records import Record, load_records
from apbot.store.labels import label_in
from apbot.store.lasting import not_over
from apbot.store.providerfacts import ProviderFacts, load_provider_facts
from apbot.store.pupilsessions import in_sight, load_pupil_sessions
from apbot.store.pupilstatus import term_of
from apbot.store.reads import note_read
from apbot.store.reports.sessions import count_by, counted
from apbot.store.tables import (
    duties,
    duty_records,
    entries,
    placements,
    providers,
    pupils,
    registers,
    schools,
)
from apbot.store.today import RegisterToday, registers_of

MOST = 500
"""So many placements at one provider are counted at once."""


@dataclass(frozen=True)
class Placed:
    """A pupil whom the one who asks may see, and their attendance in this half term; None before any session."""

    placement_id: int
    pupil_id: int
    label: str
    starts_on: date
    attendance: Attendance | None


@dataclass(frozen=True)
class ProviderStatus:
    """What one person may see of one provider."""

    facts: ProviderFacts
    day: date
    today: tuple[RegisterToday, ...]
    placed: tuple[Placed, ...]
    duties: tuple[Duty, ...]
    quality_visit: Record | None
    """The last one by a school of the one who asks."""
    quality_visit_on: date | None
    """The day of the last one that is known, whoever wrote it down."""


def providers_in_sight(transaction: Transaction, actor: Actor) -> list[sa.Row[Any]]:
    """The providers (id, ref, name) with which the one who asks has to do: theirs, and where their pupils are."""
    sight = in_sight(actor, pupils.c.school_id, placements.c.provider_id, placements.c.key_worker_id)
    theirs = sa.select(placements.c.provider_id).join_from(placements, pupils).where(sight)
    chosen = sa.or_(providers.c.id.in_(actor.providers()), providers.c.id.in_(theirs))
    return list(
        transaction.rows(
            sa.select(providers.c.id, providers.c.ref, providers.c.name)
            .where(sa.true() if actor.is_admin_of_all else chosen)
            .order_by(providers.c.name)
        )
    )


def read_provider(transaction: Transaction, actor: Actor, provider_id: int) -> ProviderStatus:
    """This provider, which must be in sight of `actor`, and a note of every pupil whose record was read."""
    day = local_date(transaction.now)
    facts = load_provider_facts(transaction, [provider_id])[provider_id]
    placed = _placed(transaction, actor, provider_id, day)
    sessions = load_pupil_sessions(transaction, actor, registers.c.day == day, registers.c.provider_id == provider_id)
    note_read(
        transaction,
        actor,
        "provider read",
        [*(each.pupil_id for each in placed), *(s.entry.pupil_id for s in sessions)],
    )
    visits = load_records(
        transaction,
        duty_records.c.provider_id == provider_id,
        duty_records.c.kind == QUALITY_VISIT,
        sa.true() if actor.is_admin_of_all else duty_records.c.school_id.in_(actor.schools()),
    )
    dates = [each.dated_on for each in facts.shown if each.document.kind == QUALITY_VISIT and each.dated_on]
    return ProviderStatus(
        facts=facts,
        day=day,
        today=registers_of(sessions),
        placed=tuple(placed),
        duties=tuple(_duties(transaction, actor, provider_id)),
        quality_visit=visits[-1] if visits else None,
        quality_visit_on=max([*dates, *(each.happened_on for each in visits)], default=None),
    )


def _placed(transaction: Transaction, actor: Actor, provider_id: int, day: date) -> list[Placed]:
    """Those who are there, or are to begin, whom the one who asks may see."""
    found = _placements(transaction, actor, provider_id, day)
    ids = [row.id for row in found]
    # Each school has its own half term: what is counted goes back to the earliest of them.
    calendars = load_calendars(transaction)
    begins = [
        term.starts_on
        for school_id in {row.school_id for row in found}
        if (term := term_of(calendars.school(school_id), day)) is not None
    ]
    counts = count_by(transaction, _SINCE, ids=ids, since=min(begins)) if begins else {}
    return [Placed(row.id, row.pupil_id, label_in(row, row.ref), row.starts_on, counts.get(row.id)) for row in found]


_SINCE = counted(
    entries.c.placement_id,
    entries.c.placement_id.in_(sa.bindparam("ids", expanding=True)),
    registers.c.day >= sa.bindparam("since"),
)


def _placements(transaction: Transaction, actor: Actor, provider_id: int, day: date) -> Sequence[sa.Row[Any]]:
    return list(
        transaction.rows(
            sa.select(
                placements.c.id,
                placements.c.pupil_id,
                placements.c.starts_on,
                pupils.c.ref,
                pupils.c.first_name,
                pupils.c.last_name,
                pupils.c.school_id,
                schools.c.initials_in_chat,
            )
            .join_from(placements, pupils)
            .join(schools, schools.c.id == pupils.c.school_id)
            .where(
                placements.c.provider_id == provider_id,
                not_over(placements, day),
                in_sight(actor, pupils.c.school_id, placements.c.provider_id, placements.c.key_worker_id),
            )
            .order_by(pupils.c.ref)
            .limit(MOST)
        )
    )


def _duties(transaction: Transaction, actor: Actor, provider_id: int) -> list[Duty]:
    """What is owed of the provider, and of the pupils there, that the one who asks may answer."""
    about = sa.func.coalesce(duties.c.provider_id, placements.c.provider_id) == provider_id
    found = load_duties(transaction, duties.c.state == State.OPEN.value, about)
    return [each for each in found if each.may_be_done_by(actor)]
