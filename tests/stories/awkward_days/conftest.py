"""The day that these stories begin with."""

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from apbot.store.tables import placements
from tests.day import Day
from tests.stories.awkward_days.changes import CD34


@pytest.fixture
def day() -> Iterator[Day]:
    """A Thursday on which CD34 alone is expected anywhere, and only in the morning."""
    a_day = Day()
    a_day.change(placements, placements.c.id != a_day.ids[CD34], ends_on=date(2026, 9, 2))
    a_day.change(placements, sa.true(), pattern=["thu am"])
    yield a_day
    a_day.close()
