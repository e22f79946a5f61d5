"""Commands at the terminal, on a day whose database and clock they share with the story."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.blank import url_in
from tests.day import Day


@pytest.fixture(name="day")
def terminal_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """The stories' day, in the database that the settings name."""
    url = url_in(tmp_path)
    monkeypatch.setenv("APBOT_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    made = Day(url=url)
    monkeypatch.setattr("apbot.store.connect.SystemClock", lambda: made.clock)
    yield made
    made.close()


def program(command: Any, *name: str) -> Callable[..., Result]:
    """Runs this module's command, or the one of its commands that has this name, with the words that it is given."""
    app = typer.Typer()
    command.add_to(app)
    app.callback()(lambda: None)
    return lambda *words: CliRunner().invoke(app, [*name, *words])
