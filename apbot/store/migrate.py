"""Bringing a database up to the newest schema.

A new database gets every table at once and the newest revision's mark; an older one is taken there by the
migrations, one after another. A test holds the two ways against each other.
"""

from pathlib import Path

import sqlalchemy as sa

from apbot.store.tables import metadata

HEAD = "0013"
"""The newest revision in migrations/versions."""

_version = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))


class NewerSchema(Exception):
    """The database was made by a newer apbot than this one."""


def upgrade(engine: sa.Engine) -> None:
    """Make the tables, or migrate those that are there. Raises `NewerSchema` rather than harm a newer database."""
    with engine.begin() as connection:
        present = set(sa.inspect(connection).get_table_names())
        if not present & set(metadata.tables):
            metadata.create_all(connection)
            _version.create(connection, checkfirst=True)
            connection.execute(sa.insert(_version).values(version_num=HEAD))
            return
        found = connection.execute(sa.select(_version.c.version_num)).scalar() if _version.name in present else None
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise NewerSchema(f"the database is at revision {found}; this apbot knows revisions up to {HEAD}")
    migrate(engine)


def migrate(engine: sa.Engine, to: str = "head") -> None:
    """Run the migrations up to the revision `to`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
