"""Signing in to the web chat: one-time links, and what they are exchanged for.

A secret is kept only as its SHA-256: whoever reads the database can't sign in with what they find. Secrets have
256 bits of chance in them, so a plain hash is enough.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from apbot.domain.access import TERMINAL, Actor
from apbot.domain.walltime import local_date
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.linking import use_again
from apbot.store.people import load_actor
from apbot.store.prepared import Prepared
from apbot.store.tables import addresses, people, signin_links, web_sessions

CHANNEL = "web"
TOUCHED = "sign-ins"
"""What `Transaction.touched` says when a sign-in has ended."""

MOVED_ON_EVERY = timedelta(hours=1)
"""How exactly it is kept when a sign-in was last used."""

_TODAY = sa.bindparam("today", type_=sa.Date)
_ALL_SIGNED_IN = (
    sa.select(web_sessions.c.person_id, web_sessions.c.expires_at, web_sessions.c.ends_at)
    .join(people, people.c.id == web_sessions.c.person_id)
    .where(
        web_sessions.c.ended_at.is_(None),
        web_sessions.c.expires_at > sa.bindparam("now"),
        sa.or_(people.c.starts_on.is_(None), people.c.starts_on <= _TODAY),
        sa.or_(people.c.leaves_on.is_(None), people.c.leaves_on >= _TODAY),
    )
)
_SIGNED_IN = Prepared(_ALL_SIGNED_IN.where(web_sessions.c.secret_hash == sa.bindparam("hash")))


class CannotSignIn(Exception):
    """No link can be made for this person. The text says why and what to do."""


@dataclass(frozen=True)
class OneTimeLink:
    """What `make_link` gives; the secret is nowhere else."""

    secret: str
    name: str
    expires_at: datetime


def make_link(
    transaction: Transaction,
    person_id: int,
    valid_for: timedelta,
    *,
    by: Actor = TERMINAL,
    end_others: bool = False,
) -> OneTimeLink:
    """Make a link with which this person can sign in once; `by` is who asked for it.

    With `end_others` their sign-ins elsewhere and their unused links end at once: a lost telephone.
    Raises `CannotSignIn` for who is not on the roster or has left.
    """
    person = transaction.row(sa.select(people).where(people.c.id == person_id))
    if person is None:
        raise CannotSignIn("There is no such person on the roster.")
    if person.leaves_on is not None and person.leaves_on < local_date(transaction.now):
        raise CannotSignIn(f"{person.name} left on {person.leaves_on:%d %b %Y}. Correct the roster if that is wrong.")
    if end_others:
        end_signins(transaction, person_id)
    secret = secrets.token_urlsafe(32)
    expires_at = transaction.now + valid_for
    transaction.insert(signin_links, person_id=person_id, secret_hash=_hash(secret), expires_at=expires_at)
    note(transaction, by, "sign-in link made", f"person:{person_id}", others_ended=end_others)
    return OneTimeLink(secret, person.name, expires_at)


def end_signins(transaction: Transaction, person_id: int) -> None:
    """End every sign-in of this person and every link they have not used."""
    for table, ended in ((web_sessions, web_sessions.c.ended_at), (signin_links, signin_links.c.used_at)):
        transaction.execute(
            sa.update(table).where(table.c.person_id == person_id, ended.is_(None)).values({ended: transaction.now})
        )
    transaction.touched.update((TOUCHED, f"chat:person:{person_id}"))


def link_is_for(transaction: Transaction, secret: str) -> Actor | None:
    """Whom this link would sign in, without using it; None where it can't be used (any more)."""
    person_id = transaction.value(sa.select(signin_links.c.person_id).where(*_usable(transaction, secret)))
    return load_actor(transaction, person_id, CHANNEL)


@dataclass(frozen=True)
class Lasts:
    """How long a sign-in lasts: whatever is done with it, and while no page is opened."""

    at_most: timedelta
    idle: timedelta

    def until(self, ends_at: datetime, now: datetime) -> datetime:
        """When a sign-in expires that is used now, and ends at `ends_at` in any case."""
        return min(ends_at, now + self.idle)


def sign_in(transaction: Transaction, secret: str, lasts: Lasts, *, instead_of: str = "") -> str | None:
    """Use a link: the secret of the new sign-in, or None where the link can't be used (any more).

    The first time makes the person reachable in the chat. `instead_of` is the secret of the sign-in that this
    browser holds so far; it ends.
    """
    actor = link_is_for(transaction, secret)
    if actor is None or actor.person_id is None:
        return None
    used = transaction.execute(
        sa.update(signin_links).where(*_usable(transaction, secret)).values(used_at=transaction.now)
    )
    if used.rowcount != 1:  # somebody else was quicker, in another process
        return None
    if instead_of:
        sign_out(transaction, instead_of)
    session = secrets.token_urlsafe(32)
    ends_at = transaction.now + lasts.at_most
    transaction.insert(
        web_sessions,
        person_id=actor.person_id,
        secret_hash=_hash(session),
        expires_at=lasts.until(ends_at, transaction.now),
        ends_at=ends_at,
    )
    address = f"person:{actor.person_id}"
    if transaction.insert_new(addresses, [{"person_id": actor.person_id, "channel": CHANNEL, "address": address}]):
        transaction.touched.add("roster")
    use_again(transaction, CHANNEL, address, actor)
    note(transaction, actor, "signed in", f"person:{actor.person_id}")
    return session


def _usable(transaction: Transaction, secret: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        signin_links.c.secret_hash == _hash(secret),
        signin_links.c.used_at.is_(None),
        signin_links.c.expires_at > transaction.now,
    )


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that holds."""

    person_id: int
    expires_at: datetime
    ends_at: datetime | None

    def is_to_be_moved_on(self, lasts: Lasts, now: datetime) -> bool:
        """Whether it would last noticeably longer for being used now: not every page that is opened is written down."""
        return self.ends_at is not None and lasts.until(self.ends_at, now) - self.expires_at >= MOVED_ON_EVERY


def find_signin(transaction: Transaction, session: str) -> SignedIn | None:
    """The sign-in with this secret: None where it has ended or expired, or the person may not be here today."""
    today = local_date(transaction.now)
    row = transaction.row(_SIGNED_IN, hash=_hash(session), now=transaction.now, today=today)
    return None if row is None else SignedIn(row.person_id, row.expires_at, row.ends_at)


def signed_in(transaction: Transaction, session: str) -> int | None:
    """Who holds this sign-in: None where it has ended or expired, or the person may not be here today."""
    found = find_signin(transaction, session)
    return None if found is None else found.person_id


def move_on(transaction: Transaction, session: str, lasts: Lasts) -> None:
    """The sign-in is being used: it lasts on, up to its end."""
    found = find_signin(transaction, session)
    if found is not None and found.is_to_be_moved_on(lasts, transaction.now):
        transaction.execute(
            sa.update(web_sessions)
            .where(web_sessions.c.secret_hash == _hash(session))
            .values(expires_at=lasts.until(found.ends_at or found.expires_at, transaction.now))
        )


def people_signed_in(transaction: Transaction) -> frozenset[int]:
    """Everybody who is signed in on some device: who would see a message in the web chat."""
    given = {"now": transaction.now, "today": local_date(transaction.now)}
    return frozenset(row.person_id for row in transaction.execute(_ALL_SIGNED_IN, given))


def sign_out(transaction: Transaction, session: str) -> None:
    """End this sign-in, if it has not ended yet."""
    actor = load_actor(transaction, signed_in(transaction, session), CHANNEL)
    if actor is None:
        return
    transaction.execute(
        sa.update(web_sessions).where(web_sessions.c.secret_hash == _hash(session)).values(ended_at=transaction.now)
    )
    note(transaction, actor, "signed out", f"person:{actor.person_id}")
    transaction.touched.update((TOUCHED, f"chat:person:{actor.person_id}"))  # open pages notice at once


def sign_out_everywhere(transaction: Transaction, session: str) -> None:
    """End every sign-in of whoever holds this one, and every link that they have not used."""
    actor = load_actor(transaction, signed_in(transaction, session), CHANNEL)
    if actor is None or actor.person_id is None:
        return
    end_signins(transaction, actor.person_id)
    note(transaction, actor, "signed out everywhere", f"person:{actor.person_id}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
