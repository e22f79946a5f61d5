"""What the stories of faults share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.blank import url_in
from tests.faults.morning import Morning
from tests.processes.running import Nursery, one_nursery  # noqa: F401  (a fixture)


@pytest.fixture
async def morning(tmp_path: Path, nursery: Nursery) -> AsyncIterator[Morning]:
    """A Thursday in term, ten seconds before the sessions start. No process runs yet."""
    one = Morning(tmp_path, nursery, url=url_in(tmp_path))
    await one.begin()
    yield one
    await one.end()


@pytest.fixture
async def bare(tmp_path: Path, nursery: Nursery) -> AsyncIterator[Morning]:
    """The same, and there is no database yet."""
    one = Morning(tmp_path, nursery)
    await one.open("09:29:59.5")
    yield one
    await one.end()
