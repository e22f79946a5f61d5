"""One statement of a tap, run as prepared, beside the driver's own cursor; and the same through SQLAlchemy. A hundred
rows to PostgreSQL in one statement, beside the driver's way for many.
"""

import itertools
from datetime import time
from pathlib import Path

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import events
from benchmarks.engines import SQLite, postgresql
from benchmarks.measure import Figure, median
from benchmarks.worlds import with_roster

RUNS = 2_000
ROUNDS = 7
MANY = 100

STATEMENT = sa.select(events.c.id, events.c.at).where(
    events.c.channel == sa.bindparam("channel"), events.c.event_id == sa.bindparam("event_id")
)


def run(folder: Path) -> list[Figure]:
    """Medians of some thousand runs each."""
    database, _ = with_roster(SQLite(folder), "statements", 100, time(5))
    prepared, ordinary, floor = database.run(_measure)
    database.close()
    with postgresql(folder) as engine:
        database, _ = with_roster(engine, "statements", 100, time(5))
        together, apart = database.run(_measure_many)
        database.close()
    return [
        Figure(f"PostgreSQL: {MANY} new rows in one statement", together, "ms", apart, "psycopg's executemany"),
        Figure("one prepared statement", prepared, "µs", floor, "sqlite3's own cursor"),
        Figure("the same through SQLAlchemy", ordinary, "µs", floor, "sqlite3's own cursor"),
    ]


def _measure_many(transaction: Transaction) -> tuple[float, float]:
    names = itertools.count()
    sql = "INSERT INTO events (channel, event_id, at, reply) VALUES (%s, %s, %s, '{}')"
    cursor = transaction.connection.connection.cursor()

    def together() -> None:
        rows = [
            {"channel": "web", "event_id": str(next(names)), "at": transaction.now, "reply": {}} for _ in range(MANY)
        ]
        transaction.insert_new(events, rows)

    def apart() -> None:
        cursor.executemany(sql, [("web", str(next(names)), transaction.now) for _ in range(MANY)])

    one, other = (median(lambda way=way: [way() for _ in range(50)], ROUNDS) / 50 * 1e3 for way in (together, apart))  # type: ignore[misc]
    return one, other


def _measure(transaction: Transaction) -> tuple[float, float, float]:
    transaction.insert(events, channel="web", event_id="1", at=transaction.now, reply={})
    prepared = Prepared(STATEMENT)
    sql = "SELECT id, at FROM events WHERE channel = ? AND event_id = ?"
    cursor = transaction.connection.connection.cursor()
    ways = (
        lambda: transaction.row(prepared, channel="web", event_id="1"),
        lambda: transaction.row(STATEMENT, channel="web", event_id="1"),
        lambda: cursor.execute(sql, ("web", "1")).fetchone(),
    )
    taken = [median(lambda way=way: [way() for _ in range(RUNS)], ROUNDS) / RUNS * 1e6 for way in ways]  # type: ignore[misc]
    return taken[0], taken[1], taken[2]
