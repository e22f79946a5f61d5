"""Threads that begin together, and connections that are lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from apbot.store.database import Transaction


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do these in threads of their own, which begin together; what each gave."""
    begin = threading.Barrier(len(works))

    def do(work: Callable[[], Any]) -> Any:
        begin.wait(10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [job.result(60) for job in [pool.submit(do, work) for work in works]]


def cut(transaction: Transaction) -> None:
    """The connection is lost, as when the server is stopped."""
    transaction.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))


def end(transaction: Transaction, which: str) -> int:
    """End others' connections to this database; how many."""
    here = "FROM pg_stat_activity WHERE datname = current_database()"
    return len(transaction.rows(sa.text(f"SELECT pg_terminate_backend(pid) {here} AND {which}")))
