"""Secrets that apbot makes for itself and keeps in its database, so that there is nothing to set up."""

import secrets

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.tables import kept_secrets


def find_secret(transaction: Transaction, name: str) -> str | None:
    """The secret of this name; None where it has not been made."""
    secret: str | None = transaction.value(sa.select(kept_secrets.c.secret).where(kept_secrets.c.name == name))
    return secret


def keep_secret(transaction: Transaction, name: str) -> str:
    """The secret of this name, made the first time: 256 bits."""
    transaction.insert_new(kept_secrets, [{"name": name, "secret": secrets.token_urlsafe(32)}])
    return str(transaction.value(sa.select(kept_secrets.c.secret).where(kept_secrets.c.name == name)))
