"""PostgreSQL on a disk that is full: what needs no new page is still done, and whoever asks is told at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.store.tables import marks, messages
from apbot.watching.health import Health
from tests import postgresql
from tests.day import Day
from tests.disk import is_full

pytestmark = pytest.mark.postgresql


@pytest.fixture
def small() -> Iterator[tuple[Day, Path]]:
    """A day whose tables are on a small disk, and the folder of that."""
    with postgresql.on_small_disk(megabytes=24) as (url, folder):
        day = Day(url=url)
        yield day, folder
        day.close()


async def test_what_a_full_disk_held_up_is_done_when_there_is_room_and_health_says_so_at_once(
    small: tuple[Day, Path],
) -> None:
    day, disk = small
    await day.jump("09:59")
    with is_full(disk):
        with pytest.raises((sa.exc.OperationalError, ExceptionGroup)):  # one for each schedule that needed room
            await day.jump("10:00")
        with pytest.raises(sa.exc.OperationalError, match="No space left on device"):
            await day.provider("The Garage").taps("Arrived")
        assert not day.rows(sa.select(marks))
        day.dsl("Hillcrest").sees_nothing()
        assert not day.rows(sa.select(messages).where(messages.c.kind == "escalation"))
        assert await Health(day.database).look() == {"database": {"problem": "OperationalError"}}
    assert await Health(day.database).look() == {}
    await day.provider("The Garage").taps("Arrived")
    day.dsl("Hillcrest").sees("Not arrived: 2 pupils, Oak Farm")
    day.dsl("Hillcrest").does_not_see("EF56")
