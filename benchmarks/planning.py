"""Planning the duties of a day, beside inserting the same rows with nothing but the driver; and reminding of them."""

from datetime import time, timedelta
from pathlib import Path

import sqlalchemy as sa

from apbot.domain.walltime import instant
from apbot.schedules.tick import schedules
from apbot.schedules.turns import decide_next
from apbot.settings import Settings
from apbot.store.database import Transaction
from apbot.store.duties.planning import plan_day
from apbot.store.tables import addresses, duties, mentions, people
from benchmarks.engines import SQLite
from benchmarks.measure import Figure, seconds
from benchmarks.worlds import DAY, with_roster

SIZES = (1_000, 10_000)


def run(folder: Path) -> list[Figure]:
    """The first planning of a roster, planning it again, the next day, and the lists of a Friday."""
    return [figure for size in SIZES for figure in _of(folder, size)]


def _of(folder: Path, size: int) -> list[Figure]:
    engine = SQLite(folder)
    database, clock = with_roster(engine, f"planning{size}", size, time(5))
    database.run(_sign_in)
    first = seconds(lambda: database.run(plan_day, DAY))
    rows = [tuple(row) for row in database.run(lambda transaction: transaction.rows(sa.select(duties)))]
    again = seconds(lambda: database.run(plan_day, DAY))
    friday = DAY + timedelta(days=1)
    clock.set(instant(friday, time(5)))
    following = seconds(lambda: database.run(plan_day, friday))
    clock.set(instant(friday, time(8, 15)))
    reminding = seconds(lambda: database.run(_remind))
    told = database.run(lambda transaction: transaction.value(sa.select(sa.func.count()).select_from(mentions)))
    database.close()
    floor = seconds(lambda: engine.insert_bare(f"floor{size}", rows))
    floor_is = "sqlite3 inserting the same rows"
    thousands = size / 1_000
    return [
        Figure(
            f"planning a day for {size:,} placements ({len(rows):,} duties), for each 1,000",
            first / thousands,
            "s",
            floor / thousands,
            floor_is,
            aim="under 1 s",
            met=first / thousands < 1,
        ),
        Figure("... again, nothing changed", again / thousands, "s", floor / thousands, floor_is),
        Figure("... the next day", following / thousands, "s", floor / thousands, floor_is),
        Figure(f"... and the lists of that day ({told:,} things on them)", reminding / thousands, "s"),
    ]


def _sign_in(transaction: Transaction) -> None:
    everybody = [row.id for row in transaction.rows(sa.select(people.c.id))]
    rows = [{"person_id": each, "channel": "web", "address": f"person:{each}"} for each in everybody]
    transaction.insert_new(addresses, rows)


def _remind(transaction: Transaction) -> None:
    (reminding,) = (each for each in schedules(Settings()) if each.due is duties.c.next_at)
    while decide_next(transaction, reminding, reminding.most):
        pass
