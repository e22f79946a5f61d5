"""A roster that was taken in, and where the next one lies."""

from pathlib import Path

import pytest

from apbot.store.database import Database
from tests.roster.book import RIGHT, fill, forward, new_database, take_in


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.xlsx"


@pytest.fixture
def database(path: Path) -> Database:
    """The right roster, taken in at seven; now it is eight."""
    database = new_database()
    take_in(database, fill(path, RIGHT))
    forward(database)
    return database
