"""`apbot names-key` on PostgreSQL: switched on, changed, told of, switched off, and what is kept is as it should be."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from apbot.cli import nameskey
from apbot.clock import VirtualClock
from apbot.settings import Settings
from apbot.store.connect import open_database
from apbot.store.database import Database
from apbot.store.namekeys.keyfile import VARIABLE, WrongKey, read_keys
from apbot.store.sealing import seal_due, verify
from apbot.store.tables import pupils
from tests import school
from tests.blank import url_in

pytestmark = pytest.mark.postgresql

CLOCK = VirtualClock(datetime(2026, 9, 17, 9, 0, tzinfo=UTC))
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("APBOT_DATABASE_URL", url_in(tmp_path))
    app = typer.Typer()
    nameskey.add_to(app)
    app.callback()(lambda: None)
    return lambda *words: CliRunner().invoke(app, ["names-key", *words])


def opened() -> Database:
    return open_database(Settings(_env_file=None), CLOCK)  # type: ignore[call-arg]


def kept(database: Database) -> str:
    """The pupils' rows as the server keeps them."""
    return str(database.run(lambda t: t.rows(sa.text("SELECT p::text FROM pupils AS p"))))


def names_in(database: Database) -> set[str]:
    return {row.last_name for row in database.run(lambda t: t.rows(sa.select(pupils.c.last_name)))}


def test_names_are_encrypted_under_one_key_then_another_and_are_plain_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = opened()
    database.run(school.build)
    database.run(seal_due)
    names = names_in(database)
    assert "Silva" in kept(database)
    database.close()

    assert run("make", "--out", "names.key").exit_code == 0
    monkeypatch.setenv(VARIABLE, "names.key")
    done = run("encrypt", "--yes", "--compact")
    assert done.exit_code == 0, done.output
    (first,) = read_keys(Path("names.key"))
    database = opened()
    assert "Silva" not in kept(database)
    assert f"enc1:{first.id}" in kept(database)
    assert names_in(database) == names

    done = run("rotate")
    assert done.exit_code == 0, done.output
    assert f"enc1:{first.id}" not in kept(database)
    database.close()
    status = run("status")
    assert (status.exit_code, "plain" in status.output) == (0, False), status.output

    monkeypatch.delenv(VARIABLE)
    with pytest.raises(WrongKey, match="are encrypted"):
        opened()
    monkeypatch.setenv(VARIABLE, "names.key")
    done = run("decrypt-all", "--yes")
    assert done.exit_code == 0, done.output
    monkeypatch.delenv(VARIABLE)
    database = opened()
    assert "Silva" in kept(database)
    assert names_in(database) == names
    assert database.run(verify).broken is None
    database.close()
