"""Another program holds the SQLite file: a backup, an import, somebody who looks into it."""

import sqlite3
import threading
from pathlib import Path

import pytest

from apbot.clock import VirtualClock
from apbot.store.database import Database, Transaction
from apbot.store.engines import LOCKED_AT_MOST
from apbot.store.migrate import upgrade
from apbot.store.tables import schools
from tests.post import NOW

pytestmark = pytest.mark.sqlite


def add(transaction: Transaction) -> int:
    return transaction.insert(schools, ref="HILL", name="Hillcrest")


def test_what_somebody_did_waits_until_the_file_is_free(tmp_path: Path) -> None:
    path = tmp_path / "apbot.db"
    database = Database(f"sqlite:///{path}", VirtualClock(NOW))
    upgrade(database.engine)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    begins = threading.Timer(0.1, other.execute, ["ROLLBACK"])
    begins.start()
    try:
        assert database.run(add) > 0
    finally:
        begins.join()
        other.close()
        database.close()


def test_it_waits_for_longer_than_a_backup_takes_and_not_for_ever(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'apbot.db'}", VirtualClock(NOW))
    try:
        waits = database.run(lambda t: t.connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())
    finally:
        database.close()
    assert waits == pytest.approx(LOCKED_AT_MOST * 1000)
    assert 15 <= LOCKED_AT_MOST <= 30
