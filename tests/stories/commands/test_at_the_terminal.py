"""The same answers at the terminal, from the same code, as text and as data."""

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from typer.testing import Result

from apbot.cli import status
from apbot.domain.access import TERMINAL
from apbot.store.tables import audit
from tests.day import Day
from tests.stories.cast import HILLCREST, UNKNOWN
from tests.terminal import program, terminal_day  # noqa: F401  (a fixture)

Run = Callable[..., Result]


@pytest.fixture
async def run(day: Day) -> Run:
    """Runs a command at five past ten, when nobody has answered."""
    await day.until("10:05")
    return program(status)


def test_today_is_a_line_for_each_school(run: Run) -> None:
    answer = run("today")
    assert answer.exit_code == 0
    assert "3 with an open alert · am: 3 unanswered · pm: 3 awaited" in answer.output
    assert [each["school"] for each in json.loads(run("today", "--json").output)["summary"]] == [
        "Hillcrest",
        "Marsh Lane",
    ]


def test_a_school_can_be_chosen(run: Run) -> None:
    assert "CD34 J.S." in run("today", "--school", "hillcrest").output
    assert "GH78" not in run("missing", "--school", "hillcrest").output
    assert run("missing", "--school", "nowhere").exit_code == 1


def test_status_is_data_where_it_is_asked_for(run: Run) -> None:
    data = json.loads(run("status", "cd34", "--json").output)
    assert data["reference"] == "CD34"
    assert data["today"][0]["presence"] == "unanswered"
    assert data["placements"][0]["pattern_in_words"] == "Mon–Fri all day"
    assert "Silva" not in json.dumps(data)
    assert "Mon–Fri all day" in run("status", "cd34").output


def test_an_unknown_reference_ends_with_a_sentence_and_1(run: Run) -> None:
    answer = run("status", "ZZ99")
    assert answer.exit_code == 1
    assert UNKNOWN in answer.output


def test_missing_is_a_list(run: Run) -> None:
    data = json.loads(run("missing", "--json").output)
    assert data["expected_so_far"] == 4
    assert {each["reference"] for each in data["missing"]} == HILLCREST | {"GH78"}
    assert "4 pupils are not known to have arrived" in run("missing").output


def test_what_the_terminal_reads_is_in_the_audit_log_too(run: Run, day: Day) -> None:
    run("status", "CD34")
    read = day.rows(sa.select(audit.c.via, audit.c.what).where(audit.c.what == "status read"))
    assert [tuple(row) for row in read] == [(TERMINAL.via, "status read")]
