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

_TODAY = sa.bindparam("today", type_=sa.Date)
_ALL_SIGNED_IN = (
    sa.select(web_sessions.c.person_id)
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


def sign_in(transaction: Transaction, secret: str, lasts: timedelta, *, instead_of: str = "") -> str | None:
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
    transaction.insert(
        web_sessions, person_id=actor.person_id, secret_hash=_hash(session), expires_at=transaction.now + lasts
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


def signed_in(transaction: Transaction, session: str) -> int | None:
    """Who holds this sign-in: None where it has ended or expired, or the person may not be here today."""
    today = local_date(transaction.now)
    person_id: int | None = transaction.value(_SIGNED_IN, hash=_hash(session), now=transaction.now, today=today)
    return person_id


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


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
