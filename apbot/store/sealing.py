"""The chain of the audit log: sealing what is new, the head to be kept elsewhere, and verifying all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.seals import FIRST, seal_of
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import audit
from apbot.store.tables.append_only import SHORTENED

AT_ONCE = 250
"""So many entries are sealed in one transaction: about ten milliseconds, for which a tap may have to wait."""

PAGE = 5000
"""So many are read at a time to be verified."""


@dataclass(frozen=True)
class Head:
    """The newest entry that is sealed. Kept elsewhere, it tells whether everything up to it is still what it was."""

    number: int
    seal: str
    at: datetime | None = None
    """When what it tells of happened; None where the log is empty, and for a head that somebody gives."""

    def __str__(self) -> str:
        """What is to be kept elsewhere: "1234:9f86d0..."."""
        return f"{self.number}:{self.seal}"


@dataclass(frozen=True)
class Shortened:
    """Up to which number retention has removed entries, with the seal of the last, and when."""

    through: int
    seal: str
    at: datetime


@dataclass(frozen=True)
class Broken:
    """The first entry that is not what was sealed."""

    number: int
    at: datetime | None
    why: str


@dataclass(frozen=True)
class Verified:
    """What verifying has found. `broken` is None where every entry is what was sealed."""

    head: Head
    checked: int
    unsealed: int
    oldest_unsealed: datetime | None
    shortened: Shortened | None
    broken: Broken | None


class Unreadable(ValueError):
    """That is no head as `apbot audit head` prints it."""


def read_head(text: str) -> Head:
    """The head that somebody has kept. Raises `Unreadable`."""
    number, _, seal = text.strip().partition(":")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18 and len(seal) == len(_NONE)):
        raise Unreadable
    if set(seal.lower()) - set("0123456789abcdef"):
        raise Unreadable
    return Head(int(number), seal.lower())


_NONE = "0" * 64


def seal_due(transaction: Transaction) -> bool:
    """Seal what is not sealed yet, the oldest first; whether there was any.

    The chain has one end, at which one writer at a time is at work, as everywhere. Which number an entry gets is
    decided here and not when it is written.
    """
    rows = transaction.rows(_UNSEALED, most=AT_ONCE)
    if not rows:
        return False
    head = read_chain_head(transaction)
    number, seal = head.number, head.seal
    sealed = []
    for row in rows:
        number, seal = number + 1, seal_of(seal, number + 1, row._asdict())
        sealed.append({"b_id": row.id, "b_number": number, "b_seal": seal})
    transaction.change(_SEAL, *sealed)
    return True


def read_chain_head(transaction: Transaction) -> Head:
    """The newest entry that is sealed; number 0 where none is."""
    row = transaction.row(_HEAD)
    return Head(row.number, row.seal, row.at) if row is not None else Head(0, FIRST)


_ENTRY = (audit.c.id, audit.c.at, audit.c.person_id, audit.c.via, audit.c.what, audit.c.subject, audit.c.detail)
_UNSEALED = Prepared(
    sa.select(*_ENTRY)
    .where(audit.c.next_at.is_not(None))
    .order_by(audit.c.next_at, audit.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_HEAD = Prepared(
    sa.select(audit.c.number, audit.c.seal, audit.c.at)
    .where(audit.c.number.is_not(None))
    .order_by(audit.c.number.desc())
    .limit(1)
)
_SEAL = Prepared(
    sa.update(audit)
    .where(audit.c.id == sa.bindparam("b_id"))
    .values(number=sa.bindparam("b_number"), seal=sa.bindparam("b_seal"), next_at=None)
)


def verify(transaction: Transaction, kept: Head | None = None) -> Verified:
    """Work out every seal anew. With `kept`, a head that was kept elsewhere, the log must hold that one too."""
    shortened = shortened_last(transaction)
    start = Head(shortened.through, shortened.seal) if shortened else Head(0, FIRST)
    checked, broken = 0, None
    seal = start.seal
    for row in _sealed_after(transaction, start.number):
        expected = start.number + checked + 1
        if row.number != expected:
            broken = Broken(expected, None, "it is not there")
            break
        seal = seal_of(seal, row.number, row._asdict())
        if seal != row.seal:
            broken = Broken(row.number, row.at, "it was changed, or another was put before it")
            break
        checked += 1
    waiting = transaction.row(
        sa.select(sa.func.count().label("count"), sa.func.min(audit.c.at).label("oldest")).where(
            audit.c.next_at.is_not(None)
        )
    )
    return Verified(
        read_chain_head(transaction),
        checked,
        waiting.count,
        waiting.oldest,
        shortened,
        broken or _without_seal(transaction) or _differs(transaction, kept, shortened),
    )


def _sealed_after(transaction: Transaction, number: int) -> Iterator[sa.Row[Any]]:
    """The sealed entries in order, a page at a time: the whole log need not fit into memory."""
    query = sa.select(*_ENTRY, audit.c.number, audit.c.seal).order_by(audit.c.number).limit(PAGE)
    while rows := transaction.rows(query.where(audit.c.number > number)):
        yield from rows
        number = rows[-1].number


def _without_seal(transaction: Transaction) -> Broken | None:
    """An entry that waits for no seal and has none was not written by apbot."""
    row = transaction.row(
        sa.select(audit.c.id, audit.c.at).where(
            audit.c.next_at.is_(None), sa.or_(audit.c.number.is_(None), audit.c.seal.is_(None))
        )
    )
    return None if row is None else Broken(0, row.at, f"the entry with the id {row.id} has no seal and waits for none")


def _differs(transaction: Transaction, kept: Head | None, shortened: Shortened | None) -> Broken | None:
    """Whether the log holds the head that was kept elsewhere: who makes the whole chain anew makes another."""
    if kept is None or kept.number == 0:
        return None
    if shortened is not None and kept.number < shortened.through:
        return Broken(kept.number, None, f"it was removed by retention on {shortened.at:%d/%m/%Y}: keep a newer head")
    if shortened is not None and kept.number == shortened.through:
        return None if kept.seal == shortened.seal else Broken(kept.number, None, "its seal is not the one you kept")
    row = transaction.row(sa.select(audit.c.at, audit.c.seal).where(audit.c.number == kept.number))
    if row is None:
        return Broken(kept.number, None, "it is not there: the log was cut off, or an older copy was put in its place")
    return None if row.seal == kept.seal else Broken(kept.number, row.at, "its seal is not the one you kept")


def shortened_last(transaction: Transaction) -> Shortened | None:
    """What retention has removed last. Its own entry stands in the chain, and is verified with it."""
    row = transaction.row(_SHORTENED)
    return None if row is None else Shortened(row.detail["through"], row.detail["seal"], row.at)


_SHORTENED = Prepared(
    sa.select(audit.c.detail, audit.c.at)
    .where(audit.c.subject == "audit", audit.c.what == SHORTENED)
    .order_by(audit.c.id.desc())
    .limit(1)
)
