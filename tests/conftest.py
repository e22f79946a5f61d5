"""What the tests share."""

from collections.abc import Iterator

import pytest

from tests.day import Day


@pytest.fixture
def day() -> Iterator[Day]:
    """A Thursday in term, from four in the morning."""
    a_day = Day()
    yield a_day
    a_day.close()
