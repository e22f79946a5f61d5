"""The databases that transactions are tried on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apbot.clock import VirtualClock
from apbot.store.database import Database
from tests.blank import blank
from tests.store.units import NOW, open_in


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Database]:
    """A database in a file, whose writer runs in a thread of its own."""
    database = open_in(tmp_path)
    yield database
    database.close()


@pytest.fixture(params=["file", "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database in a file, and one in memory."""
    found = open_in(tmp_path) if request.param == "file" else blank(VirtualClock(NOW))
    yield found
    found.close()
