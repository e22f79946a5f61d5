"""Units of work for databases to do, one at a time, many to a commit, or from several threads."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.store.database import Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.tables import schools
from tests.blank import url_in

NOW = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)


class Broken(Exception):
    """What a unit of work fails with here."""


def add(transaction: Transaction, ref: str) -> int:
    """A unit of work that succeeds."""
    transaction.touched.add(f"school:{ref}")
    return transaction.insert(schools, ref=ref, name=f"School {ref}")


def add_and_fail(transaction: Transaction, ref: str) -> int:
    """A unit of work that writes and then fails."""
    add(transaction, ref)
    raise Broken(ref)


def refs(transaction: Transaction) -> list[str]:
    """What stands in the table."""
    return [row.ref for row in transaction.rows(sa.select(schools.c.ref).order_by(schools.c.id))]


def open_in(folder: Path) -> Database:
    """The database in this folder, or of its own on the server, with its tables."""
    database = Database(url_in(folder), VirtualClock(NOW))
    upgrade(database.engine)
    return database


def hold(database: Database) -> tuple[threading.Event, threading.Event, Callable[[Transaction], None]]:
    """A unit of work that stays open until it is let go: so that others queue up behind it."""
    is_open, go_on = threading.Event(), threading.Event()

    def work(transaction: Transaction) -> None:
        add(transaction, "held")
        is_open.set()
        assert go_on.wait(10)

    return is_open, go_on, work


async def together(database: Database, *works: Callable[[Transaction], object]) -> list[object]:
    """Run these in one group commit: they queue up while another is under way. Results and exceptions in order."""
    is_open, go_on, work = hold(database)
    first = asyncio.create_task(database.write(work))
    await asyncio.to_thread(is_open.wait, 10)
    waiting = [asyncio.create_task(database.write(each)) for each in works]
    await asyncio.sleep(0)  # each puts its work into the queue
    go_on.set()
    await first
    return list(await asyncio.gather(*waiting, return_exceptions=True))


def read_then_write(transaction: Transaction, ref: str = "S") -> int:
    """The order in which a transaction that begins too late fails at once when another writes."""
    count = transaction.value(sa.select(sa.func.count()).select_from(schools))
    return transaction.insert(schools, ref=f"{ref}-{count}", name=ref)
