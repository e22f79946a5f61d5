"""Everybody who has something to do with apbot today, and where each is told: for trying the channels out."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from apbot.domain.access import is_current
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.people import IS_USED, WEB
from apbot.store.signin import people_signed_in
from apbot.store.tables import addresses, people, providers, roles


@dataclass(frozen=True)
class Place:
    """One address: of whom, on which channel, and what apbot itself knows to be wrong with it."""

    ref: str
    name: str
    channel: str
    address: str
    trouble: str
    is_closed: bool = False
    """The platform has refused it."""


def load_places(transaction: Transaction, ref: str = "") -> list[Place]:
    """Every address of the people who hold a role today, and of the providers; with `ref` only that one's.

    Somebody without any address has one with an empty channel.
    """
    today = local_date(transaction.now)
    with_role = sa.exists().where(roles.c.person_id == people.c.id)
    signed_in = people_signed_in(transaction)
    found = []
    for row in transaction.rows(_places_of(people, addresses.c.person_id).where(with_role)):
        if is_current(today, row.starts_on, row.leaves_on) and ref in ("", row.ref):
            unseen = row.channel == WEB and row.id not in signed_in
            found.append(_place(row, "not signed in on any device" if unseen else ""))
    shared = transaction.rows(_places_of(providers, addresses.c.provider_id))
    return found + [_place(row, "") for row in shared if row.channel != WEB and ref in ("", row.ref)]


def _places_of(table: sa.Table, owner: sa.Column[int]) -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(
            table,
            addresses.c.channel,
            addresses.c.address.label("written_to"),
            addresses.c.disabled_at,
            addresses.c.disabled_why,
            IS_USED.label("used"),
        )
        .outerjoin_from(table, addresses, owner == table.c.id)
        .order_by(table.c.name, table.c.id, addresses.c.rank, addresses.c.id)
    )


def _place(row: sa.Row[tuple[object, ...]], trouble: str) -> Place:
    if row.channel is None:
        return Place(row.ref, row.name, "", "", "reached nowhere")
    if row.disabled_at is not None:
        return Place(row.ref, row.name, row.channel, row.written_to, f"stopped working: {row.disabled_why}", True)
    if not row.used:
        trouble = "this channel is not set up"
    return Place(row.ref, row.name, row.channel, row.written_to, trouble)


def channels_of(places: Sequence[Place]) -> list[tuple[str, str]]:
    """The (channel, address) pairs that are worth asking a platform about."""
    return [(each.channel, each.address) for each in places if each.channel not in ("", WEB) and not each.trouble]
