"""What is told to end ends, also when something else happens at the same moment."""

import asyncio
from datetime import UTC, datetime

from apbot.channels.web import WebChat
from apbot.clock import VirtualClock
from apbot.delivery import Lane
from apbot.handlers.dispatch import handle
from tests.blank import blank


async def test_a_lane_that_is_woken_as_it_is_told_to_end_ends() -> None:
    database = blank(VirtualClock(datetime(2026, 9, 17, 9, 0, tzinfo=UTC)))
    lane = Lane(database, WebChat(database, handle), {})
    running = asyncio.create_task(lane.run(60))
    for _ in range(5):
        await asyncio.sleep(0)
    lane.waking.set()
    running.cancel()
    _, pending = await asyncio.wait({running}, timeout=2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not pending
    database.close()
