"""A new database and a migrated one are the same, and a newer one is left alone."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from apbot.store import migrate
from apbot.store.tables import metadata


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    yield made
    made.dispose()


def test_the_migrations_lead_to_the_tables_as_they_are(engine: sa.Engine) -> None:
    migrate.migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_new_database_is_at_the_newest_revision(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    script = ScriptDirectory(str(migrate.Path(migrate.__file__).parent / "migrations"))
    assert found == migrate.HEAD == script.get_current_head()


def test_bringing_it_up_again_changes_nothing(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    migrate.upgrade(engine)


def test_a_database_of_a_newer_apbot_is_refused(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.NewerSchema, match="revision 9999"):
        migrate.upgrade(engine)
