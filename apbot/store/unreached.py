"""Addresses that stopped working: the admins are told at once, before the next alert finds out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from apbot.domain.priority import Priority
from apbot.store.checks import schools_told
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.people import is_used
from apbot.store.tables import addresses, messages, people, placements, providers, pupils, roles

UNREACHED = "unreached"
"""The kind of message that says so."""


@dataclass(frozen=True)
class Unreached:
    """An address, whose it is, what the platform said, and by which channel they are reached instead."""

    id: int
    ref: str
    name: str
    channel: str
    why: str
    instead: str
    is_mended: bool


def tell_admins(transaction: Transaction, address_id: int) -> None:
    """Owe the admins of the schools concerned a message that this address has stopped working."""
    row = transaction.row(sa.select(addresses).where(addresses.c.id == address_id))
    concerned = _schools_of(transaction, row.person_id, row.provider_id)
    before = transaction.value(
        sa.select(sa.func.max(messages.c.step)).where(messages.c.kind == UNREACHED, messages.c.subject_id == address_id)
    )
    subject = Subject(UNREACHED, address_id, step=0 if before is None else before + 1)
    owe(
        transaction,
        [
            Owed(subject, Priority.REMINDER, transaction.now, person)
            for person, school_ids in sorted(schools_told(transaction).items())
            if school_ids & concerned and person != row.person_id
        ],
    )


def _schools_of(transaction: Transaction, person_id: int | None, provider_id: int | None) -> set[int]:
    """The schools that count on this person, or on this provider."""
    held = sa.select(roles.c.school_id, roles.c.provider_id).where(roles.c.person_id == person_id)
    own = transaction.rows(held) if person_id is not None else ()
    provider_ids = {row.provider_id for row in own} | {provider_id}
    placed = sa.select(pupils.c.school_id).join(placements).where(placements.c.provider_id.in_(provider_ids - {None}))
    return {row.school_id for row in (*own, *transaction.rows(placed.distinct())) if row.school_id is not None}


def load_unreached(transaction: Transaction, ids: Iterable[int]) -> Mapping[int, Unreached]:
    """These addresses, by id."""
    other = addresses.alias("other")
    works = sa.and_(
        other.c.disabled_at.is_(None),
        sa.or_(other.c.person_id == addresses.c.person_id, other.c.provider_id == addresses.c.provider_id),
        is_used(other),
    )
    instead = sa.select(other.c.channel).where(works).order_by(other.c.rank, other.c.id).limit(1).scalar_subquery()
    query = (
        sa.select(
            addresses,
            instead.label("instead"),
            sa.func.coalesce(people.c.name, providers.c.name).label("name"),
            sa.func.coalesce(people.c.ref, providers.c.ref).label("ref"),
        )
        .outerjoin_from(addresses, people, people.c.id == addresses.c.person_id)
        .outerjoin(providers, providers.c.id == addresses.c.provider_id)
        .where(addresses.c.id.in_(list(ids)))
    )
    return {
        row.id: Unreached(
            row.id, row.ref, row.name, row.channel, row.disabled_why, row.instead or "", row.disabled_at is None
        )
        for row in transaction.rows(query)
    }
