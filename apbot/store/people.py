"""People, what they may do today, and how they are reached."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor, RoleAt, is_current
from apbot.domain.recipients import SUCCESSION, Holder, Told, choose, reached
from apbot.domain.roles import PROVIDER_ROLES, Role
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import addresses, channels, covers, people, roles


@dataclass(frozen=True)
class Address:
    """Where a person, or a provider's shared conversation, gets messages on one channel."""

    channel: str
    address: str


WEB = "web"
"""The built-in chat, which is always there."""


def is_used(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether an address of `table` is on a channel that apbot delivers on. On any other it reaches nobody."""
    return sa.or_(table.c.channel == WEB, table.c.channel.in_(sa.select(channels.c.name)))


IS_USED = is_used(addresses)

_ROLES_OF = Prepared(
    sa.select(
        people.c.name, people.c.starts_on, people.c.leaves_on, roles.c.role, roles.c.school_id, roles.c.provider_id
    )
    .join_from(people, roles)
    .where(people.c.id == sa.bindparam("person_id"))
    .order_by(roles.c.id)
)


def load_actor(transaction: Transaction, person_id: int | None, via: str) -> Actor | None:
    """The person with what they may do today, or None for a stranger, a leaver, or who has not started."""
    if person_id is None:
        return None
    today = local_date(transaction.now)
    found = transaction.rows(_ROLES_OF, person_id=person_id)
    if not found or not is_current(today, found[0].starts_on, found[0].leaves_on):
        return None
    held = tuple(RoleAt(Role(row.role), row.school_id, row.provider_id) for row in found)
    return Actor(person_id, found[0].name, held, via)


def names_of(transaction: Transaction, person_ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these people; None among them is passed over."""
    wanted = {each for each in person_ids if each is not None}
    return {row.id: row.name for row in transaction.rows(_NAMES, ids=list(wanted))} if wanted else {}


_NAMES = Prepared(sa.select(people.c.id, people.c.name).where(people.c.id.in_(sa.bindparam("ids", expanding=True))))


def there_on(transaction: Transaction, person_ids: Iterable[int], day: date) -> set[int]:
    """Those of these people who have begun, and have not left, on `day`."""
    wanted = set(person_ids)
    if not wanted:
        return set()
    rows = transaction.rows(_SPANS, ids=sorted(wanted))
    return {row.id for row in rows if is_current(day, row.starts_on, row.leaves_on)}


_SPANS = Prepared(
    sa.select(people.c.id, people.c.starts_on, people.c.leaves_on).where(
        people.c.id.in_(sa.bindparam("ids", expanding=True))
    )
)


def addresses_of_people(transaction: Transaction, person_ids: Iterable[int]) -> dict[int, list[Address]]:
    """Each person's working addresses, the preferred first."""
    return _addresses(transaction, _ADDRESSES_OF_PEOPLE, person_ids)


def addresses_of_providers(transaction: Transaction, provider_ids: Iterable[int]) -> dict[int, list[Address]]:
    """Each provider's working shared conversations, the preferred first."""
    return _addresses(transaction, _ADDRESSES_OF_PROVIDERS, provider_ids)


def _addresses(transaction: Transaction, query: Prepared, owner_ids: Iterable[int]) -> dict[int, list[Address]]:
    found: dict[int, list[Address]] = defaultdict(list)
    ids = list(owner_ids)
    for row in transaction.rows(query, ids=ids) if ids else ():
        found[row.owner].append(Address(row.channel, row.address))
    return dict(found)


def _addresses_of(owner: sa.Column[int | None]) -> Prepared:
    return Prepared(
        sa.select(owner.label("owner"), addresses.c.channel, addresses.c.address)
        .where(owner.in_(sa.bindparam("ids", expanding=True)), addresses.c.disabled_at.is_(None), IS_USED)
        .order_by(addresses.c.rank, addresses.c.id)
    )


_ADDRESSES_OF_PEOPLE = _addresses_of(addresses.c.person_id)
_ADDRESSES_OF_PROVIDERS = _addresses_of(addresses.c.provider_id)


def keep_channels(transaction: Transaction, names: Iterable[str]) -> None:
    """These are the channels that apbot delivers on: addresses on others are passed over."""
    wanted = set(names) - {WEB}
    there = {row.name for row in transaction.rows(_CHANNELS)}
    if dropped := there - wanted:
        transaction.execute(sa.delete(channels).where(channels.c.name.in_(dropped)))
    transaction.insert_new(channels, [{"name": name} for name in sorted(wanted - there)])


_CHANNELS = Prepared(sa.select(channels.c.name))


@dataclass(frozen=True)
class SchoolTeam:
    """Who holds which role at one school on one day, with absences and cover worked out."""

    holders: Mapping[Role, Sequence[Holder]]

    def choose(self, wanted: Iterable[Role]) -> Told:
        """Who is told for these roles."""
        return choose(self.holders, wanted)

    def reached(self, role: Role) -> tuple[int, ...]:
        """Who is reached for this role, without anybody from another."""
        return reached(self.holders.get(role, ()))

    def away(self) -> tuple[int, ...]:
        """Who answers for the school and is away, but has an address: for when there is nobody else."""
        held = (holder for role in SUCCESSION for holder in self.holders.get(role, ()))
        return tuple(dict.fromkeys(holder.person_id for holder in held if holder.away and holder.reachable))


def load_teams(transaction: Transaction, school_ids: Iterable[int], day: date) -> dict[int, SchoolTeam]:
    """The team of each school on `day`: its own people, and the admins over everything."""
    wanted = set(school_ids)
    rows = [row for row in transaction.rows(_TEAMS, ids=list(wanted)) if is_current(day, row.starts_on, row.leaves_on)]
    holders = load_holders(transaction, {row.id for row in rows}, day)
    held_at: dict[int | None, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        held_at[row.school_id].append(row)
    teams = {}
    for school_id in wanted:
        held: dict[Role, list[Holder]] = defaultdict(list)
        # In the order of the roster, those over everything among the school's own.
        for row in sorted((*held_at[school_id], *held_at[None]), key=attrgetter("role_id")):
            held[Role(row.role)].append(holders[row.id])
        teams[school_id] = SchoolTeam(held)
    return teams


_TEAMS = Prepared(
    sa.select(
        roles.c.id.label("role_id"),
        roles.c.role,
        roles.c.school_id,
        people.c.id,
        people.c.starts_on,
        people.c.leaves_on,
    )
    .join_from(roles, people)
    .where(
        roles.c.provider_id.is_(None),
        sa.or_(roles.c.school_id.in_(sa.bindparam("ids", expanding=True)), roles.c.school_id.is_(None)),
    )
    .order_by(roles.c.id)
)


def load_holders(transaction: Transaction, person_ids: Iterable[int], day: date) -> dict[int, Holder]:
    """These people as holders of a role on `day`: whether they are away, who stands in, and who can be reached."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    stand_ins = load_cover(transaction, day)
    standing_in = there_on(transaction, filter(None, stand_ins.values()), day)
    reachable = set(addresses_of_people(transaction, wanted | standing_in))

    def holder(person_id: int) -> Holder:
        if person_id not in stand_ins:
            return Holder(person_id, person_id in reachable)
        cover = stand_ins[person_id]
        stand_in = Holder(cover, cover in reachable, away=cover in stand_ins) if cover is not None else None
        return Holder(person_id, person_id in reachable, away=True, cover=stand_in)

    return {person_id: holder(person_id) for person_id in wanted}


def load_cover(transaction: Transaction, day: date) -> dict[int, int | None]:
    """Who is away on `day`, and who covers for them, where somebody does."""
    return {row.person_id: row.covered_by_id for row in transaction.rows(_COVER, day=day)}


_COVER = Prepared(
    sa.select(covers.c.person_id, covers.c.covered_by_id)
    .where(
        covers.c.starts_on <= sa.bindparam("day"),
        covers.c.ends_on >= sa.bindparam("day"),
        covers.c.withdrawn_at.is_(None),
    )
    .order_by(covers.c.id)
)


def load_provider_people(
    transaction: Transaction, provider_ids: Iterable[int], day: date, wanted: frozenset[Role] = PROVIDER_ROLES
) -> dict[int, list[int]]:
    """The people who hold one of the `wanted` roles at each provider on `day`, in the order of the roster.

    After somebody who is away comes the colleague there who stands in for them.
    """
    found_rows = transaction.rows(_PROVIDER_PEOPLE, ids=list(set(provider_ids)))
    rows = [row for row in found_rows if is_current(day, row.starts_on, row.leaves_on)]
    stand_ins = load_cover(transaction, day)
    colleagues = {(row.provider_id, row.id) for row in rows}
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for row in rows:
        if row.role in wanted:
            stand_in = stand_ins.get(row.id)
            asked = (row.id, stand_in) if stand_in and (row.provider_id, stand_in) in colleagues else (row.id,)
            found[row.provider_id].update(dict.fromkeys(asked))
    return {provider_id: list(ids) for provider_id, ids in found.items()}


_PROVIDER_PEOPLE = Prepared(
    sa.select(roles.c.provider_id, roles.c.role, people.c.id, people.c.starts_on, people.c.leaves_on)
    .join_from(roles, people)
    .where(
        roles.c.provider_id.in_(sa.bindparam("ids", expanding=True)),
        roles.c.role.in_([role.value for role in PROVIDER_ROLES]),
    )
    .order_by(roles.c.id)
)


@dataclass(frozen=True)
class Readers:
    """Who gets a provider's register: the conversation its staff share, or its contacts one by one, or both."""

    in_common: bool
    one_by_one: Sequence[int] = ()


def load_readers(
    transaction: Transaction, provider_ids: Iterable[int], contacts: Mapping[int, Sequence[int]]
) -> dict[int, Readers]:
    """Where each provider's register is sent. `contacts` are its named contact and deputy, by provider.

    A conversation that its staff share on a chat platform is enough. Without one, contacts who are reached
    elsewhere than in the built-in chat get it themselves; and it stands in the built-in chat where any of the staff
    reads that, or nobody can be reached otherwise.
    """
    wanted = set(provider_ids)
    if not wanted:
        return {}
    shared = addresses_of_providers(transaction, wanted)
    staff = load_provider_people(transaction, wanted, local_date(transaction.now))
    own = addresses_of_people(transaction, {person for people_there in staff.values() for person in people_there})
    found = {}
    for provider_id in wanted:
        if any(each.channel != WEB for each in shared.get(provider_id, ())):
            found[provider_id] = Readers(in_common=True)
            continue
        elsewhere = [each for each in contacts.get(provider_id, ()) if own.get(each) and own[each][0].channel != WEB]
        in_chat = any(address.channel == WEB for each in staff.get(provider_id, ()) for address in own.get(each, ()))
        found[provider_id] = Readers(in_common=in_chat or not elsewhere, one_by_one=elsewhere)
    return found
