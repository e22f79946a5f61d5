"""The world with somebody in every role."""

import pytest

from tests.day import Day
from tests.stories.cast import hire_everybody


@pytest.fixture
def town(day: Day) -> Day:
    """The world with somebody in every role."""
    hire_everybody(day)
    return day
