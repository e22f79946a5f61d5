"""Opening a day for 10,000 placements, beside inserting the same rows with nothing but the driver."""

from datetime import time
from pathlib import Path

import sqlalchemy as sa

from apbot.store.opening import open_day
from apbot.store.tables import entries
from benchmarks.measure import Figure, insert_bare, seconds
from benchmarks.worlds import DAY, with_roster

PLACEMENTS = 10_000


def run(folder: Path) -> list[Figure]:
    """The first opening, and opening it again with nothing changed."""
    database, _ = with_roster(folder, "opening", PLACEMENTS, time(5))
    first = seconds(lambda: database.run(open_day, DAY))
    again = seconds(lambda: database.run(open_day, DAY))
    rows = [tuple(row) for row in database.run(lambda transaction: transaction.rows(sa.select(entries)))]
    database.close()
    floor = seconds(lambda: insert_bare(folder / "floor.db", rows))
    made = f"{len(rows):,} entries"
    return [
        Figure(
            f"opening a day for {PLACEMENTS:,} placements ({made})",
            first,
            "s",
            floor,
            "sqlite3 inserting the same rows",
        ),
        Figure("opening it again, nothing changed", again, "s", floor, "sqlite3 inserting the same rows"),
    ]
