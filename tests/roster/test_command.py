"""`apbot roster` at a terminal and in a pipe."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from apbot.cli import roster
from tests.roster.book import HILL, JOANA, RIGHT, fill, with_rows

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, in an empty folder, on a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("APBOT_DATABASE_URL", "sqlite:///apbot.db")
    app = typer.Typer()
    app.callback()(lambda: None)
    roster.add_to(app)
    return lambda *arguments: CliRunner().invoke(app, ["roster", *map(str, arguments)])


def test_from_the_template_to_the_roster_and_back(run: Run, tmp_path: Path) -> None:
    written = run("template", "roster.xlsx")
    assert written.exit_code == 0
    assert written.stdout == "Wrote roster.xlsx. Fill it in, then: apbot roster import roster.xlsx --dry-run\n"
    fill(tmp_path / "roster.xlsx", RIGHT, examples=True)

    tried = run("import", "roster.xlsx", "--dry-run")
    assert "  + HILL Hillcrest Academy\n" in tried.stdout
    assert "Nothing was changed." in tried.stdout
    assert "Note: Schools: the template's own example in row 2 was passed over." in tried.stderr

    taken = run("import", "roster.xlsx")
    assert taken.exit_code == 0
    assert taken.stdout == (
        "Taken in: 1 school added, 3 people added, 1 provider added, 1 pupil added, 1 placement added, 1 date added.\n"
    )
    assert run("import", "roster.xlsx").stdout == "No difference: nothing was changed.\n"

    for name in ("export.xlsx", "export"):
        given = run("export", name)
        assert given.stdout == f"Wrote {name}: 1 placements, 3 people.\n"
        assert run("import", name).stdout == "No difference: nothing was changed.\n"
    written_now = [each for each in tmp_path.rglob("*") if each.is_file() and each.name != "roster.xlsx"]
    assert {"export.xlsx", "placements.csv", "apbot.db"} <= {each.name for each in written_now}
    assert [each.name for each in written_now if each.stat().st_mode & 0o077] == [], "their owner's alone"


def test_in_a_pipe_each_problem_is_a_plain_line_and_the_end_is_1(run: Run, tmp_path: Path) -> None:
    fill(tmp_path / "roster.xlsx", with_rows(Placements=[{**JOANA, "Monday": "alday", "Starts on": "31/2/26"}]))
    refused = run("import", "roster.xlsx")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.splitlines() == [
        "Placements row 2, Starts on: '31/2/26' is a day that does not exist — write the day as 3/9/2026 or 3 Sep 2026",
        "Placements row 2, Monday: 'alday' is not a part of the day "
        "— write am, pm or all day, with A or B for alternate weeks (A am), or leave it blank",
        "2 problems in the roster; nothing was changed.",
    ]


def test_who_is_not_in_the_file_is_told_after_an_import(run: Run, tmp_path: Path) -> None:
    run("import", fill(tmp_path / "roster.xlsx", RIGHT))
    fill(tmp_path / "roster.xlsx", with_rows(Schools=[{**HILL, "Name": "Hill"}], Placements=[]))
    assert run("import", "roster.xlsx").stdout == (
        "Not in the file, kept as they are (pupils): CD34.\n"
        "Not in the file, kept as they are (placements): CD34-OAK.\n"
        "Taken in: 1 school changed.\n"
    )


@pytest.mark.parametrize("command", ["template", "export"])
def test_a_file_that_is_there_is_not_written_over_unasked(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "roster.xlsx").write_text("a day's work")
    refused = run(command, "roster.xlsx")
    assert refused.exit_code == 1
    assert refused.stderr == "roster.xlsx is there already. Give another name, or --force to replace it.\n"
    assert (tmp_path / "roster.xlsx").read_text() == "a day's work"
    assert run(command, "roster.xlsx", "--force").exit_code == 0
    assert openpyxl.load_workbook(tmp_path / "roster.xlsx").sheetnames[0] == "Notes"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["template", "roster.csv"], "roster.csv is not named as a workbook. Name it roster.xlsx."),
        (["template", "no/such/folder.xlsx"], "can't be written: No such file or directory."),
        (["export", "roster.ods"], "Name it roster.xlsx."),
        (["import", "nothing.xlsx"], "can't be read: No such file or directory"),
        (["import", "terms.ics"], "add --place"),
    ],
)
def test_expected_trouble_is_a_sentence(run: Run, arguments: list[str], said: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.output


def test_a_database_that_can_not_be_opened_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_DATABASE_URL", "sqlite:////no/such/folder/apbot.db")
    refused = run("export", "roster.xlsx")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("The database can't be opened: unable to open database file.")


def test_a_setting_that_can_not_be_used_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_DATABASE_URL", "mysql://here")
    refused = run("export", "roster.xlsx")
    assert refused.exit_code == 2
    assert "APBOT_DATABASE_URL" in refused.stderr


def test_at_a_terminal_one_sees_what_is_being_done_and_the_problems_as_a_table(tmp_path: Path) -> None:
    path = fill(tmp_path / "roster.xlsx", with_rows(Placements=[{**JOANA, "Monday": "[bold]alday"}]))
    shown = _at_a_terminal(tmp_path, "roster", "import", path.name)
    assert " …" in shown, "what is being done, as far as it has come when the terminal is drawn"
    assert "To be mended" in shown
    assert "'[bold]alday'" in shown
    assert "1 problem in the roster; nothing was changed." in shown


def _at_a_terminal(folder: Path, *arguments: str) -> str:
    """What `apbot` shows where its output is a terminal."""
    main, terminal = pty.openpty()
    environment = {
        **os.environ,
        "APBOT_DATABASE_URL": "sqlite:///apbot.db",
        "TERM": "xterm",
        "COLUMNS": "160",
        "PYTHONPATH": str(Path(roster.__file__).parents[2]),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "apbot", *arguments],
        cwd=folder,
        env=environment,
        stdout=terminal,
        stderr=terminal,
        stdin=subprocess.DEVNULL,
    ) as process:
        os.close(terminal)
        shown = b""
        while True:
            try:
                piece = os.read(main, 4096)
            except OSError:  # the terminal is gone: the program has ended
                break
            if not piece:
                break
            shown += piece
        process.wait(timeout=30)
    os.close(main)
    return shown.decode()
