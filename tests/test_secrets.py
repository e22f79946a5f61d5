"""Secrets are in nothing that is printed: not where the database is not there, not in a picture of the settings."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError

from apbot.channels.registry import PLATFORMS
from apbot.cli.trouble import database_or_exit
from apbot.settings import Settings

ROOT = Path(__file__).parents[1]
SECRET = "geheim7"
URL = f"postgresql+psycopg://apbot:{SECRET}@127.0.0.1:1/apbot"
SECRETS = ("token", "secret", "password", "key")


def said(folder: Path, command: Sequence[str], **environment: str) -> str:
    """What a command prints that can't reach its database."""
    done = subprocess.run(
        [sys.executable, "-m", "apbot", *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", [["run"], ["check"], ["link", "SAM"], ["key", "list"]], ids=" ".join)
def test_a_database_that_is_not_there_is_said_in_a_sentence_without_its_password(
    tmp_path: Path, command: list[str]
) -> None:
    words = said(tmp_path, command, APBOT_DATABASE_URL=URL, APBOT_PUBLIC_URL="http://127.0.0.1", APBOT_PORT="0")
    assert "The database can't be opened: " in words
    assert SECRET not in words
    assert "Traceback" not in words


def test_a_row_that_the_database_refused_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """PostgreSQL adds the whole row, with the pupil's name in it."""
    driver = Exception('null value in column "ref"\nDETAIL:  Failing row contains (1, null, Joana, da Silva).')
    with pytest.raises(typer.Exit), database_or_exit(Settings(database_url=f"sqlite:///{tmp_path / 'a.db'}")):
        raise IntegrityError("INSERT INTO pupils VALUES (?)", {"first_name": "Joana"}, driver)
    shown = capsys.readouterr().err
    assert 'null value in column "ref"' in shown
    assert "Joana" not in shown


def test_no_picture_of_the_settings_holds_a_secret() -> None:
    assert SECRET not in repr(Settings(database_url=URL))
    for name in PLATFORMS:
        kind = import_module(f"apbot.channels.{name}.settings").Settings
        for field, about in kind.model_fields.items():
            if field.rpartition("_")[2] in SECRETS:
                assert about.annotation is SecretStr or not about.repr, f"{name}: {field}"


def test_no_command_takes_a_secret_as_an_argument() -> None:
    """Everybody on the machine sees the arguments of a process."""
    option = re.compile(rf'"--(?:[a-z-]+-)?(?:{"|".join(SECRETS)})"')
    for path in (ROOT / "apbot" / "cli").rglob("*.py"):
        assert not option.search(path.read_text(encoding="utf-8")), path.name
