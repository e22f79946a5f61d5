"""Today, as far as the one who asks may see it: a provider's registers, a school's pupils, counts without names."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.closed import closed_words
from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date
from apbot.store.calendars import Calendars, load_calendars
from apbot.store.counts import Counts, SafeCounts, count_pupils, held_back
from apbot.store.database import Transaction
from apbot.store.lasting import runs_on
from apbot.store.prepared import Prepared
from apbot.store.pupilsessions import PupilSession, in_open_alert, load_pupil_sessions
from apbot.store.reads import note_read
from apbot.store.tables import entries, openings, placements, providers, pupils, registers, schools


@dataclass(frozen=True)
class RegisterToday:
    """One register of today with its pupils."""

    provider: str
    session: Session
    starts_at: datetime
    ends_at: datetime
    sessions: tuple[PupilSession, ...]

    @property
    def expected(self) -> tuple[PupilSession, ...]:
        """Those of whom somebody must say whether they arrived."""
        return tuple(each for each in self.sessions if each.entry.is_expected)

    @property
    def unanswered(self) -> tuple[PupilSession, ...]:
        """Those of whom nobody has said anything."""
        return tuple(each for each in self.sessions if each.entry.is_unanswered)

    @property
    def escalated(self) -> tuple[PupilSession, ...]:
        """Those about whom an alert is open."""
        return tuple(each for each in self.sessions if each.has_open_alert)

    def to_json(self) -> dict[str, Any]:
        """The register as plain JSON values, with its pupils by reference."""
        return {
            "provider": self.provider,
            "session": self.session.value,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "expected": len(self.expected),
            "answered": len(self.expected) - len(self.unanswered),
            "unanswered": len(self.unanswered),
            "escalated": len(self.escalated),
            "pupils": [each.to_json() for each in self.sessions],
        }


@dataclass(frozen=True)
class Place:
    """The registers of one provider, or those with one school's pupils. `closed` says why there are none."""

    name: str
    registers: tuple[RegisterToday, ...]
    closed: str = ""

    @property
    def open_alerts(self) -> list[PupilSession]:
        """The pupils about whom an alert is open."""
        return [each for register in self.registers for each in register.escalated]

    def to_json(self) -> dict[str, Any]:
        """The place as plain JSON values."""
        return {
            "name": self.name,
            "closed": self.closed or None,
            "open_alerts": [each.to_json() for each in self.open_alerts],
            "registers": [each.to_json() for each in self.registers],
        }


@dataclass(frozen=True)
class Today:
    """Everything of today that one person may see; what does not concern them is empty."""

    day: date
    is_opened: bool
    """Whether the registers of the day have been made."""
    providers: tuple[Place, ...] = ()
    schools: tuple[Place, ...] = ()
    own: tuple[RegisterToday, ...] = ()
    """The pupils whose key worker they are, where they don't see the whole school."""
    earlier: tuple[PupilSession, ...] = ()
    """The pupils about whom an alert of an earlier day is still open."""
    counts: tuple[SafeCounts, ...] = ()
    summary: tuple[Counts, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Today as plain JSON values."""
        return {
            "day": self.day.isoformat(),
            "registers_made": self.is_opened,
            "providers": [each.to_json() for each in self.providers],
            "schools": [each.to_json() for each in self.schools],
            "earlier_alerts": [each.to_json() for each in self.earlier],
            "key_worker_of": [each.to_json() for each in self.own],
            "counts": [each.to_json() for each in self.counts],
            "summary": [each.to_json() for each in self.summary],
        }


def read_today(transaction: Transaction, actor: Actor, only_schools: frozenset[int] | None = None) -> Today:
    """Today for `actor`, and a note of whose records were read.

    An admin over everything gets a line for each school; with `only_schools` the pupils of these.
    """
    day = local_date(transaction.now)
    calendars = load_calendars(transaction)
    school_ids = actor.schools() if only_schools is None else frozenset(filter(actor.may_answer, only_schools))
    wanted = (
        entries.c.school_id.in_(school_ids),
        registers.c.provider_id.in_(actor.providers()),
        placements.c.key_worker_id == (actor.person_id or 0),
    )
    sessions = load_pupil_sessions(transaction, actor, registers.c.day == day, sa.or_(*wanted))
    for_the_school = sa.or_(wanted[0], wanted[2])
    earlier = load_pupil_sessions(transaction, actor, registers.c.day < day, for_the_school, in_open_alert())
    note_read(transaction, actor, "today read", [each.entry.pupil_id for each in (*sessions, *earlier)])
    return Today(
        day=day,
        is_opened=is_opened(transaction, day),
        providers=_of_providers(transaction, actor.providers(), sessions, calendars, day),
        schools=_of_schools(transaction, school_ids, sessions, calendars, day),
        own=registers_of(
            each
            for each in sessions
            if each.entry.key_worker_id == actor.person_id is not None and each.entry.school_id not in school_ids
        ),
        earlier=tuple(earlier),
        counts=tuple(
            held_back(each) for each in count_pupils(transaction, day, calendars, governed_by(actor) - school_ids)
        ),
        summary=tuple(count_pupils(transaction, day, calendars))
        if actor.is_admin_of_all and only_schools is None
        else (),
    )


def governed_by(actor: Actor) -> frozenset[int]:
    """The schools of which the actor is a governor, and may see no pupil."""
    held = [each.school_id for each in actor.roles if each.role is Role.GOVERNOR and each.school_id is not None]
    return frozenset(held) - actor.schools()


def is_opened(transaction: Transaction, day: date) -> bool:
    """Whether the registers of `day` have been made; then a change has to be worked into them."""
    return transaction.row(_DONE, day=day) is not None or transaction.row(_MADE, day=day) is not None


_DONE = Prepared(sa.select(openings.c.id).where(openings.c.day == sa.bindparam("day"), openings.c.next_at.is_(None)))
_MADE = Prepared(sa.select(registers.c.id).where(registers.c.day == sa.bindparam("day")).limit(1))


def _of_providers(
    transaction: Transaction, ids: frozenset[int], sessions: list[PupilSession], calendars: Calendars, day: date
) -> tuple[Place, ...]:
    found = []
    for row in _named(transaction, providers, ids):
        own = registers_of(each for each in sessions if each.entry.provider_id == row.id)
        closed = (
            ""
            if own
            else closed_words(calendars.provider(row.id), day) or _schools_closed(transaction, row.id, calendars, day)
        )
        found.append(Place(row.name, own, closed))
    return tuple(found)


def _schools_closed(transaction: Transaction, provider_id: int, calendars: Calendars, day: date) -> str:
    """Why a provider that is open has nobody: its schools' reasons, where all of them are closed."""
    rows = transaction.rows(
        sa.select(schools.c.id, schools.c.name)
        .join_from(placements, pupils)
        .join(schools, schools.c.id == pupils.c.school_id)
        .where(placements.c.provider_id == provider_id, runs_on(placements, day))
        .distinct()
        .order_by(schools.c.name)
    )
    reasons = {row.name: closed_words(calendars.school(row.id), day) for row in rows}
    if not reasons or not all(reasons.values()):
        return ""
    return (
        next(iter(reasons.values()))
        if len(set(reasons.values())) == 1
        else "; ".join(f"{name}: {because}" for name, because in reasons.items())
    )


def _of_schools(
    transaction: Transaction, ids: frozenset[int], sessions: list[PupilSession], calendars: Calendars, day: date
) -> tuple[Place, ...]:
    return tuple(
        Place(
            row.name,
            registers_of(each for each in sessions if each.entry.school_id == row.id),
            closed_words(calendars.school(row.id), day),
        )
        for row in _named(transaction, schools, ids)
    )


def _named(transaction: Transaction, table: sa.Table, ids: Iterable[int]) -> list[sa.Row[Any]]:
    return list(transaction.rows(sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids)).order_by(table.c.name)))


def registers_of(sessions: Iterable[PupilSession]) -> tuple[RegisterToday, ...]:
    """These sessions as registers, by session, provider and start."""
    groups: dict[int, list[PupilSession]] = defaultdict(list)
    for each in sessions:
        groups[each.entry.register_id].append(each)
    found = [
        RegisterToday(
            provider=group[0].provider,
            session=group[0].session,
            starts_at=min(each.entry.starts_at for each in group),
            ends_at=max(each.entry.ends_at for each in group),
            sessions=tuple(sorted(group, key=lambda each: each.entry.reference)),
        )
        for group in groups.values()
    ]
    return tuple(sorted(found, key=lambda register: (register.session, register.provider, register.starts_at)))
