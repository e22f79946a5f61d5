"""The database's own trouble: locked, full, read-only, gone. Nothing that was accepted is lost, and nobody is thanked
for what was not recorded."""

import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.disk import is_full, small_disk
from tests.faults.morning import Morning
from tests.processes.running import Nursery, Running

NOTHING_WAS_RECORDED = "That did not work, and nothing was recorded"


async def is_refused_in_sight(morning: Morning, process: Running) -> None:
    """The Garage says that all have arrived, and is told that nothing was recorded."""
    before = len(morning.slack.workspace.told)
    press = morning.press("Gary Stone", "The Garage", "All arrived")
    assert await morning.tells(process, press) == 200
    await morning.until(
        lambda: any(NOTHING_WAS_RECORDED in each for each in morning.slack.workspace.told[before:]), "they are told so"
    )


async def is_recorded(morning: Morning, process: Running) -> None:
    """The Garage says so again, and it is."""
    assert await morning.tells(process, morning.press("Gary Stone", "The Garage", "All arrived")) == 200
    place = morning.slack.shared_by("The Garage")
    await morning.until(lambda: morning.slack.seen_by(place, "All answered. Thank you"), "the register says so")


async def test_a_database_that_is_locked_for_long_refuses_presses_and_sends_alerts_late(morning: Morning) -> None:
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    other = sqlite3.connect(morning.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    morning.wall("09:59:59")
    await is_refused_in_sight(morning, process)  # after the twenty seconds that a backup may take
    await morning.until_unwell(process, "database")
    assert not morning.alerts("Dorothy Okafor", "Oak Farm")
    morning.wall("10:05:00")
    other.execute("ROLLBACK")
    other.close()
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    await morning.until_well(process)
    await is_recorded(morning, process)


@contextmanager
def no_file_may_grow(morning: Morning, process: Running) -> Iterator[None]:
    """The system lets the process write no file beyond where its files end now."""
    end = max(each.stat().st_size for each in morning.file.parent.glob("apbot.db*"))
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    assert end > 4096
    yield
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def the_disk_is_full(morning: Morning, process: Running) -> Iterator[None]:
    """Something else has taken all the room there was."""
    with is_full(morning.file.parent):
        yield


@pytest.fixture
async def small(tmp_path: Path, nursery: Nursery) -> AsyncIterator[Morning]:
    """A morning whose database is on a small disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, megabytes=4):
        one = Morning(tmp_path, nursery, url=f"sqlite:///{disk}/apbot.db")
        one.file = disk / "apbot.db"
        await one.begin()
        yield one
        await one.end()


async def is_unwell_until_it_is_over(
    morning: Morning, trouble: Callable[[Morning, Running], "contextmanager[None]"]
) -> None:
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    with trouble(morning, process):
        await is_refused_in_sight(morning, process)
        assert not morning.slack.seen_by(morning.slack.shared_by("The Garage"), "All answered")
        await morning.until_unwell(process, "database")
        morning.wall("10:05:00")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    await morning.until_well(process)
    await is_recorded(morning, process)


async def test_a_full_disk_refuses_presses_and_is_said(small: Morning) -> None:
    await is_unwell_until_it_is_over(small, the_disk_is_full)


async def test_a_file_that_may_not_grow_refuses_presses_and_is_said(morning: Morning) -> None:
    await is_unwell_until_it_is_over(morning, no_file_may_grow)


@contextmanager
def the_file_is_moved_away(morning: Morning, process: Running) -> Iterator[None]:
    """By somebody who tidies up; and put back."""
    elsewhere = morning.folder / "elsewhere"
    elsewhere.mkdir()
    moved = list(morning.file.parent.glob("apbot.db*"))
    for each in moved:
        each.rename(elsewhere / each.name)
    yield
    for each in moved:
        (elsewhere / each.name).rename(each)


async def test_a_file_that_is_moved_away_refuses_presses_until_it_is_back(morning: Morning) -> None:
    await is_unwell_until_it_is_over(morning, the_file_is_moved_away)


async def test_a_file_that_was_replaced_by_another_is_not_written_to_until_apbot_is_started_anew(
    morning: Morning,
) -> None:
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    kept = sqlite3.connect(morning.file)
    kept.execute("VACUUM INTO ?", (str(morning.folder / "copy.db"),))
    kept.close()
    for each in list(morning.file.parent.glob("apbot.db*")):
        each.unlink()
    (morning.folder / "copy.db").rename(morning.file)
    press = morning.press("Gary Stone", "The Garage", "All arrived")
    assert await morning.tells(process, press) == 200
    await morning.until(lambda: NOTHING_WAS_RECORDED in morning.slack.workspace.told[-1], "they are told so")
    await morning.until_unwell(process, "database")
    process.kill()
    again = await morning.start()
    await is_recorded(morning, again)
    await morning.until_well(again)
