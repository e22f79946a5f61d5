"""A tick with 100 rows due, among 1,000 kept and among 1,000,000: it must cost what is due, not what is kept."""

import asyncio
from datetime import time, timedelta
from pathlib import Path

import sqlalchemy as sa

from apbot.app import ChatApp
from apbot.store.database import Database, Transaction
from apbot.store.opening import open_day
from apbot.store.tables import entries, placements, registers
from benchmarks.measure import Figure, seconds
from benchmarks.worlds import DAY, settings, with_roster

DUE = 100
KEPT = (1_000, 1_000_000)
ROUNDS = 15


def run(folder: Path) -> list[Figure]:
    """The median tick at each size, measured in turns so that a noisy machine is noisy for both."""
    sides = [_prepare(folder, kept) for kept in KEPT]
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(ROUNDS):
        for (app, ids), taken in zip(sides, times, strict=True):
            app.database.run(_fall_due, ids)
            taken.append(seconds(lambda app=app: asyncio.run(app.decide())))  # type: ignore[misc]
    small, large = (sorted(each)[len(each) // 2] for each in times)
    for app, _ in sides:
        app.database.close()
    return [
        Figure(
            f"a tick with {DUE} due among {KEPT[1]:,} kept",
            large * 1000,
            "ms",
            small * 1000,
            f"among {KEPT[0]:,} kept",
            "within 1.2 times",
            large <= small * 1.2,
        )
    ]


def _prepare(folder: Path, kept: int) -> tuple[ChatApp, list[int]]:
    database, clock = with_roster(folder, f"kept-{kept}", 400, time(5))
    database.run(open_day, DAY)
    database.run(_keep, kept)
    clock.forward(timedelta(hours=4, minutes=40))
    app = ChatApp(settings(folder, f"kept-{kept}"), _inline(database))
    ids = [
        row.id for row in database.run(lambda t: t.rows(sa.select(registers.c.id).order_by(registers.c.id).limit(DUE)))
    ]
    asyncio.run(app.tick())
    return app, ids


def _inline(database: Database) -> Database:
    database.engine.dispose()
    return Database(str(database.engine.url), database.clock, inline=True)


def _keep(transaction: Transaction, count: int) -> None:
    """Fill up with registers and entries of sessions gone by: kept, and never due again."""
    register = dict(transaction.rows(sa.select(registers).limit(1))[0]._mapping)
    entry = dict(transaction.rows(sa.select(entries).limit(1))[0]._mapping)
    placement_ids = [row.id for row in transaction.rows(sa.select(placements.c.id))]
    there = transaction.value(sa.select(sa.func.count()).select_from(entries))
    for back in range(1, max(0, count - there) // len(placement_ids) + 1):
        gone_by = {**register, "id": 1_000_000 + back, "day": register["day"] - timedelta(days=back), "next_at": None}
        transaction.execute(sa.insert(registers), [gone_by])
        transaction.execute(
            sa.insert(entries),
            [
                {
                    **entry,
                    "id": None,
                    "register_id": gone_by["id"],
                    "placement_id": each,
                    "alert_at": None,
                    "fact": "arrived",
                }
                for each in placement_ids
            ],
        )


def _fall_due(transaction: Transaction, ids: list[int]) -> None:
    transaction.execute(sa.update(registers).where(registers.c.id.in_(ids)).values(next_at=transaction.now, step=1))
