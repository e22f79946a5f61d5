"""Erasing somebody who has left: how they are reached goes; the name stays where they acted on a record.

That somebody marked, decided or established something is part of the record of a child. When that has been kept for
long enough and is gone, erasing again takes the name as well.
"""

from collections import Counter

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.walltime import local_date, spoken_date
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.parts import in_parts
from apbot.store.retention.chat import put_away
from apbot.store.tables import (
    addresses,
    calendar_links,
    chat_lines,
    covers,
    link_codes,
    messages,
    metadata,
    people,
    placements,
    questions,
    roles,
    signin_links,
    web_sessions,
)

ACTED: tuple[sa.Column[int], ...] = (
    *(
        column
        for table in metadata.sorted_tables
        for column in table.c
        if column.name.endswith("_by_id") and table is not covers
    ),
    placements.c.key_worker_id,
)
"""Every column that says who acted on a record, or answered for a pupil."""

WAYS_IN = (addresses, link_codes, questions, calendar_links, signin_links, web_sessions)
"""How somebody is reached, and gets in."""


def why_person_is_kept(transaction: Transaction, person_id: int) -> str:
    """Why somebody's contact data is not to be erased; "" where it may be."""
    row = transaction.row(sa.select(people.c.leaves_on).where(people.c.id == person_id))
    if row.leaves_on is None:
        return "they work here: give them a last day on the roster"
    if row.leaves_on >= local_date(transaction.now):
        return f"they work here until {spoken_date(row.leaves_on)}"
    return ""


def has_acted(transaction: Transaction, person_id: int) -> bool:
    """Whether a record that is kept says what they did."""
    return any(transaction.value(sa.select(sa.exists().where(column == person_id))) for column in ACTED)


def erase_person(transaction: Transaction, actor: Actor, person_id: int, *, reason: str) -> Counter[str]:
    """Erase how somebody is reached, and what they were sent; their name too where no record needs it.

    Whether they have left is for the caller to have looked at. How many rows of what were changed.
    """
    done: Counter[str] = Counter()
    _messages(transaction, person_id, done)
    for table in WAYS_IN:
        done["ways in"] += transaction.execute(sa.delete(table).where(table.c.person_id == person_id)).rowcount
    values = {"email": "", "mobile": ""}
    if not has_acted(transaction, person_id):
        values |= {"name": "Erased", "ref": f"ERASED-{person_id}"}
        done["names"] = 1
        done["roles"] = transaction.execute(sa.delete(roles).where(roles.c.person_id == person_id)).rowcount
    transaction.execute(sa.update(people).where(people.c.id == person_id).values(values))
    note(transaction, actor, "person erased", f"person:{person_id}", reason=reason, **done)
    transaction.touched.add("roster")
    return done


def _messages(transaction: Transaction, person_id: int, done: Counter[str]) -> None:
    """What they were sent is edited down; by email and text it went to an address that is kept with it."""
    rows = transaction.rows(
        sa.select(messages.c.id, messages.c.put_away_at, messages.c.sent_at).where(messages.c.person_id == person_id)
    )
    standing = [row.id for row in rows if row.sent_at is not None and row.put_away_at is None]
    put_away(transaction, standing)
    for part in in_parts([row.id for row in rows]):
        by_letter = sa.and_(messages.c.id.in_(part), messages.c.channel.in_(["email", "sms"]))
        transaction.execute(sa.update(messages).where(by_letter).values(address="", next_at=None))
    own = sa.and_(chat_lines.c.conversation == f"person:{person_id}", chat_lines.c.message_id.is_(None))
    done["chat lines"] = transaction.execute(sa.delete(chat_lines).where(own)).rowcount
    done["messages edited down"] = len(standing)
