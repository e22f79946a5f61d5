"""A day with an outside platform: each test's own `stand` says which."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.channels.chatday import ChatDay, begun
from tests.channels.stand import Stand
from tests.day import Day


@pytest_asyncio.fixture
async def day(stand: Stand) -> AsyncIterator[ChatDay]:
    """A day on which people use the platform of `stand`."""
    async with begun(stand) as a_day:
        yield a_day


@pytest.fixture
def bare() -> Iterator[Day]:
    """A day without an outside platform."""
    a_day = Day()
    yield a_day
    a_day.close()
