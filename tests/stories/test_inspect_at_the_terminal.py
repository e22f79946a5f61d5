"""`apbot inspect`: the same from the machine itself."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import Result

from apbot.cli import inspect as command
from tests import history
from tests.day import Day
from tests.stories.test_inspect import CODES
from tests.terminal import program, terminal_day  # noqa: F401  (a fixture)

Run = Callable[..., Result]


@pytest.fixture
async def run(day: Day) -> Run:
    """Runs the command at nine, with the registers since the term began."""
    day.database.run(history.put, day.ids, date(2026, 9, 2), {"CD34": CODES})
    await day.until("09:00")
    return program(command, "inspect")


def test_in_short_it_names_nobody(run: Run) -> None:
    answer = run("CD34")
    assert answer.exit_code == 0
    assert "what an inspector would ask" in answer.output
    assert "Silva" not in answer.output


def test_whole_it_is_a_file_that_only_its_owner_can_read(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "pack.pdf"
    assert run("CD34", "--pdf", str(file)).exit_code == 0
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(file.read_bytes())).pages)
    assert "Placement pack: CD34 Joana da Silva" in text
    assert "50% (10 of 20)" in text
    assert file.stat().st_mode & 0o077 == 0
    again = run("CD34", "--pdf", str(file))
    assert again.exit_code != 0
    assert "is there already" in again.output
    assert run("CD34", "--pdf", str(file), "--force").exit_code == 0


def test_what_can_not_be_written_or_is_unknown_ends_with_a_sentence(run: Run, tmp_path: Path) -> None:
    nowhere = run("CD34", "--pdf", str(tmp_path / "no" / "pack.pdf"))
    assert nowhere.exit_code == 1
    assert "can't be written" in nowhere.output
    assert run("ZZ99").exit_code == 1
