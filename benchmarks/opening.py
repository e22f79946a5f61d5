"""Opening a day for 10,000 and 100,000 placements, beside inserting the same rows with nothing but the driver."""

from datetime import time
from pathlib import Path

import sqlalchemy as sa

from apbot.store.opening import open_day
from apbot.store.tables import entries
from benchmarks.engines import Engine, both
from benchmarks.measure import Figure, seconds
from benchmarks.worlds import DAY, with_roster

SIZES = (10_000, 100_000)


def run(folder: Path) -> list[Figure]:
    """On either database, the first opening, and opening it again with nothing changed."""
    with both(folder) as engines:
        return [figure for engine in engines for size in SIZES for figure in _of(engine, size)]


def _of(engine: Engine, size: int) -> list[Figure]:
    database, _ = with_roster(engine, f"opening{size}", size, time(5))
    first = seconds(lambda: database.run(open_day, DAY))
    again = seconds(lambda: database.run(open_day, DAY))
    rows = [tuple(row) for row in database.run(lambda transaction: transaction.rows(sa.select(entries)))]
    database.close()
    floor = seconds(lambda: engine.insert_bare(f"floor{size}", rows))
    what = f"{engine.kind}: opening a day for {size:,} placements ({len(rows):,} entries)"
    return [
        Figure(what, first, "s", floor, "the driver inserting the same rows"),
        Figure("... again, nothing changed", again, "s", floor, "the driver inserting the same rows"),
    ]
