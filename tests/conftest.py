"""What the tests share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from apbot.store.namekeys.keyfile import VARIABLE, make_file
from tests.day import Day

if os.environ.get("APBOT_TEST_ENCRYPTED"):
    # Before anything is opened, and for every process that a test starts: all of them read the names alike.
    _folder = tempfile.TemporaryDirectory(prefix="apbot-key-")
    make_file(Path(_folder.name) / "names.key")
    os.environ[VARIABLE] = f"{_folder.name}/names.key"


@pytest.fixture
def day() -> Iterator[Day]:
    """A Thursday in term, from four in the morning."""
    a_day = Day()
    yield a_day
    a_day.close()
