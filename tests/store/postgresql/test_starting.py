"""Two processes that open one database at the same moment."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.store import migrate
from apbot.store.database import Database
from tests import postgresql
from tests.store.postgresql.cutting import at_once
from tests.store.units import NOW, refs

pytestmark = pytest.mark.postgresql


def test_two_processes_that_start_at_once_make_the_tables_once(tmp_path: Path) -> None:
    url = postgresql.new_database(empty=True)
    both = [Database(url, VirtualClock(NOW)) for _ in range(2)]
    at_once(*(lambda database=each: migrate.upgrade(database.engine) for each in both))
    assert both[0].run(refs) == []
    for each in both:
        each.close()


def test_two_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    url = postgresql.new_database(empty=True)
    both = [Database(url, VirtualClock(NOW)) for _ in range(2)]
    migrate.migrate(both[0].engine, "0001")
    at_once(*(lambda database=each: migrate.upgrade(database.engine) for each in both))
    version = sa.text("SELECT version_num FROM alembic_version")
    assert both[0].run(lambda t: t.value(version)) == migrate.HEAD
    for each in both:
        each.close()
