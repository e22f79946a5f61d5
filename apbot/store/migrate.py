"""Bringing a database up to the newest schema."""

import sqlalchemy as sa

from apbot.store.tables import metadata


def upgrade(engine: sa.Engine) -> None:
    """Make every table that is missing."""
    metadata.create_all(engine)
