"""Two processes on one PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apbot.clock import VirtualClock
from apbot.store.database import Database
from tests.blank import url_in
from tests.store.units import NOW


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Two processes' ways to one database."""
    both = tuple(Database(url_in(tmp_path), VirtualClock(NOW)) for _ in range(2))
    yield both  # type: ignore[misc]
    for each in both:
        each.close()


@pytest.fixture
def database(databases: tuple[Database, Database]) -> Database:
    """The first of them."""
    return databases[0]
