"""The rehearsal: that it keeps the promises where they are kept, and sees it where they are not."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.messages.registry import KINDS
from apbot.roster import write_workbook
from apbot.schedules import escalating
from apbot.simulator import parts
from apbot.simulator.cast import Chances
from apbot.simulator.parts import parts_of, rehearse_parts
from apbot.simulator.run import Report, rehearse
from apbot.simulator.watch import ANSWERED, ON_TIME, ONCE, OPEN_DAYS, OWN_PUPILS
from apbot.simulator.world import invent
from apbot.store.database import Transaction
from apbot.store.tables import messages

MONDAY, FRIDAY = date(2026, 9, 14), date(2026, 9, 18)


async def week(first: date = MONDAY, last: date = FRIDAY, count: int = 40, **given: object) -> Report:
    return await rehearse(invent(count, first, last, seed=3), first, last, seed=3, **given)  # type: ignore[arg-type]


async def test_a_week_keeps_every_promise() -> None:
    report = await week()
    assert report.breaches == 0, report.examples
    assert report.sessions_expected > 100
    assert report.prompts_sent > 10
    assert report.alerts_sent > 0


async def test_the_same_seed_gives_the_same_week_again() -> None:
    assert (await week()).to_json() == (await week()).to_json()


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 10, 21), date(2026, 11, 4)), (date(2027, 3, 22), date(2027, 4, 14))],
    ids=["the clocks go back inside a half-term break", "the clocks go forward on Easter Sunday"],
)
async def test_the_promises_hold_where_the_clocks_change(first: date, last: date) -> None:
    report = await week(first, last, 15)
    assert report.breaches == 0, report.examples
    assert report.sessions_expected > 0


async def test_providers_that_never_answer_have_every_pupil_escalated() -> None:
    silent = Chances(silent_register=1, answers_nudge=0)
    report = await week(last=MONDAY, chances=silent)
    assert report.breaches == 0, report.examples
    assert report.sessions_marked == 0
    assert report.sessions_escalated == report.sessions_expected


async def test_a_school_where_nobody_acknowledges_is_alerted_again_and_again() -> None:
    deaf = Chances(acknowledges=0, silent_register=1, answers_nudge=0)
    report = await week(last=MONDAY, count=6, chances=deaf)
    assert report.acknowledged == report.closed == 0
    assert report.alerts_sent > report.escalations * 20
    assert report.breaches == 0, report.examples


async def test_an_alert_that_is_not_sent_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Chances(silent_register=1, answers_nudge=0)
    never = replace(KINDS["escalation"], card=lambda *_: None)
    monkeypatch.setitem(KINDS, "escalation", never)
    report = await week(last=MONDAY, count=6, chances=silent)
    assert report.invariants[ANSWERED] == report.sessions_expected


async def test_an_alert_that_is_late_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = escalating.open_escalations

    def backdated(transaction, actor, wanted):  # type: ignore[no-untyped-def]
        from datetime import timedelta

        return real(transaction, actor, [replace(each, due_at=each.due_at - timedelta(minutes=1)) for each in wanted])

    monkeypatch.setattr(escalating, "open_escalations", backdated)
    assert (await week(last=MONDAY)).invariants[ON_TIME] > 0


async def test_a_pupil_shown_to_another_school_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    records = invent(40, MONDAY, MONDAY, seed=3)
    stranger = records.pupils[0].ref
    real = KINDS["register"].card

    def leaking(view, envelope):  # type: ignore[no-untyped-def]
        card = real(view, envelope)
        return card and replace(card, lines=(*card.lines, stranger))

    monkeypatch.setitem(KINDS, "register", replace(KINDS["register"], card=leaking))
    assert (await rehearse(records, MONDAY, MONDAY, seed=3)).invariants[OWN_PUPILS] > 0


async def test_a_prompt_on_a_closed_day_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from apbot.domain.calendar import Calendar

    monkeypatch.setattr("apbot.store.opening.load_calendars", _always_open)
    monkeypatch.setattr("apbot.store.expected.load_calendars", _always_open)
    sunday = date(2026, 12, 25)  # a Friday, and Christmas Day
    assert Calendar(always=True).closed_because(sunday, "am") == "bank holiday"  # type: ignore[arg-type]
    assert (await week(sunday, sunday)).invariants[OPEN_DAYS] > 0


class _Open:
    def is_open(self, *_: object) -> bool:
        return True

    def is_school_day(self, *_: object) -> bool:
        return True

    def week_letter(self, *_: object) -> str:
        return "A"


class _AllOpen:
    schools: dict[int, object] = {}

    def school(self, _: int) -> _Open:
        return _Open()

    def provider(self, _: int) -> _Open:
        return _Open()


def _always_open(_: object) -> _AllOpen:
    return _AllOpen()


async def test_a_message_posted_twice_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Transaction.insert_new

    def twice(self: Transaction, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
        if table is messages:
            rows = [*rows, *({**row, "recipient": f"{row['recipient']}!"} for row in rows)]
        return real(self, table, rows)

    monkeypatch.setattr(Transaction, "insert_new", twice)
    assert (await week(last=MONDAY, count=6)).invariants[ONCE] > 0


def test_a_year_is_rehearsed_in_equal_parts_without_a_gap() -> None:
    first, last = date(2026, 9, 1), date(2027, 7, 21)
    assert parts_of(first, last) == [(first, date(2027, 2, 9)), (date(2027, 2, 10), last)]
    assert parts_of(first, first) == [(first, first)]
    three = parts_of(first, date(2028, 2, 1))
    assert len(three) == 3
    assert all(earlier[1].toordinal() + 1 == later[0].toordinal() for earlier, later in pairwise(three))


def test_parts_in_processes_of_their_own_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LONGEST", timedelta(days=1))
    records, tuesday = invent(6, MONDAY, FRIDAY, seed=3), date(2026, 9, 15)
    days: list[date] = []
    whole = rehearse_parts(records, MONDAY, tuesday, seed=3, progress=days.append)
    alone = [asyncio.run(rehearse(records, day, day, seed=3 + at)) for at, day in enumerate((MONDAY, tuesday))]
    assert sorted(days) == [MONDAY, tuesday]
    assert (whole.first, whole.last, whole.breaches) == (MONDAY, tuesday, 0)
    assert whole.sessions_expected == sum(each.sessions_expected for each in alone) > 0
    assert whole.messages_sent["register"] == sum(each.messages_sent["register"] for each in alone)


def test_the_command_ends_with_0_and_reports_as_json() -> None:
    done = _simulate("--from", "2026-09-14", "--to", "2026-09-14", "--placements", "10", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "progress is for a terminal only"
    report = json.loads(done.stdout)
    assert set(report["invariants"].values()) == {0}
    assert report["sessions_expected"] > 0


def test_the_command_takes_a_roster_workbook(tmp_path: Path) -> None:
    roster = tmp_path / "roster.xlsx"
    write_workbook(invent(8, MONDAY, MONDAY, seed=5), roster)
    done = _simulate("--roster", str(roster), "--from", "14/09/2026", "--to", "14/09/2026")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sessions expected" in done.stdout


def test_the_command_refuses_days_in_the_wrong_order() -> None:
    done = _simulate("--from", "2026-09-15", "--to", "2026-09-14")
    assert done.returncode == 2
    assert "lies before" in done.stderr


def _simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apbot", "simulate", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
