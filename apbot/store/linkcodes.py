"""One-time codes, with which people link their chat, or their provider's conversation, themselves.

A code is kept only as its SHA-256. It has 40 bits of chance in it, works once, and for a few days. Who types wrong
ones has to wait, and a code whose first half is right in several wrong ones ends: so none is found by trying.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import TERMINAL, Actor
from apbot.domain.walltime import local_date, wall
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.guesses import Most, count_wrong, held_until
from apbot.store.linking import Owner, can_be_kept, link
from apbot.store.people import load_actor
from apbot.store.tables import Instant, link_codes, people, providers

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
    note(transaction, by, "link code made", Owner(person_id, provider_id).subject)
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
    if not can_be_kept(address):
        raise CannotLink(
            "This conversation has too long a name on this platform for apbot to keep it. Tell your admin."
        )
    transaction.execute(sa.update(link_codes).where(link_codes.c.id == found.id).values(used_at=transaction.now))
    link(transaction, owner, channel, address, detail)
    return owner


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
            subject = Owner(row.person_id, row.provider_id).subject
            note(transaction, Actor(None, "", (), channel), "link code ended: wrong tries", subject)


def _kind(channel: str) -> str:
    return f"link code, {channel}"


def _plain(code: str) -> str:
    """The code as it was made, however it is typed."""
    return "".join(each for each in code.upper() if each in LETTERS)


def _half(plain: str) -> str:
    return _hash(f"half {plain[: LENGTH // 2]}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
