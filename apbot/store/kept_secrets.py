"""Secrets that apbot makes for itself and keeps in its database, so that there is nothing to set up."""

import secrets

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.tables import kept_secrets


def find_secret(transaction: Transaction, name: str) -> str | None:
    """The secret of this name; None where it has not been made."""
    secret: str | None = transaction.value(sa.select(kept_secrets.c.secret).where(kept_secrets.c.name == name))
    return secret


def renew_secrets(transaction: Transaction, by: Actor) -> list[str]:
    """Make each of them anew: who has read the database, or a backup of it, knows them. Their names.

    A process that runs goes on with the old ones.
    """
    names = [row.name for row in transaction.rows(sa.select(kept_secrets.c.name).order_by(kept_secrets.c.name))]
    for name in names:
        transaction.execute(
            sa.update(kept_secrets).where(kept_secrets.c.name == name).values(secret=secrets.token_urlsafe(32))
        )
    note(transaction, by, "secrets made anew", "secrets", names=names)
    return names


def keep_secret(transaction: Transaction, name: str) -> str:
    """The secret of this name, made the first time: 256 bits."""
    transaction.insert_new(kept_secrets, [{"name": name, "secret": secrets.token_urlsafe(32)}])
    return str(transaction.value(sa.select(kept_secrets.c.secret).where(kept_secrets.c.name == name)))
