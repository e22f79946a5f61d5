"""`apbot audit`, run as people run it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import Result

from apbot.cli import audit as command
from apbot.domain.access import TERMINAL, Actor
from apbot.store import sealing
from apbot.store.audit import note_all
from apbot.store.people import load_actor
from apbot.store.reads import note_read
from apbot.store.sealing import seal_due
from apbot.store.tables import audit
from tests.day import Day
from tests.terminal import program, terminal_day  # noqa: F401  (a fixture)

Run = Callable[..., Result]


@pytest.fixture
def run(day: Day) -> Run:
    return program(command, "audit")


def tamper(day: Day, statement: str) -> None:
    """As somebody does who owns the database."""
    on = " ON audit" if day.database.engine.name == "postgresql" else ""
    for each in (f"DROP TRIGGER audit_is_kept{on}", f"DROP TRIGGER audit_is_not_shortened{on}", statement):
        day.database.run(lambda t, each=each: t.execute(sa.text(each)))


def _actor(day: Day, name: str) -> Actor:
    found = day.database.run(load_actor, day.ids[name], "web")
    assert found is not None
    return found


def a_few(day: Day) -> None:
    day.database.run(note_all, TERMINAL, "marked", [(f"entry:{n}", {"fact": "arrived"}) for n in range(20)])
    day.database.run(seal_due)


def test_a_whole_log_ends_with_nought(day: Day, run: Run) -> None:
    a_few(day)
    ran = run("verify")
    assert ran.exit_code == 0
    assert ran.output.startswith("Whole: 20 entries are what was written, up to 20:")
    assert "Give a head that was kept elsewhere" in ran.output
    told = json.loads(run("verify", "--json").output)
    assert (told["whole"], told["checked"], told["broken"]) == (True, 20, None)


def test_while_it_is_verified_nobody_has_to_wait_with_writing(
    day: Day, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_few(day)
    verify = sealing.verify

    def meanwhile(*given: Any) -> sealing.Verified:
        day.database.run(note_all, TERMINAL, "marked", [("entry:21", {})])
        return verify(*given)

    monkeypatch.setattr(sealing, "verify", meanwhile)
    assert run("verify").exit_code == 0
    assert day.rows(sa.select(audit).where(audit.c.subject == "entry:21"))


def test_a_log_that_was_tampered_with_ends_with_one_and_names_the_entry(day: Day, run: Run) -> None:
    a_few(day)
    tamper(day, "UPDATE audit SET subject = 'entry:99' WHERE number = 7")
    ran = run("verify")
    assert ran.exit_code == 1
    assert "BROKEN. Entry 7 (17/09/2026 04:00:00): it was changed" in ran.output
    assert "The 6 entries before it are what was written." in ran.output
    told = json.loads(run("verify", "--json").output)
    assert (told["whole"], told["broken"]["number"]) == (False, 7)


def test_a_head_kept_elsewhere_holds_or_does_not(day: Day, run: Run) -> None:
    a_few(day)
    head = run("head").output.strip()
    assert run("verify", "--head", head).exit_code == 0
    assert json.loads(run("head", "--json").output)["number"] == int(head.split(":")[0])
    tamper(day, "DELETE FROM audit WHERE number > 15")
    assert run("verify").exit_code == 0
    ran = run("verify", "--head", head)
    assert ran.exit_code == 1
    assert "older copy" in ran.output


def test_a_head_is_of_everything_written_so_far(day: Day, run: Run) -> None:
    day.database.run(note_all, TERMINAL, "marked", [("entry:1", {})])
    assert run("head").output.startswith("1:")


def test_an_apbot_that_stands_still_is_told_of(day: Day, run: Run) -> None:
    day.database.run(note_all, TERMINAL, "marked", [("entry:1", {})])
    assert "1 entry is not sealed yet, which is as it should be" in run("verify").output
    day.clock.set(day.clock.now().replace(hour=12))
    assert "is apbot running?" in run("verify").output


@pytest.mark.parametrize("head", ["x", "1:2", "🦉", "1:" + "z" * 64, "9" * 400])
def test_garbage_for_a_head_is_said(day: Day, run: Run, head: str) -> None:
    ran = run("verify", "--head", head)
    assert ran.exit_code == 2
    assert "is no head" in ran.output


def test_who_read_a_pupils_record_is_shown_by_reference_and_so_is_who_looked(day: Day, run: Run) -> None:
    day.database.run(note_read, _actor(day, "Sam Taylor"), "status read", [day.ids["CD34"], day.ids["AB12"]])
    ran = run("show", "--pupil", "cd34")
    assert "SAM (web): status read, pupil CD34" in ran.output
    assert "AB12" not in ran.output
    assert "the terminal (terminal): audit read, pupil CD34" in run("show", "--pupil", "CD34").output
    of_person = run("show", "--person", "SAM").output
    assert "pupil CD34" in of_person
    assert "pupil AB12" in of_person
    told = json.loads(run("show", "--pupil", "CD34", "--json").output)
    assert told[0]["who"] == "SAM"


def test_only_from_a_day_on(day: Day, run: Run) -> None:
    day.database.run(note_read, TERMINAL, "status read", [day.ids["CD34"]])
    assert "status read" in run("show", "--pupil", "CD34", "--since", "17/09/2026").output
    assert "status read" not in run("show", "--pupil", "CD34", "--since", "2026-09-18").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--pupil", "ZZ99"], "There is no pupil with the reference ZZ99"),
        (["--pupil", "CD35"], "Did you mean CD34?"),
        (["--person", "NOBODY"], "There is no person"),
        (["--pupil", "CD34", "--person", "SAM"], "not both"),
        (["--since", "yesterday"], "is not a date"),
        (["--pupil", "'; DROP TABLE audit; --" * 50], "There is no pupil"),
    ],
)
def test_what_can_not_be_shown_is_said(day: Day, run: Run, words: list[str], said: str) -> None:
    ran = run("show", *words)
    assert ran.exit_code == 2
    assert said in ran.output
    assert len(ran.output) < 400


def test_the_newest_of_all(day: Day, run: Run) -> None:
    a_few(day)
    lines = run("show", "--most", "3").output.splitlines()
    assert [line.split(", ")[1].split(" [")[0] for line in lines] == ["entry:17", "entry:18", "entry:19"]
    assert "Nothing is in the log." not in "\n".join(lines)
