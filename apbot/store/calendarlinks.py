"""The secret address of each person's calendar: made, given up, and found again by its secret.

A secret is kept only as its SHA-256: whoever reads the database can't follow anybody's calendar with what they find.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.walltime import local_date
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.reads import note_refs
from apbot.store.tables import calendar_links

NOTED_EVERY = timedelta(hours=1)
"""How exactly it is kept when a calendar was last fetched."""


@dataclass(frozen=True)
class CalendarLink:
    """The address in use: since when, and when somebody's calendar last asked for it."""

    id: int
    person_id: int
    made_at: datetime
    fetched_at: datetime | None


def link_of(transaction: Transaction, person_id: int) -> CalendarLink | None:
    """The address that this person's calendar has now, without its secret; None where there is none."""
    return _link(transaction, calendar_links.c.person_id == person_id)


def make_calendar(transaction: Transaction, actor: Actor, person_id: int) -> str:
    """A new address: its secret, which is nowhere else. The one before ends."""
    _end(transaction, person_id)
    secret = secrets.token_urlsafe(32)
    transaction.insert(
        calendar_links, person_id=person_id, secret_hash=_hash(secret), made_at=transaction.now, ended_at=None
    )
    note(transaction, actor, "calendar address made", f"person:{person_id}")
    return secret


def end_calendar(transaction: Transaction, actor: Actor, person_id: int) -> bool:
    """The address leads nowhere any more; whether there was one."""
    there = _end(transaction, person_id)
    if there:
        note(transaction, actor, "calendar address ended", f"person:{person_id}")
    return there


def find_calendar(transaction: Transaction, secret: str) -> CalendarLink | None:
    """Whose calendar this secret opens; None for one that was never made, or has ended."""
    return _link(transaction, calendar_links.c.secret_hash == _hash(secret))


def note_fetched(transaction: Transaction, actor: Actor, link: CalendarLink, references: list[str]) -> None:
    """Write down that the calendar was fetched: to the hour, and in the audit log once a day, with the pupils in it."""
    now = transaction.now
    if link.fetched_at is not None and now - link.fetched_at < NOTED_EVERY:
        return
    transaction.execute(sa.update(calendar_links).where(calendar_links.c.id == link.id).values(fetched_at=now))
    if link.fetched_at is None or local_date(link.fetched_at) != local_date(now):
        note_refs(transaction, actor, "calendar read", f"person:{link.person_id}", references)


def _link(transaction: Transaction, condition: sa.ColumnElement[bool]) -> CalendarLink | None:
    row = transaction.row(sa.select(calendar_links).where(condition, calendar_links.c.ended_at.is_(None)))
    return None if row is None else CalendarLink(row.id, row.person_id, row.made_at, row.fetched_at)


def _end(transaction: Transaction, person_id: int) -> bool:
    ended = transaction.execute(
        sa.update(calendar_links)
        .where(calendar_links.c.person_id == person_id, calendar_links.c.ended_at.is_(None))
        .values(ended_at=transaction.now)
    )
    return bool(ended.rowcount)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
