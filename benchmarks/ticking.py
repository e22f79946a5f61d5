"""A tick with 100 rows due, among 1,000 kept and among 1,000,000: it must cost what is due, not what is kept."""

import asyncio
from datetime import time, timedelta
from pathlib import Path

import sqlalchemy as sa

from apbot.app import ChatApp
from apbot.logs import configure
from apbot.store.database import Database, Transaction
from apbot.store.opening import open_day
from apbot.store.tables import entries, placements, registers
from benchmarks.engines import Engine, both
from benchmarks.measure import Figure, seconds
from benchmarks.worlds import DAY, settings, with_roster

DUE = 100
PLACEMENTS = 700  # that many have 100 registers a day, and about 1,000 entries
KEPT = (1_000, 1_000_000)
ROUNDS = 15


def run(folder: Path) -> list[Figure]:
    """On either database."""
    configure("CRITICAL")  # nobody in the invented roster has an address yet, which is logged as an error
    with both(folder) as engines:
        return [_of(engine) for engine in engines]


def _of(engine: Engine) -> Figure:
    """The median tick at each size, measured in turns so that a noisy machine is noisy for both."""
    sides = [_prepare(engine, kept) for kept in KEPT]
    times: list[list[float]] = [[] for _ in sides]
    for number in range(ROUNDS):
        # Each side goes first in every other round: what runs after the other finds warmer caches.
        for (app, ids), taken in list(zip(sides, times, strict=True))[:: (-1) ** number]:
            app.database.run(_fall_due, ids)
            taken.append(seconds(lambda app=app: asyncio.run(app.decide())))  # type: ignore[misc]
    small, large = (sorted(each)[len(each) // 2] for each in times)
    for app, _ in sides:
        app.database.close()
    return Figure(
        f"{engine.kind}: a tick with {DUE} due among {KEPT[1]:,} kept",
        large * 1000,
        "ms",
        small * 1000,
        f"among {KEPT[0]:,} kept",
        "within 1.2 times",
        large <= small * 1.2,
    )


def _prepare(engine: Engine, kept: int) -> tuple[ChatApp, list[int]]:
    database, clock = with_roster(engine, f"kept-{kept}", PLACEMENTS, time(5))
    database.run(open_day, DAY)
    database.run(_keep, kept)
    engine.settle(f"kept-{kept}")
    clock.forward(timedelta(hours=4, minutes=40))
    app = ChatApp(settings(engine, f"kept-{kept}"), _inline(database, engine.url(f"kept-{kept}")))
    ids = [
        row.id for row in database.run(lambda t: t.rows(sa.select(registers.c.id).order_by(registers.c.id).limit(DUE)))
    ]
    if len(ids) < DUE:
        raise RuntimeError(f"there are {len(ids)} registers, too few for {DUE} to be due")
    asyncio.run(app.tick())
    return app, ids


def _inline(database: Database, url: str) -> Database:
    database.close()
    return Database(url, database.clock, inline=True)


def _keep(transaction: Transaction, count: int) -> None:
    """Fill up with registers and entries of sessions gone by, marked and their codes decided: never due again."""
    register = dict(transaction.rows(sa.select(registers).limit(1))[0]._mapping)
    entry = dict(transaction.rows(sa.select(entries).limit(1))[0]._mapping)
    del entry["id"]
    placement_ids = [row.id for row in transaction.rows(sa.select(placements.c.id))]
    there = transaction.value(sa.select(sa.func.count()).select_from(entries))
    for back in range(1, max(0, count - there) // len(placement_ids) + 1):
        gone_by = {
            **register,
            "id": 1_000_000 + back,
            "day": register["day"] - timedelta(days=back),
            "starts_at": register["starts_at"] - timedelta(days=back),
            "ends_at": register["ends_at"] - timedelta(days=back),
            "next_at": None,
        }
        transaction.execute(sa.insert(registers), [gone_by])
        transaction.execute(
            sa.insert(entries),
            [
                {
                    **entry,
                    "register_id": gone_by["id"],
                    "starts_at": gone_by["starts_at"],
                    "ends_at": gone_by["ends_at"],
                    "placement_id": each,
                    "alert_at": None,
                    "fact": "arrived",
                    "fact_at": gone_by["starts_at"],
                    "marked_at": gone_by["starts_at"],
                    "suggested_code": "B",
                    "code": "B",
                    "code_at": gone_by["ends_at"],
                }
                for each in placement_ids
            ],
        )


def _fall_due(transaction: Transaction, ids: list[int]) -> None:
    transaction.execute(sa.update(registers).where(registers.c.id.in_(ids)).values(next_at=transaction.now, step=1))
