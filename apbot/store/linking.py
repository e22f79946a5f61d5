"""Linking: which person, or which provider's conversation, an address on a chat platform belongs to.

A code is kept only as its SHA-256. It has 40 bits of chance in it, works once, and for a few days. Who types wrong
ones has to wait, and a code whose first half is right in several wrong ones ends: so none is found by trying.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import TERMINAL, Actor, is_current
from apbot.domain.walltime import local_date, wall
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.guesses import Most, count_wrong, held_until
from apbot.store.outbox import refresh
from apbot.store.people import load_actor
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant, addresses, link_codes, messages, people, providers
from apbot.store.tables.talk import ADDRESS_LENGTH
from apbot.store.unreached import UNREACHED

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are taken for one another."""

LENGTH = 8

WRONG_BY_ONE = Most(5, timedelta(minutes=15))
"""Wrong codes by one sender: people mistype."""

WRONG_BY_ALL = Most(300, timedelta(hours=1))
"""Wrong codes on one channel, whoever types them: somebody may have many accounts."""

WRONG_OF_ONE = 5
"""Wrong codes that begin as this one does: then it ends."""


class CannotLink(Exception):
    """The code links nobody. The text is for the person who typed it."""


@dataclass(frozen=True)
class LinkCode:
    """What `make_code` gives; the code is nowhere else."""

    code: str
    name: str
    expires_at: datetime


@dataclass(frozen=True)
class Owner:
    """Whose address it is: a person's, or a provider's shared conversation."""

    person_id: int | None
    provider_id: int | None


def make_code(
    transaction: Transaction,
    valid_for: timedelta,
    *,
    person_id: int | None = None,
    provider_id: int | None = None,
    by: Actor = TERMINAL,
) -> LinkCode:
    """Make a code with which this person links themselves, or a conversation is linked to this provider, once.

    Raises `CannotLink` for who is not on the roster or has left.
    """
    table, owner_id = (people, person_id) if person_id is not None else (providers, provider_id)
    owner = transaction.row(sa.select(table).where(table.c.id == owner_id))
    if owner is None:
        raise CannotLink("There is no such person or provider on the roster.")
    if person_id is not None and owner.leaves_on is not None and owner.leaves_on < local_date(transaction.now):
        raise CannotLink(f"{owner.name} left on {owner.leaves_on:%d %b %Y}. Correct the roster if that is wrong.")
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    expires_at = transaction.now + valid_for
    transaction.insert(
        link_codes,
        person_id=person_id,
        provider_id=provider_id,
        code_hash=_hash(_plain(code)),
        half_hash=_half(_plain(code)),
        expires_at=expires_at,
    )
    subject = f"person:{person_id}" if person_id is not None else f"provider:{provider_id}"
    note(transaction, by, "link code made", subject)
    return LinkCode(f"{code[:4]}-{code[4:]}", owner.name, expires_at)


def use_code(
    transaction: Transaction,
    code: str,
    channel: str,
    *,
    sender: str,
    place: str,
    detail: Mapping[str, Any] | None = None,
) -> Owner:
    """Link by a code: a person's own links `sender`, a provider's links `place`, the conversation it was typed in.

    An address that belonged to somebody else belongs to the new owner from now on. Raises `CannotLink`; what it has
    counted by then is to be kept.
    """
    _hold_up(transaction, channel, sender)
    plain = _plain(code)
    usable = (link_codes.c.used_at.is_(None), link_codes.c.expires_at > transaction.now)
    found = transaction.row(
        sa.select(link_codes).where(link_codes.c.code_hash == _hash(plain), *usable).with_for_update()
    )
    if found is None:
        _count_wrong(transaction, plain, channel, sender, usable)
        raise CannotLink("That code can't be used. Each works once and for a few days: ask for a new one.")
    if found.provider_id is not None and place == sender:
        raise CannotLink("That is a provider's code. Type it in the conversation that its staff share, not here.")
    if found.person_id is not None and load_actor(transaction, found.person_id, channel) is None:
        raise CannotLink("That code is for somebody who does not work here today.")
    owner = Owner(found.person_id, found.provider_id)
    address = sender if owner.person_id is not None else place
    if not _can_be_kept(address):
        raise CannotLink(
            "This conversation has too long a name on this platform for apbot to keep it. Tell your admin."
        )
    transaction.execute(sa.update(link_codes).where(link_codes.c.id == found.id).values(used_at=transaction.now))
    link(transaction, owner, channel, address, detail)
    return owner


def _can_be_kept(address: str) -> bool:
    return len(address) <= ADDRESS_LENGTH and "\0" not in address


def _hold_up(transaction: Transaction, channel: str, sender: str) -> None:
    """Raises `CannotLink` for whoever has typed too many wrong codes, and for all where all together have."""
    kind = _kind(channel)
    until = held_until(transaction, kind, sender, WRONG_BY_ONE) or held_until(transaction, kind, "", WRONG_BY_ALL)
    if until is not None:
        raise CannotLink(f"Too many codes that can't be used were typed. Wait until {wall(until)}, then type yours.")


def _count_wrong(
    transaction: Transaction, plain: str, channel: str, sender: str, usable: Sequence[sa.ColumnElement[bool]]
) -> None:
    for who, most in ((sender, WRONG_BY_ONE), ("", WRONG_BY_ALL)):
        if count_wrong(transaction, _kind(channel), who, most):
            note(transaction, Actor(None, "", (), channel), "link codes refused", f"channel:{channel}", all=not who)
    if len(plain) != LENGTH:
        return
    ended = transaction.rows(
        sa.update(link_codes)
        .where(link_codes.c.half_hash == _half(plain), *usable)
        .values(
            wrong_tries=link_codes.c.wrong_tries + 1,
            used_at=sa.case(
                (link_codes.c.wrong_tries + 1 >= WRONG_OF_ONE, sa.literal(transaction.now, Instant())), else_=sa.null()
            ),
        )
        .returning(link_codes.c.person_id, link_codes.c.provider_id, link_codes.c.used_at)
    )
    for row in ended:
        if row.used_at is not None:
            subject = f"person:{row.person_id}" if row.person_id is not None else f"provider:{row.provider_id}"
            note(transaction, Actor(None, "", (), channel), "link code ended: wrong tries", subject)


def _kind(channel: str) -> str:
    return f"link code, {channel}"


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
    if not wanted or not _can_be_kept(address) or owner_of(transaction, channel, address) is not None:
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
    subject = f"person:{owner.person_id}" if owner.person_id is not None else f"provider:{owner.provider_id}"
    actor = Actor(owner.person_id, "", (), channel)
    moved = before is not None and Owner(before.person_id, before.provider_id) != owner
    note(transaction, actor, how, subject, channel=channel, moved=moved)
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
        subject = f"person:{row.person_id}" if row.person_id is not None else f"provider:{row.provider_id}"
        note(transaction, actor, "address used again", subject, channel=row.channel)
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


def _plain(code: str) -> str:
    """The code as it was made, however it is typed."""
    return "".join(each for each in code.upper() if each in LETTERS)


def _half(plain: str) -> str:
    return _hash(f"half {plain[: LENGTH // 2]}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
