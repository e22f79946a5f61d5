"""The memory of a process over a simulated term: it must not grow with the days that have gone by."""

import asyncio
import gc
import os
import sqlite3
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from apbot.simulator.run import rehearse
from apbot.simulator.world import invent
from benchmarks.engines import SQLite
from benchmarks.measure import Figure

FIRST, LAST = date(2026, 9, 1), date(2026, 12, 18)
PLACEMENTS = 100
SETTLED_IN = date(2026, 9, 21)
"""By then every kind of thing has happened once, and what is kept in memory for good is there."""


def run(folder: Path) -> list[Figure]:
    """The resident memory at the term's end, beside that after three weeks."""
    held: dict[date, float] = {}

    def look(day: date) -> None:
        gc.collect()
        held[day] = _resident()

    @sa.event.listens_for(sa.Engine, "engine_connect")
    def _keep_little(connection: sa.Connection) -> None:
        # SQLite's own cache grows to its limit, 32 MB, with the file: it would hide what grows without one.
        driver = connection.connection.dbapi_connection
        if isinstance(driver, sqlite3.Connection):
            driver.execute("PRAGMA cache_size=-2000")

    records = invent(PLACEMENTS, FIRST, LAST, seed=1)
    url = SQLite(folder).url("memory")
    report = asyncio.run(rehearse(records, FIRST, LAST, seed=1, progress=look, database_url=url))
    settled, end = held[SETTLED_IN], held[max(held)]
    sa.event.remove(sa.Engine, "engine_connect", _keep_little)
    what = f"memory at the end of a term of {PLACEMENTS} placements ({report.sessions_expected:,} sessions)"
    return [Figure(what, end, "MB", settled, "after three weeks", "within 1.1 times", end <= settled * 1.1)]


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
