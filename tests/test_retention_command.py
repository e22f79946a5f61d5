"""`apbot retention`, run as people run it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import Result

from apbot.cli import retention as command
from apbot.store.retention.registry import KINDS
from apbot.store.tables import audit, events
from tests.day import Day
from tests.terminal import program, terminal_day  # noqa: F401  (a fixture)

Run = Callable[..., Result]


@pytest.fixture
def run(day: Day) -> Run:
    return program(command, "retention")


def some_events(day: Day, count: int) -> None:
    def make(transaction: Any) -> None:
        rows = [{"channel": "web", "event_id": str(n), "at": transaction.now, "reply": None} for n in range(count)]
        transaction.execute(sa.insert(events), rows)

    day.database.run(make)


def left(day: Day) -> int:
    return int(day.rows(sa.select(sa.func.count()).select_from(events))[0][0])


def test_the_policy_names_everything_with_how_long_and_why(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_CHAT_DAYS", "45")
    told = run("show").output
    assert all(each.what in told and each.why in told for each in KINDS)
    assert "kept 45 days (APBOT_CHAT_DAYS)" in told
    assert "6 years from the day they were made" in told
    assert [each["name"] for each in json.loads(run("show", "--json").output)] == [each.name for each in KINDS]


def test_a_dry_run_says_what_would_go_and_takes_nothing(day: Day, run: Run) -> None:
    some_events(day, 1234)
    assert "Nothing has been kept for long enough." in run("run", "--dry-run").output
    day.clock.set(day.clock.now() + timedelta(days=31))
    ran = run("run", "--dry-run")
    assert "1,234  answers: Answers kept" in ran.output
    assert "Nothing was taken away." in ran.output
    assert json.loads(run("run", "--dry-run", "--json").output)["gone"]["answers"] == 1234
    assert left(day) == 1234


def test_a_run_takes_it_and_is_written_down(day: Day, run: Run) -> None:
    some_events(day, 1234)
    day.clock.set(day.clock.now() + timedelta(days=31))
    assert "1,234  answers" in run("run").output
    assert left(day) == 0
    (row,) = day.rows(sa.select(audit).where(audit.c.what == "retention run"))
    assert (row.via, row.detail) == ("terminal", {"answers": 1234})


@pytest.mark.parametrize("days", ["6", "0", "-1", "1000", "a month", ""])
def test_a_time_that_can_not_be_is_refused_by_name(run: Run, monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("APBOT_CHAT_DAYS", days)
    ran = run("show")
    assert ran.exit_code == 2
    assert "APBOT_CHAT_DAYS" in ran.output


def test_the_policy_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[1] / "docs" / "records.md").read_text(encoding="utf-8")
    for each in KINDS:
        assert f"| {each.what} | {each.keeps.format(chat_days=30)} | {each.why} |" in manual, each.name
