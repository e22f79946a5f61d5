"""Who is away, who stands in, and whether whoever stands in can be reached."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor, RoleAt, is_current
from apbot.domain.dates import spoken_days
from apbot.domain.roles import SAFEGUARDING_ROLES, Role
from apbot.domain.walltime import local_date, spoken_date
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.duties.newowners import tell_new_owners
from apbot.store.people import addresses_of_people, load_cover
from apbot.store.tables import covers, people, roles


@dataclass(frozen=True)
class Colleague:
    """Somebody who works for one or more schools or providers, or is an admin over everything."""

    id: int
    name: str
    roles: tuple[RoleAt, ...]
    leaves_on: date | None

    @property
    def part(self) -> str:
        """Their weightiest role, to tell two people apart."""
        held = {each.role for each in self.roles}
        return next((role.value for role in Role if role in held), "")

    @property
    def school_ids(self) -> frozenset[int]:
        """The schools where they hold a role."""
        return frozenset(each.school_id for each in self.roles if each.school_id is not None)

    @property
    def provider_ids(self) -> frozenset[int]:
        """The providers at which they are staff."""
        return frozenset(each.provider_id for each in self.roles if each.provider_id is not None)

    @property
    def answers_for(self) -> frozenset[int]:
        """The schools whose alerts they may acknowledge."""
        return frozenset(
            each.school_id for each in self.roles if each.school_id is not None and each.role in SAFEGUARDING_ROLES
        )

    @property
    def is_admin_of_all(self) -> bool:
        """An admin with no organisation, who may acknowledge everything."""
        return RoleAt(Role.ADMIN) in self.roles


@dataclass(frozen=True)
class Away:
    """One absence of one colleague. `covered_by` is "" where nobody stands in."""

    id: int
    person_id: int
    name: str
    covered_by_id: int | None
    covered_by: str
    starts_on: date
    ends_on: date
    is_withdrawn: bool


@dataclass(frozen=True)
class Places:
    """The schools and the providers whose people are meant."""

    school_ids: frozenset[int] = frozenset()
    provider_ids: frozenset[int] = frozenset()


def load_colleagues(transaction: Transaction, day: date, places: Places | None) -> dict[int, Colleague]:
    """The people of these places (of every one, for None) and the admins over everything, by id.

    Governors, who get no messages, and who is not there on `day` are left out.
    """
    held: dict[int, list[RoleAt]] = defaultdict(list)
    found: dict[int, sa.Row[Any]] = {}
    for row in transaction.rows(
        sa.select(
            people.c.id,
            people.c.name,
            people.c.starts_on,
            people.c.leaves_on,
            roles.c.role,
            roles.c.school_id,
            roles.c.provider_id,
        )
        .join_from(people, roles)
        .where(roles.c.role != Role.GOVERNOR.value)
        .order_by(people.c.name, people.c.id)
    ):
        at = RoleAt(Role(row.role), row.school_id, row.provider_id)
        here = (
            places is None
            or at == RoleAt(Role.ADMIN)
            or at.school_id in places.school_ids
            or at.provider_id in places.provider_ids
        )
        if here and is_current(day, row.starts_on, row.leaves_on):
            found[row.id] = row
            held[row.id].append(at)
    return {row.id: Colleague(row.id, row.name, tuple(held[row.id]), row.leaves_on) for row in found.values()}


def away_from(transaction: Transaction, day: date, person_ids: Iterable[int]) -> list[Away]:
    """Who of these is away on `day` or later, by date, without what was withdrawn."""
    return _load(
        transaction,
        covers.c.person_id.in_(list(person_ids)),
        covers.c.ends_on >= day,
        covers.c.withdrawn_at.is_(None),
    )


def load_covers(transaction: Transaction, ids: Iterable[int]) -> Mapping[int, Away]:
    """These absences, withdrawn or not, by id."""
    return {each.id: each for each in _load(transaction, covers.c.id.in_(list(ids)))}


def _load(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Away]:
    stand_in = people.alias("stand_in")
    return [
        Away(
            id=row.id,
            person_id=row.person_id,
            name=row.name,
            covered_by_id=row.covered_by_id,
            covered_by=row.covered_by or "",
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            is_withdrawn=row.withdrawn_at is not None,
        )
        for row in transaction.rows(
            sa.select(covers, people.c.name, stand_in.c.name.label("covered_by"))
            .select_from(covers)
            .join(people, people.c.id == covers.c.person_id)
            .outerjoin(stand_in, stand_in.c.id == covers.c.covered_by_id)
            .where(*conditions)
            .order_by(covers.c.starts_on, covers.c.id)
        )
    ]


def stood_in_for(transaction: Transaction, person_id: int, starts_on: date, ends_on: date) -> list[Away]:
    """For whom this person is to stand in on any of these days."""
    return _load(
        transaction,
        covers.c.covered_by_id == person_id,
        covers.c.starts_on <= ends_on,
        covers.c.ends_on >= starts_on,
        covers.c.withdrawn_at.is_(None),
    )


def standing_in_for(transaction: Transaction, person_id: int, day: date) -> list[Away]:
    """For whom this person stands in on `day`, each once: of several that were arranged the last counts."""
    away = load_cover(transaction, day)
    arranged = {each.person_id: each for each in stood_in_for(transaction, person_id, day, day)}
    return [each for each in arranged.values() if away[each.person_id] == person_id]


def plan_cover(
    transaction: Transaction, actor: Actor, person_id: int, covered_by_id: int | None, starts_on: date, ends_on: date
) -> int:
    """Record that somebody is away, and who stands in; its id."""
    cover_id = transaction.insert(
        covers,
        person_id=person_id,
        covered_by_id=covered_by_id,
        starts_on=starts_on,
        ends_on=ends_on,
        made_by_id=actor.person_id,
        made_at=transaction.now,
    )
    note(
        transaction,
        actor,
        "cover planned",
        f"person:{person_id}",
        cover=cover_id,
        by=covered_by_id,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
    )
    _tell_of_duties(transaction, starts_on, ends_on)
    return cover_id


def withdraw_cover(transaction: Transaction, actor: Actor, away: Away) -> None:
    """Withdraw it: the row stays, and says when."""
    transaction.execute(
        sa.update(covers)
        .where(covers.c.id == away.id, covers.c.withdrawn_at.is_(None))
        .values(withdrawn_at=transaction.now)
    )
    note(transaction, actor, "cover withdrawn", f"person:{away.person_id}", cover=away.id)
    _tell_of_duties(transaction, away.starts_on, away.ends_on)


def _tell_of_duties(transaction: Transaction, starts_on: date, ends_on: date) -> None:
    """Where the cover is of today, what is due belongs to others from now on."""
    today = local_date(transaction.now)
    if starts_on <= today <= ends_on:
        tell_new_owners(transaction, today)


def why_unreachable(transaction: Transaction, stand_in: Colleague, starts_on: date, ends_on: date) -> list[str]:
    """Why somebody who is to stand in on these days would not be reached on all of them; nothing if they would."""
    reasons = []
    if stand_in.id not in addresses_of_people(transaction, [stand_in.id]):
        reasons.append("can't be reached by chat: they have never signed in, or their address was refused")
    reasons += [
        f"is away too: {spoken_days(each.starts_on, each.ends_on)}"
        for each in away_from(transaction, starts_on, [stand_in.id])
        if each.starts_on <= ends_on
    ]
    if stand_in.leaves_on is not None and stand_in.leaves_on < ends_on:
        reasons.append(f"leaves on {spoken_date(stand_in.leaves_on)}")
    return reasons
