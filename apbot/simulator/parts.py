"""A long rehearsal in parts of at most half a year, side by side, each with a database of its own."""

import asyncio
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from datetime import date, timedelta
from itertools import pairwise
from multiprocessing.queues import SimpleQueue

from apbot.roster.records import Records
from apbot.simulator.run import Progress, Report, rehearse, together

LONGEST = timedelta(weeks=26)
"""Long enough for everything that looks back over weeks; short enough that two cores share a year."""

_days: "SimpleQueue[date] | None" = None
"""In a part's process: where it says which day it has come to."""


def parts_of(first: date, last: date) -> Sequence[tuple[date, date]]:
    """The spans of equal length that the days from `first` to `last`, both included, are rehearsed in.

    They do not depend on the machine, so that the same seed gives the same days again anywhere.
    """
    days = (last - first).days + 1
    count = -(-days // LONGEST.days)
    cuts = [first + timedelta(days=days * number // count) for number in range(count + 1)]
    return [(start, end - timedelta(days=1)) for start, end in pairwise(cuts)]


def rehearse_parts(
    records: Records, first: date, last: date, *, seed: int, progress: Progress = lambda _: None
) -> Report:
    """Rehearse each part, as many at once as there are cores, and add up what came of them.

    `progress` is told each day that some part has come to.
    """
    parts = parts_of(first, last)
    if len(parts) == 1:
        return asyncio.run(rehearse(records, first, last, seed=seed, progress=progress))
    fresh = multiprocessing.get_context("spawn")  # nothing of this process is carried over, on any system
    days: SimpleQueue[date] = fresh.SimpleQueue()
    workers = min(len(parts), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, fresh, initializer=_begin, initargs=(days,)) as pool:
        running = [
            pool.submit(_rehearse_part, records, start, end, seed + number) for number, (start, end) in enumerate(parts)
        ]
        unfinished = set(running)
        while unfinished:
            _, unfinished = wait(unfinished, timeout=0.2)
            while not days.empty():
                progress(days.get())
        return together([each.result() for each in running], seed)


def _begin(days: "SimpleQueue[date]") -> None:
    global _days
    _days = days


def _rehearse_part(records: Records, first: date, last: date, seed: int) -> Report:
    assert _days is not None  # noqa: S101  (the process began with it)
    return asyncio.run(rehearse(records, first, last, seed=seed, progress=_days.put))
