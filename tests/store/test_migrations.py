"""A new database and a migrated one are the same, and a newer one is left alone."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from apbot.store import migrate
from apbot.store.database import Transaction
from apbot.store.sealing import seal_due, verify
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


ONE_ADDRESS = "INSERT INTO addresses (provider_id, channel, address, rank, disabled_why) VALUES (1, 'slack', {}, 0, '')"


def _columns(connection: sa.Connection, table: str) -> str:
    found = connection.execute(sa.text(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")).scalar()
    return " ".join(str(found).split())


@pytest.mark.parametrize("kept", [True, False], ids=["one is left", "none is left"])
def test_the_id_of_a_removed_address_is_never_anothers(engine: sa.Engine, kept: bool) -> None:
    migrate.migrate(engine, "0001")
    with engine.begin() as connection:
        connection.execute(sa.text("PRAGMA foreign_keys = ON"))
        connection.execute(sa.insert(metadata.tables["providers"]).values(id=1, ref="OAK", name="Oak", hours={}))
        if kept:
            connection.execute(sa.text(ONE_ADDRESS.format("'C1'")))
        connection.execute(
            sa.insert(metadata.tables["messages"]).values(
                kind="unreached", subject_id=7, recipient="person:1", channel="web", address="person:1", priority=3,
                due_at=datetime(2026, 9, 17, tzinfo=UTC),
            )
        )  # fmt: skip
    migrate.migrate(engine)
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT id, address FROM addresses")).all() == ([(1, "C1")] if kept else [])
        connection.execute(sa.text(ONE_ADDRESS.format("'C2'")))
        connection.execute(sa.text("DELETE FROM addresses WHERE address = 'C2'"))
        connection.execute(sa.text(ONE_ADDRESS.format("'C3'")))
        assert connection.execute(sa.text("SELECT max(id) FROM addresses")).scalar() == 9, "7 was told of, 8 is gone"
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(sa.text("UPDATE addresses SET provider_id = NULL"))


def test_addresses_are_made_alike_by_both_ways(engine: sa.Engine) -> None:
    migrate.migrate(engine)
    fresh = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    migrate.upgrade(fresh)
    with engine.connect() as migrated, fresh.connect() as new:
        assert "AUTOINCREMENT" in _columns(migrated, "addresses")
        assert "AUTOINCREMENT" in _columns(new, "addresses")
        assert "one_owner" in _columns(migrated, "addresses")
    fresh.dispose()


def test_bringing_it_up_again_changes_nothing(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    migrate.upgrade(engine)


def test_a_database_of_a_newer_apbot_is_refused(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.NewerSchema, match="revision 9999"):
        migrate.upgrade(engine)


def test_the_audit_log_is_kept_alike_by_both_ways(engine: sa.Engine) -> None:
    migrate.migrate(engine)
    fresh = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    migrate.upgrade(fresh)
    query = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    with engine.connect() as migrated, fresh.connect() as new:
        made = [(row.name, " ".join(row.sql.split())) for row in new.execute(query)]
        assert [(row.name, " ".join(row.sql.split())) for row in migrated.execute(query)] == made
        assert [name for name, _ in made] == ["audit_is_kept", "audit_is_not_shortened"]
    fresh.dispose()


def test_a_log_from_before_the_seals_is_sealed_from_its_first_entry(engine: sa.Engine) -> None:
    migrate.migrate(engine, "0004")
    columns, values = "at, via, what, subject, detail", "'2026-09-17 08:00:00.000000', 'web', 'x', 'y', '{}'"
    old = f"INSERT INTO audit ({columns}) VALUES ({values})"
    with engine.begin() as connection:
        connection.execute(sa.text(old))
    migrate.migrate(engine)
    with engine.begin() as connection:
        transaction = Transaction(connection, datetime(2026, 9, 17, 9, tzinfo=UTC))
        assert seal_due(transaction)
        assert verify(transaction).checked == 1


def test_the_migration_of_the_seals_can_be_undone(engine: sa.Engine) -> None:
    from alembic import command
    from alembic.config import Config

    migrate.migrate(engine)
    config = Config()
    config.set_main_option("script_location", str(migrate.Path(migrate.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    with engine.connect() as connection:
        assert "seal" not in {column["name"] for column in sa.inspect(connection).get_columns("audit")}
