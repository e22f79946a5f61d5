"""Linking: which person, or which provider's conversation, an address on a chat platform belongs to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import TERMINAL, Actor, is_current
from apbot.domain.walltime import local_date
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.outbox import refresh
from apbot.store.people import load_actor
from apbot.store.prepared import Prepared
from apbot.store.tables import addresses, messages, people
from apbot.store.tables.talk import ADDRESS_LENGTH
from apbot.store.unreached import UNREACHED


@dataclass(frozen=True)
class Owner:
    """Whose address it is: a person's, or a provider's shared conversation."""

    person_id: int | None
    provider_id: int | None

    @property
    def subject(self) -> str:
        """What the audit log calls it."""
        return f"provider:{self.provider_id}" if self.person_id is None else f"person:{self.person_id}"


def can_be_kept(address: str) -> bool:
    """Whether an address is short enough for where it stands, and of characters that every database takes."""
    return len(address) <= ADDRESS_LENGTH and "\0" not in address


def link_by_email(
    transaction: Transaction,
    channel: str,
    address: str,
    emails: Collection[str],
    detail: Mapping[str, Any] | None = None,
) -> Owner | None:
    """Link an address that is nobody's to the one person who has an email address that the platform vouches for.

    None, and nothing is written, where nobody who works here today has one of `emails`, or several people have.
    """
    # Letters that only become plain ones when they are made small are another address.
    wanted = {each.strip().lower() for each in emails if each.isascii()} - {""}
    if not wanted or not can_be_kept(address) or owner_of(transaction, channel, address) is not None:
        return None
    today = local_date(transaction.now)
    rows = transaction.rows(
        sa.select(people.c.id, people.c.starts_on, people.c.leaves_on).where(
            sa.func.lower(people.c.email).in_(sorted(wanted))
        )
    )
    found = [row.id for row in rows if is_current(today, row.starts_on, row.leaves_on)]
    if len(found) != 1 or load_actor(transaction, found[0], channel) is None:
        return None
    owner = Owner(found[0], None)
    link(transaction, owner, channel, address, detail, how="linked by email")
    return owner


def link(
    transaction: Transaction,
    owner: Owner,
    channel: str,
    address: str,
    detail: Mapping[str, Any] | None = None,
    *,
    how: str = "linked",
) -> None:
    """Give the address to `owner`, who is reached there first from now on. `how` is what the audit log says."""
    before = transaction.row(_OF_ADDRESS, channel=channel, address=address)
    first = transaction.value(sa.select(sa.func.min(addresses.c.rank)).where(_owned_by(owner)))
    values = {
        "person_id": owner.person_id,
        "provider_id": owner.provider_id,
        "rank": (first or 0) - 1,
        "disabled_at": None,
        "disabled_why": "",
    }
    if detail is not None:
        values["detail"] = dict(detail)
    if before is None:
        transaction.execute(sa.insert(addresses).values(channel=channel, address=address, **values))
    else:
        transaction.execute(sa.update(addresses).where(addresses.c.id == before.id).values(**values))
    actor = Actor(owner.person_id, "", (), channel)
    moved = before is not None and Owner(before.person_id, before.provider_id) != owner
    note(transaction, actor, how, owner.subject, channel=channel, moved=moved)
    if before is not None and before.disabled_at is not None:
        refresh(transaction, [UNREACHED], [before.id])
    transaction.touched.add("roster")


def use_again(transaction: Transaction, channel: str, address: str, actor: Actor) -> None:
    """Somebody has written from an address that the platform once refused: it works, and is used again."""
    if transaction.change(_USE_AGAIN, {"b_channel": channel, "b_address": address}):
        row = transaction.row(_OF_ADDRESS, channel=channel, address=address)
        _tell_mended(transaction, [row], actor)


def use_again_all(transaction: Transaction, owner: Owner, channel: str, actor: Actor = TERMINAL) -> int:
    """Use the addresses of this channel again that a platform once refused; how many there were."""
    closed = (_owned_by(owner), addresses.c.channel == channel, addresses.c.disabled_at.is_not(None))
    rows = transaction.rows(sa.select(addresses).where(*closed))
    transaction.execute(sa.update(addresses).where(*closed).values(disabled_at=None, disabled_why=""))
    _tell_mended(transaction, rows, actor)
    return len(rows)


def channels_of(transaction: Transaction, owner: Owner) -> list[str]:
    """The channels on which this person, or provider, has an address, whether or not it works; the first first."""
    rows = transaction.rows(
        sa.select(addresses.c.channel).where(_owned_by(owner)).order_by(addresses.c.rank, addresses.c.id)
    )
    return list(dict.fromkeys(row.channel for row in rows))


def _owned_by(owner: Owner) -> sa.ColumnElement[bool]:
    if owner.person_id is not None:
        return addresses.c.person_id == owner.person_id
    return addresses.c.provider_id == owner.provider_id


def _tell_mended(transaction: Transaction, rows: Sequence[sa.Row[Any]], actor: Actor) -> None:
    for row in rows:
        owner = Owner(row.person_id, row.provider_id)
        note(transaction, actor, "address used again", owner.subject, channel=row.channel)
    if rows:
        refresh(transaction, [UNREACHED], [row.id for row in rows])
        transaction.touched.add("roster")


def owner_of(transaction: Transaction, channel: str, address: str) -> Owner | None:
    """Whose address it is, or None. One that the platform refused is still its owner's: they have just written."""
    row = transaction.row(_OF_ADDRESS, channel=channel, address=address)
    return None if row is None else Owner(row.person_id, row.provider_id)


def detail_of(transaction: Transaction, channel: str, address: str) -> Mapping[str, Any] | None:
    """What the platform needs besides the address, as it was kept last."""
    row = transaction.row(_OF_ADDRESS, channel=channel, address=address)
    return None if row is None else row.detail


def keep_detail(transaction: Transaction, channel: str, address: str, detail: Mapping[str, Any]) -> None:
    """Keep what the platform needs besides the address; nothing for an address that is nobody's."""
    transaction.change(_KEEP_DETAIL, {"b_channel": channel, "b_address": address, "detail": dict(detail)})


def move_address(transaction: Transaction, channel: str, old: str, new: str) -> None:
    """The platform has given a conversation another address: what is linked and what was sent there moves with it."""
    transaction.execute(
        sa.delete(addresses).where(
            addresses.c.channel == channel,
            addresses.c.address == new,
            sa.exists(sa.select(_OLD.c.id).where(_OLD.c.channel == channel, _OLD.c.address == old)),
        )
    )
    for table in (addresses, messages):
        transaction.execute(
            sa.update(table).where(table.c.channel == channel, table.c.address == old).values(address=new)
        )
    transaction.touched.update(("roster", "messages"))


_OLD = addresses.alias("old")
_OF_ADDRESS = Prepared(
    sa.select(addresses).where(
        addresses.c.channel == sa.bindparam("channel"), addresses.c.address == sa.bindparam("address")
    )
)
_USE_AGAIN = Prepared(
    sa.update(addresses)
    .where(
        addresses.c.channel == sa.bindparam("b_channel"),
        addresses.c.address == sa.bindparam("b_address"),
        addresses.c.disabled_at.is_not(None),
    )
    .values(disabled_at=None, disabled_why="")
)
_KEEP_DETAIL = Prepared(
    sa.update(addresses)
    .where(addresses.c.channel == sa.bindparam("b_channel"), addresses.c.address == sa.bindparam("b_address"))
    .values(detail=sa.bindparam("detail"))
)
