"""A morning on either database, for processes that share it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.morning import Morning
from tests.growing.parts import InTheWebChat
from tests.postgresql import postgresql  # noqa: F401  (a fixture)
from tests.processes.running import Nursery, one_nursery  # noqa: F401  (a fixture)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the database is to be."""
    return f"sqlite:///{tmp_path}/apbot.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")


@pytest.fixture
async def morning(tmp_path: Path, nursery: Nursery, url: str) -> AsyncIterator[Morning]:
    """A Thursday in term, with everybody on Slack. No process runs yet."""
    one = Morning(tmp_path, nursery, url=url)
    await one.begin()
    yield one
    await one.end()


@pytest.fixture
async def bare(tmp_path: Path, nursery: Nursery, request: pytest.FixtureRequest) -> AsyncIterator[Morning]:
    """The same, and PostgreSQL is empty."""
    one = Morning(tmp_path, nursery, url=request.getfixturevalue("postgresql"))
    await one.open("09:29:59.5")
    yield one
    await one.end()


@pytest.fixture
async def chat(tmp_path: Path, nursery: Nursery, url: str) -> AsyncIterator[InTheWebChat]:
    """The same with everybody in the web chat."""
    one = InTheWebChat(tmp_path, nursery, url=url)
    await one.begin()
    yield one
    await one.end()
