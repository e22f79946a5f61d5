"""Several processes on one database: started together, and taking over from each other."""

import asyncio
import contextlib
import signal
import sqlite3
from pathlib import Path

from sqlalchemy import make_url

from tests.faults.morning import Morning
from tests.faults.together import all_come_up, everybody_is_told_once
from tests.processes.running import Running


async def test_processes_that_are_first_started_together_all_come_up(bare: Morning) -> None:
    together = [bare.launch() for _ in range(4)]
    await all_come_up(bare, together)
    for each in together:
        each.send(signal.SIGTERM)
        assert await each.end() == 0, each.said
        assert not any("Traceback" in line or '"error"' in line for line in each.said), each.said


async def test_processes_that_run_together_tell_everybody_once(morning: Morning) -> None:
    await everybody_is_told_once(morning, [morning.launch() for _ in range(3)])


def _stand_still(morning: Morning, process: Running) -> None:
    """Stop it where it writes nothing: nobody else could write for as long as it stands still, were it amid that."""
    while True:
        process.send(signal.SIGSTOP)
        while not _stands_still(process):
            pass  # each thread goes on until the signal gets to it, and may begin to write meanwhile
        with contextlib.closing(sqlite3.connect(make_url(morning.url).database or "", timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError:
                process.send(signal.SIGCONT)


def _stands_still(process: Running) -> bool:
    threads = Path(f"/proc/{process.pid}/task").glob("*/stat")
    return all(each.read_text().rpartition(")")[2].split()[0] == "T" for each in threads)


async def test_one_that_was_stopped_past_its_lease_overwrites_nothing_when_it_goes_on(morning: Morning) -> None:
    first = await morning.start(points=True)
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.slack.workspace.trap("done", lambda _: _stand_still(morning, first), words="Marsh Lane · alert")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.alerts("Zainab Malik", "Oak Farm"), "an alert")
    reached = list(morning.points.reached)
    morning.wall("10:02:00")
    second = await morning.start()
    await morning.until(lambda: len(morning.alerts("Zainab Malik", "Oak Farm")) == 2 and morning.is_settled, "repeats")
    kept = morning.outbox()
    first.send(signal.SIGCONT)
    await morning.until(
        lambda: any(point == "settled" for point, _ in morning.points.reached[len(reached) :]), "the first goes on"
    )
    assert morning.outbox() == kept
    morning.holds()
    second.send(signal.SIGTERM)
    first.send(signal.SIGTERM)
    assert await asyncio.gather(first.end(), second.end()) == [0, 0]
