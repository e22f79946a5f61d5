"""The weeks without the days."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.store.tables import placements
from tests.day import Day


@pytest.fixture
def calm(day: Day) -> Day:
    """The weeks without the days: registers are nobody's concern here."""
    day.change(placements, sa.true(), pattern=["mon am"])
    day.change(placements, placements.c.ref.not_like("CD34%"), ends_on=date(2026, 9, 2))
    return day
