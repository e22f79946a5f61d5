"""Every provider of a pupil knows the others (city and county guides): told at the start, and whenever it changes."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
import structlog

from apbot.domain.duties.speaking import TOLD_AT
from apbot.domain.priority import Priority
from apbot.domain.roles import Role
from apbot.domain.timetable import Pattern
from apbot.domain.walltime import instant, local_date
from apbot.store.audit import SCHEDULE, note_all
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.labels import label_in
from apbot.store.lasting import not_over
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.people import load_provider_people
from apbot.store.prepared import Prepared
from apbot.store.tables import others_told, placements, providers, pupils, schools

log = structlog.get_logger()

OTHERS = "other providers"
"""The kind of message."""

AHEAD = timedelta(days=7)
"""A provider hears of a placement elsewhere so long before it begins."""

CONTACTS = frozenset({Role.NAMED_CONTACT, Role.DEPUTY_CONTACT})


@dataclass(frozen=True)
class Elsewhere:
    """One other place of a pupil's."""

    provider: str
    telephone: str
    pattern: Pattern
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Shared:
    """A placement, and where else its pupil goes."""

    placement_id: int
    label: str
    school: str
    school_telephone: str
    elsewhere: tuple[Elsewhere, ...]


def tell_providers(transaction: Transaction, day: date) -> None:
    """Owe each provider's contacts a message about every pupil whose other places have changed since they were told.

    Only on school days of the pupil's school. Who can't be reached is tried again on the next one.
    """
    calendars = load_calendars(transaction)
    known = {row.placement_id: row for row in transaction.rows(_TOLD)}
    changed = []
    for rows in _by_pupil(transaction.rows(_EVERYBODY, soon=day + AHEAD, day=day)).values():
        for row in rows:
            before = known.get(row.id)
            fingerprint, times = _fingerprint(_others(row, rows)), before.times if before else 0
            is_news = fingerprint != (before.fingerprint if before else "")
            if is_news and calendars.school(row.school_id).is_school_day(day):
                changed.append(_Change(row.id, row.provider_id, fingerprint, times + 1))
    if changed:
        _tell(transaction, day, changed)


@dataclass(frozen=True)
class _Change:
    """What is to be told at one placement's provider, and for the how-manieth time something is."""

    placement_id: int
    provider_id: int
    fingerprint: str
    times: int


def _tell(transaction: Transaction, day: date, changed: Sequence[_Change]) -> None:
    contacts = load_provider_people(transaction, {each.provider_id for each in changed}, day, CONTACTS)
    at = instant(day, TOLD_AT)
    wanted = [
        Owed(Subject(OTHERS, each.placement_id, step=each.times), Priority.REMINDER, at, person)
        for each in changed
        for person in contacts.get(each.provider_id, ())
    ]
    without = set(map(id, owe(transaction, wanted)))
    told = {each.subject.id for each in wanted if id(each) not in without}
    if untold := [each.placement_id for each in changed if each.placement_id not in told]:
        log.error("a provider can't be told of a pupil's other providers", placements=untold)
    transaction.execute(sa.delete(others_told).where(others_told.c.placement_id.in_(told)))
    transaction.insert_new(
        others_told,
        [
            {
                "placement_id": each.placement_id,
                "fingerprint": each.fingerprint,
                "times": each.times,
                "told_at": transaction.now,
            }
            for each in changed
            if each.placement_id in told
        ],
    )
    note_all(transaction, SCHEDULE, "provider told of others", [(f"placement:{each}", {}) for each in sorted(told)])


def _by_pupil(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.pupil_id].append(row)
    return found


_TOLD = Prepared(sa.select(others_told))
_RUNNING = (
    sa.select(
        placements,
        pupils.c.school_id,
        pupils.c.ref.label("reference"),
        pupils.c.first_name,
        pupils.c.last_name,
        providers.c.name.label("provider"),
        providers.c.telephone,
        schools.c.name.label("school"),
        schools.c.telephone.label("school_telephone"),
        schools.c.initials_in_chat,
    )
    .select_from(placements)
    .join(pupils, pupils.c.id == placements.c.pupil_id)
    .join(providers, providers.c.id == placements.c.provider_id)
    .join(schools, schools.c.id == pupils.c.school_id)
    .where(
        placements.c.starts_on <= sa.bindparam("soon", type_=sa.Date),
        not_over(placements, sa.bindparam("day", type_=sa.Date)),
    )
    .order_by(placements.c.starts_on, placements.c.id)
)
"""The placements that run on a day, or begin soon."""

_EVERYBODY = Prepared(_RUNNING)
_OF_THEIR_PUPILS = Prepared(
    _RUNNING.where(
        placements.c.pupil_id.in_(
            sa.select(placements.c.pupil_id).where(placements.c.id.in_(sa.bindparam("ids", expanding=True)))
        )
    )
)


def _others(row: Any, rows: Iterable[Any]) -> list[Any]:
    return [each for each in rows if each.provider_id != row.provider_id]


def _fingerprint(rows: Sequence[Any]) -> str:
    """What changes when something is to be told: "" where there is no other place."""
    said = sorted([each.provider_id, sorted(each.pattern), each.starts_on, each.ends_on] for each in rows)
    return hashlib.sha256(orjson.dumps(said)).hexdigest()[:32] if said else ""


def load_shared(transaction: Transaction, placement_ids: Iterable[int]) -> dict[int, Shared]:
    """These placements with where else their pupils go now, by id; one that is over is left out."""
    wanted = set(placement_ids)
    today = local_date(transaction.now)
    by_pupil = _by_pupil(transaction.rows(_OF_THEIR_PUPILS, soon=today + AHEAD, day=today, ids=list(wanted)))
    return {
        row.id: Shared(
            placement_id=row.id,
            label=label_in(row, row.reference),
            school=row.school,
            school_telephone=row.school_telephone,
            elsewhere=tuple(
                Elsewhere(each.provider, each.telephone, Pattern.from_json(each.pattern), each.starts_on, each.ends_on)
                for each in _others(row, rows)
            ),
        )
        for rows in by_pupil.values()
        for row in rows
        if row.id in wanted
    }
