"""By which channels one person is reached, in their own order."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.people import IS_USED
from apbot.store.tables import addresses


@dataclass(frozen=True)
class Reach:
    """One channel of a person, and what keeps it from working, if anything does."""

    channel: str
    trouble: str

    @property
    def works(self) -> bool:
        """Whether messages are sent there."""
        return not self.trouble


def load_reach(transaction: Transaction, person_id: int) -> list[Reach]:
    """The person's channels, the first used first; each once."""
    rows = transaction.rows(
        sa.select(addresses.c.channel, addresses.c.disabled_at, addresses.c.disabled_why, IS_USED.label("used"))
        .where(addresses.c.person_id == person_id)
        .order_by(addresses.c.rank, addresses.c.id)
    )
    found: dict[str, Reach] = {}
    for row in rows:
        trouble = "" if row.used else "not set up here"
        if row.disabled_at is not None:
            trouble = f"stopped working: {row.disabled_why}"
        if row.channel not in found or (not trouble and not found[row.channel].works):
            found[row.channel] = Reach(row.channel, trouble)
    return list(found.values())


def put_in_order(transaction: Transaction, actor: Actor, channels: Sequence[str]) -> None:
    """Have the person reached by these channels, in this order; it holds for what is owed from now on.

    Of several addresses on one channel that which comes first so far stays the first.
    """
    rows = transaction.rows(
        sa.select(addresses.c.id, addresses.c.channel)
        .where(addresses.c.person_id == actor.person_id)
        .order_by(addresses.c.rank, addresses.c.id)
    )
    place = {channel: at for at, channel in enumerate(channels)}
    wanted = sorted((row for row in rows if row.channel in place), key=lambda row: place[row.channel])
    for rank, row in enumerate(wanted):
        transaction.execute(sa.update(addresses).where(addresses.c.id == row.id).values(rank=rank))
    note(transaction, actor, "channels put in order", f"person:{actor.person_id}", channels=list(channels))
