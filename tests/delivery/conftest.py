"""An outbox in which something is owed."""

from collections.abc import AsyncIterator

import pytest

from tests.post import Post


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    """Somebody is owed a note, and the platform is well."""
    found = Post()
    found.owe()
    yield found
    found.database.close()
