"""Keys of the read-only API: made, listed, ended, and found again by their secret, which is kept as a hash alone."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from apbot.domain.access import TERMINAL, Actor, RoleAt
from apbot.domain.roles import Role
from apbot.domain.scopes import Scope
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.reads import note_refs
from apbot.store.tables import api_keys, schools

PREFIX = "apbot_"
"""What a key begins with, so that it is known for one wherever it turns up."""

NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a key was last used."""


@dataclass(frozen=True)
class Key:
    """A key, without its secret. `school_id` None: of every school."""

    id: int
    name: str
    school_id: int | None
    school: str
    scopes: frozenset[Scope]
    made_at: datetime
    ended_at: datetime | None
    used_at: datetime | None

    @property
    def actor(self) -> Actor:
        """Who reads: what the school's own admin may see, or an admin over everything."""
        return Actor(None, f"key {self.name}", (RoleAt(Role.ADMIN, self.school_id),), "api")


def make_key(transaction: Transaction, name: str, school_id: int | None, scopes: Sequence[Scope]) -> tuple[int, str]:
    """A new key: its number, and the secret, which is nowhere else."""
    secret = PREFIX + secrets.token_urlsafe(32)
    key_id = transaction.insert(
        api_keys,
        name=name,
        school_id=school_id,
        secret_hash=_hash(secret),
        scopes=[each.value for each in scopes],
        made_at=transaction.now,
    )
    note(transaction, TERMINAL, "api key made", f"key:{key_id}", name=name, scopes=[each.value for each in scopes])
    return key_id, secret


def load_keys(transaction: Transaction) -> list[Key]:
    """Every key that was ever made, the newest first."""
    return _load(transaction, sa.true())


def end_key(transaction: Transaction, key_id: int) -> Key | None:
    """The key opens nothing any more; None where there is no such key, or it has ended before."""
    found = next(iter(_load(transaction, api_keys.c.id == key_id, api_keys.c.ended_at.is_(None))), None)
    if found is not None:
        transaction.execute(sa.update(api_keys).where(api_keys.c.id == key_id).values(ended_at=transaction.now))
        note(transaction, TERMINAL, "api key ended", f"key:{key_id}", name=found.name)
    return found


def find_key(transaction: Transaction, secret: str) -> Key | None:
    """The key with this secret; None for one that was never made, or has ended."""
    found = _load(transaction, api_keys.c.secret_hash == _hash(secret), api_keys.c.ended_at.is_(None))
    return next(iter(found), None)


def note_use(transaction: Transaction, key: Key, what: str, references: Sequence[str]) -> None:
    """Write down what was read with the key, by reference, and when it was last used."""
    note_refs(transaction, key.actor, "api read", f"key:{key.id}", references, resource=what)
    if key.used_at is None or transaction.now - key.used_at >= NOTED_EVERY:
        transaction.execute(sa.update(api_keys).where(api_keys.c.id == key.id).values(used_at=transaction.now))


def _load(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Key]:
    rows = transaction.rows(
        sa.select(api_keys, schools.c.name.label("school"))
        .outerjoin_from(api_keys, schools)
        .where(*conditions)
        .order_by(api_keys.c.id.desc())
    )
    return [
        Key(
            id=row.id,
            name=row.name,
            school_id=row.school_id,
            school=row.school or "",
            scopes=frozenset(Scope(each) for each in row.scopes),
            made_at=row.made_at,
            ended_at=row.ended_at,
            used_at=row.used_at,
        )
        for row in rows
    ]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
