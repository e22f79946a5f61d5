"""A backup goes from either database into the other, on a real PostgreSQL."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.clock import SystemClock
from apbot.store.backup.restoring import GAP
from apbot.store.database import Database
from apbot.store.sealing import verify
from apbot.store.tables import providers
from tests.day import Day
from tests.postgresql import postgresql
from tests.test_backup_command import CHANGED_BY_A_RESTORE, Run, day, held, here, run

__all__ = ["day", "here", "postgresql", "run"]


async def test_into_postgresql_and_back(
    day: Day, here: Path, run: Run, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await day.until("10:30")
    assert run("backup", "--out", "from-sqlite.gz").exit_code == 0
    into = run("restore", "from-sqlite.gz", "--into", postgresql)
    assert into.exit_code == 0, into.output
    again = run("restore", "from-sqlite.gz", "--into", postgresql)
    assert again.exit_code == 1
    assert "There are tables in that database already" in again.output
    monkeypatch.setenv("APBOT_DATABASE_URL", postgresql)
    made = run("backup", "--out", "from-postgresql.gz", "--json")
    assert made.exit_code == 0, made.output
    back = run("restore", "from-postgresql.gz", "--into", f"sqlite:///{here}/back.db")
    assert back.exit_code == 0, back.output
    first, there, last = held(f"sqlite:///{here}/apbot.db"), held(postgresql), held(f"sqlite:///{here}/back.db")
    assert {name for name in first if first[name] != there[name]} <= CHANGED_BY_A_RESTORE
    assert {name for name in first if there[name] != last[name]} <= CHANGED_BY_A_RESTORE
    assert json.loads(made.output)["tables"] == len(there)
    database = Database(postgresql, SystemClock())
    assert database.run(verify).broken is None
    assert database.run(lambda transaction: transaction.insert(providers, ref="NEW", name="New", hours={})) > GAP
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM audit"))
    database.close()


async def test_what_fails_half_way_leaves_nothing(day: Day, run: Run, postgresql: str) -> None:
    assert run("backup", "--out", "kept.gz").exit_code == 0
    database = Database(postgresql, SystemClock())
    with database.engine.begin() as connection:  # so that the last table of all can't be made
        connection.execute(sa.text("CREATE TYPE web_sessions AS ENUM ('x')"))
    failed = run("restore", "kept.gz", "--into", postgresql)
    assert failed.exit_code == 1
    assert "nothing was restored" in failed.output
    with database.engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == []
    database.close()
