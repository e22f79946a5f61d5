"""What is owed this week and next, as far as the one who asks has to do with it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.model import DutyKind, Owner, State
from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.schooldays import last_school_day
from apbot.domain.initials import initials_of
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date
from apbot.store.calendars import load_calendars
from apbot.store.cover import Away, standing_in_for
from apbot.store.database import Transaction
from apbot.store.duties.owners import LEADS
from apbot.store.duties.planning import wanted_on
from apbot.store.duties.reading import Duty, load_duties
from apbot.store.labels import label_of
from apbot.store.people import load_actor
from apbot.store.tables import duties, placements, providers, pupils, schools

PROVIDERS_OWN = tuple(kind.name for kind in KINDS.values() if kind.is_for_providers)


@dataclass(frozen=True)
class Coming:
    """Something that will be owed within the two weeks, and can't be answered before it opens."""

    kind: DutyKind
    school_id: int
    label: str
    """The pupil, or "" where it is about a provider."""
    provider: str
    opens_on: date
    due_on: date
    key_worker_id: int | None


@dataclass(frozen=True)
class Tally:
    """How many of one kind a school owes: overdue, due this week, due next week."""

    overdue: int = 0
    this_week: int = 0
    next_week: int = 0


@dataclass(frozen=True)
class SchoolWeek:
    """One school's two weeks for who leads there: counts by kind, and what is overdue, one by one."""

    school: str
    counts: Mapping[str, Tally]
    overdue: tuple[Duty, ...] = ()


@dataclass(frozen=True)
class StandIn:
    """What is to be done for somebody who is away, by who stands in until the day `until`."""

    name: str
    until: date
    own: tuple[Duty, ...]
    coming: tuple[Coming, ...]


@dataclass(frozen=True)
class Week:
    """What one person is shown. `ends_on` is this week's Sunday. `own` and `coming` are theirs to do."""

    day: date
    ends_on: date
    own: tuple[Duty, ...]
    coming: tuple[Coming, ...]
    schools: tuple[SchoolWeek, ...]
    standing_in: tuple[StandIn, ...] = ()

    @property
    def next_ends_on(self) -> date:
        """The Sunday of next week."""
        return self.ends_on + timedelta(days=7)


def read_week(transaction: Transaction, actor: Actor) -> Week:
    """What `actor` has to do this week and next, for themselves and for those they stand in for today, and what the
    schools owe that they answer for.
    """
    day = local_date(transaction.now)
    ends_on = day + timedelta(days=6 - day.weekday())
    until = ends_on + timedelta(days=7)
    away = _away(transaction, actor, day)
    everybody = [actor, *(each for each, _ in away)]
    found = load_duties(transaction, *_open_until(until), sa.or_(*(_concerns(each, day) for each in everybody)))
    school_ids = frozenset[int]().union(*(_schools_of(transaction, each) for each in everybody))
    coming = _coming(transaction, day, until, school_ids)
    own = [each for each in found if _is_own(each, actor)]
    own_coming = [each for each in coming if _will_be_own(each, actor)]
    return Week(
        day=day,
        ends_on=ends_on,
        own=tuple(own),
        coming=tuple(own_coming),
        schools=tuple(_of_schools(transaction, actor, ends_on, found, coming)),
        standing_in=tuple(
            StandIn(
                cover.name,
                cover.ends_on,
                tuple(each for each in found if _is_own(each, person) and each not in own),
                tuple(
                    each
                    for each in coming
                    if _will_be_own(each, person) and each not in own_coming and each.opens_on <= cover.ends_on
                ),
            )
            for person, cover in away
        ),
    )


def _away(transaction: Transaction, actor: Actor, day: date) -> list[tuple[Actor, Away]]:
    """Those for whom the one who asks stands in."""
    if actor.person_id is None:
        return []
    covers = standing_in_for(transaction, actor.person_id, day)
    people = [(load_actor(transaction, each.person_id, actor.via), each) for each in covers]
    return [(person, each) for person, each in people if person is not None]


def _open_until(until: date) -> tuple[sa.ColumnElement[bool], ...]:
    soon = sa.or_(duties.c.due_on <= until, duties.c.booked_on <= until)
    return duties.c.state == State.OPEN.value, soon


def _concerns(actor: Actor, day: date) -> sa.ColumnElement[bool]:
    """For a query of duties: those that the one who asks does, and those overdue at the schools they answer for."""
    person = actor.person_id or 0
    leads_on = [kind.name for kind in KINDS.values() if kind.owner is Owner.LEAD]
    is_for_provider = sa.and_(
        sa.func.coalesce(duties.c.provider_id, placements.c.provider_id).in_(actor.providers()),
        duties.c.kind.in_(PROVIDERS_OWN),
    )
    mine = sa.or_(placements.c.key_worker_id == person, duties.c.handed_to_id == person)
    led = sa.and_(duties.c.school_id.in_(_led_by(actor)), duties.c.kind.in_(leads_on))
    late = sa.and_(duties.c.school_id.in_(actor.schools()), duties.c.due_on < day)
    return sa.or_(mine, is_for_provider, led, late)


def _is_own(duty: Duty, actor: Actor) -> bool:
    """Whether the one who asks is who does it."""
    if duty.handed_to_id is not None:
        return duty.handed_to_id == actor.person_id
    match duty.kind.owner:
        case Owner.KEY_WORKER:
            return duty.key_worker_id is not None and duty.key_worker_id == actor.person_id
        case Owner.PROVIDER:
            return duty.provider_id in actor.providers() or duty.key_worker_id == (actor.person_id or -1)
        case Owner.LEAD:
            return duty.school_id in _led_by(actor)


def _will_be_own(each: Coming, actor: Actor) -> bool:
    if each.kind.owner is Owner.LEAD:
        return each.school_id in _led_by(actor)
    return each.key_worker_id is not None and each.key_worker_id == actor.person_id


def _led_by(actor: Actor) -> frozenset[int]:
    """The schools at which they lead on alternative provision."""
    return frozenset(each.school_id for each in actor.roles if each.role in LEADS and each.school_id is not None)


def _schools_of(transaction: Transaction, actor: Actor) -> frozenset[int]:
    """The schools that they answer for, and those of the pupils whose key worker they are."""
    if not any(each.role is Role.KEY_WORKER for each in actor.roles):
        return actor.schools()
    rows = transaction.rows(
        sa.select(pupils.c.school_id)
        .join_from(placements, pupils)
        .where(placements.c.key_worker_id == actor.person_id)
        .distinct()
    )
    return actor.schools() | {row.school_id for row in rows}


def _coming(transaction: Transaction, day: date, until: date, school_ids: Collection[int]) -> list[Coming]:
    """What these schools will owe by `until` that is not there yet: it opens next week."""
    if not school_ids:
        return []
    calendars = load_calendars(transaction)
    last_days: dict[date, list[int]] = defaultdict(list)
    for school_id in school_ids:
        last = last_school_day(calendars.school(school_id), until)
        if last is not None and last > day:
            last_days[last].append(school_id)
    found = {
        each.key: each
        for last, together in last_days.items()
        for each in wanted_on(transaction, last, calendars, together)
        if day < each.window.opens_on and each.window.due_on <= until
    }
    there = {row.key for row in transaction.rows(sa.select(duties.c.key).where(duties.c.key.in_(found)))}
    new = [each for key, each in found.items() if key not in there]
    placed = _placed(transaction, [each.placement_id for each in new if each.placement_id is not None])
    names = {row.id: row.name for row in transaction.rows(sa.select(providers.c.id, providers.c.name))} if new else {}
    coming = []
    for each in new:
        at = placed.get(each.placement_id or 0)
        coming.append(
            Coming(
                kind=each.kind,
                school_id=each.school_id,
                label=label_of(at.ref, at.initials, initials_in_chat=at.initials_in_chat) if at else "",
                provider=names.get(at.provider_id if at else each.provider_id, ""),
                opens_on=each.window.opens_on,
                due_on=each.window.due_on,
                key_worker_id=at.key_worker_id if at else None,
            )
        )
    return sorted(coming, key=lambda each: (each.due_on, each.label, each.kind.name))


@dataclass(frozen=True)
class _Placed:
    ref: str
    initials: str
    initials_in_chat: bool
    provider_id: int
    key_worker_id: int | None


def _placed(transaction: Transaction, placement_ids: Collection[int]) -> dict[int, _Placed]:
    rows = transaction.rows(
        sa.select(
            placements.c.id,
            placements.c.provider_id,
            placements.c.key_worker_id,
            pupils.c.ref,
            pupils.c.first_name,
            pupils.c.last_name,
            schools.c.initials_in_chat,
        )
        .join_from(placements, pupils)
        .join(schools, schools.c.id == pupils.c.school_id)
        .where(placements.c.id.in_(placement_ids))
    )
    return {
        row.id: _Placed(
            ref=row.ref,
            initials=initials_of(row.first_name, row.last_name),
            initials_in_chat=row.initials_in_chat,
            provider_id=row.provider_id,
            key_worker_id=row.key_worker_id,
        )
        for row in rows
    }


def _of_schools(
    transaction: Transaction, actor: Actor, ends_on: date, found: Collection[Duty], coming: Collection[Coming]
) -> list[SchoolWeek]:
    """Each school that the one who asks answers for. Who answers for all of them is shown counts alone."""
    day = local_date(transaction.now)
    chosen = sa.true() if actor.is_admin_of_all else schools.c.id.in_(actor.schools())
    named = transaction.rows(sa.select(schools.c.id, schools.c.name).where(chosen).order_by(schools.c.name))
    if not named:
        return []
    its: dict[int, list[tuple[str, date, int]]] = defaultdict(list)
    of_what = (duties.c.school_id, duties.c.kind, duties.c.due_on)
    for row in transaction.rows(
        sa.select(*of_what, sa.func.count().label("duties"))
        .where(*_open_until(ends_on + timedelta(days=7)), duties.c.school_id.in_([each.id for each in named]))
        .group_by(*of_what)
    ):
        its[row.school_id].append((row.kind, row.due_on, row.duties))
    for each in coming:
        its[each.school_id].append((each.kind.name, each.due_on, 1))
    return [
        SchoolWeek(
            row.name,
            _tallies(its[row.id], day, ends_on),
            tuple(
                each
                for each in found
                if each.school_id == row.id and row.id in actor.schools() and each.standing.is_overdue(day)
            ),
        )
        for row in named
    ]


def _tallies(dues: Collection[tuple[str, date, int]], day: date, ends_on: date) -> dict[str, Tally]:
    found = {}
    for kind in KINDS:
        own = [(due_on, count) for name, due_on, count in dues if name == kind]
        if own:
            found[kind] = Tally(
                overdue=sum(count for due_on, count in own if due_on < day),
                this_week=sum(count for due_on, count in own if day <= due_on <= ends_on),
                next_week=sum(count for due_on, count in own if due_on > ends_on),
            )
    return found
