"""kill -9 on PostgreSQL too: a few of the points, where only the database knows what became of a commit.

With `APBOT_FAULT_ROUNDS` all of them are, and kills at any moment.
"""

import pytest

from tests.faults import test_killed as killed
from tests.faults.morning import Morning

pytestmark = pytest.mark.postgresql


@pytest.mark.parametrize("point", ["decided", "claimed", "settling"])
async def test_an_alert_goes_out_wherever_its_process_is_killed(morning: Morning, point: str) -> None:
    await killed.test_an_alert_goes_out_wherever_its_process_is_killed(morning, point)


@pytest.mark.parametrize("point", ["done"])
async def test_others_see_who_acknowledged_wherever_the_process_is_killed(morning: Morning, point: str) -> None:
    await killed.test_others_see_who_acknowledged_wherever_the_process_is_killed(morning, point)
