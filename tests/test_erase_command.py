"""`apbot erase`, run as people run it: where it is lawful, nothing leads to the pupil any more; else it is refused."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import Result

from apbot.cli import erase as command
from apbot.clock import SystemClock
from apbot.store.database import Database
from apbot.store.erasure.staff import ACTED
from apbot.store.sealing import seal_due, verify
from apbot.store.tables import (
    addresses,
    audit,
    chat_lines,
    concerns,
    duties,
    duty_records,
    entries,
    escalations,
    marks,
    messages,
    metadata,
    people,
    placements,
    planned_absences,
    pupils,
    roles,
    school_reports,
)
from tests.day import Day
from tests.papers.test_subject_access import an_eventful_morning
from tests.terminal import program, terminal_day  # noqa: F401  (a fixture)

Run = Callable[..., Awaitable[Result]]
GIVEN = ("--reason", "the parent has asked")
BASIS = ("--lawful-basis", "Article 17(1)(d)")


@pytest.fixture
def run(day: Day) -> Run:
    return partial(asyncio.to_thread, program(command, "erase"))


async def a_year_later(day: Day) -> None:
    """A morning on which much was said of CD34; everything is settled, the placement is over, a year has gone by."""
    await an_eventful_morning(day)
    await settled_all(day)
    day.change(pupils, pupils.c.ref == "CD34", ends_on=day.date, upn="A123456789012")
    words = {"calls_home": "Joana's aunt", "aims": "Joana reads again", "rest_of_week": "Joana is at home"}
    day.change(placements, placements.c.pupil_id == day.ids["CD34"], ends_on=day.date, **words)

    def also(transaction: Any) -> None:
        given = {"seen": "yes", "pupils_view": "Joana likes it"}
        transaction.insert(
            duty_records, kind="visit", school_id=day.ids["Hillcrest"], placement_id=day.ids["CD34 placement"],
            happened_on=day.date, given=given, made_as="key worker", made_at=transaction.now,
        )  # fmt: skip
        report = {"pupils": [{"label": "CD34 J.S.", "sessions": 2}, {"label": "AB12 J.W.", "sessions": 4}]}
        transaction.insert(
            school_reports, school_id=day.ids["Hillcrest"], kind="week", first_on=day.date, last_on=day.date,
            report=report,
        )  # fmt: skip

    day.database.run(also)
    day.clock.set(day.clock.now() + timedelta(days=365))


async def settled_all(day: Day) -> None:
    day.change(escalations, sa.true(), state="closed", next_at=None, closed_at=day.clock.now())
    day.change(duties, sa.true(), state="done", next_at=None, closed_at=day.clock.now())


def everything() -> str:
    """All that stands in the database, table by table."""
    database = Database(os.environ["APBOT_DATABASE_URL"], SystemClock())
    told = [
        f"{table.name}: {row}"
        for table in metadata.sorted_tables
        for row in database.run(lambda t, table=table: t.rows(sa.text(f"SELECT * FROM {table.name} ORDER BY id")))
    ]
    database.close()
    return "\n".join(told)


async def test_nothing_leads_to_an_erased_pupil_any_more(day: Day, run: Run) -> None:
    await a_year_later(day)
    assert "Joana" in everything()
    ran = await run("pupil", "CD34", *GIVEN, *BASIS, "--yes")
    assert ran.exit_code == 0, ran.output
    await day.app.tick()
    told = everything()
    for word in ("CD34", "Joana", "da Silva", "Silva", "A123456789012", "J.S.", "at home with"):
        assert word not in told, next(line for line in told.splitlines() if word in line)
    for where in (day.dsl("Hillcrest"), day.provider("Oak Farm"), day.person("Priya Nair")):
        where.does_not_see("CD34", "J.S.")
    assert "out of the roster workbook too" in ran.output


async def test_what_is_counted_stays_and_so_do_the_others(day: Day, run: Run) -> None:
    await a_year_later(day)
    before = [day.rows(sa.select(sa.func.count()).select_from(table))[0][0] for table in (entries, marks, duties)]
    await run("pupil", "CD34", *GIVEN, *BASIS, "--yes")
    after = [day.rows(sa.select(sa.func.count()).select_from(table))[0][0] for table in (entries, marks, duties)]
    assert before == after
    told = everything()
    assert all(word in told for word in ("AB12", "Jay", "Ward", "GH78", "Ellie"))
    (record,) = day.rows(sa.select(duty_records))
    assert "pupils_view" not in record.given
    report = day.rows(sa.select(school_reports.c.report).order_by(school_reports.c.id.desc()))[0]
    assert report.report["pupils"][0]["label"] == f"ERASED-{day.ids['CD34']}"
    assert report.report["pupils"][1]["label"] == "AB12 J.W."


async def test_it_is_in_the_log_with_the_reason_and_the_log_is_whole(day: Day, run: Run) -> None:
    await a_year_later(day)
    await run("pupil", "cd34", *GIVEN, *BASIS, "--yes")
    (row,) = day.rows(sa.select(audit).where(audit.c.what == "pupil erased"))
    assert row.subject == f"pupil:{day.ids['CD34']}"
    assert (row.detail["reason"], row.detail["basis"]) == ("the parent has asked", "Article 17(1)(d)")
    assert row.detail["placements"] == 1
    while day.database.run(seal_due):
        pass
    assert day.database.run(verify).broken is None


async def test_without_yes_nothing_is_changed(day: Day, run: Run) -> None:
    await a_year_later(day)
    before = everything()
    ran = await run("pupil", "CD34", *GIVEN, *BASIS)
    assert ran.exit_code == 0
    assert "It would erase pupil CD34:" in ran.output
    assert "Nothing was changed." in ran.output
    assert everything() == before


async def test_a_register_that_must_be_kept_needs_a_basis_in_law(day: Day, run: Run) -> None:
    await a_year_later(day)
    ran = await run("pupil", "CD34", *GIVEN, "--yes")
    assert ran.exit_code == 1
    assert "six years from the day they were made: until Fri 17 Sep 2032" in ran.output
    assert "--lawful-basis" in ran.output
    assert day.rows(sa.select(pupils.c.first_name).where(pupils.c.ref == "CD34"))


async def test_after_six_years_no_basis_is_needed(day: Day, run: Run) -> None:
    await a_year_later(day)
    day.clock.set(day.clock.now() + timedelta(days=5 * 366))
    assert (await run("pupil", "CD34", *GIVEN, "--yes")).exit_code == 0


async def test_a_pupil_who_is_placed_needs_a_basis_and_is_told_what_to_do(day: Day, run: Run) -> None:
    ran = await run("pupil", "CD34", *GIVEN, "--yes")
    assert ran.exit_code == 1
    assert "on the roll" in ran.output
    assert "a placement runs" in ran.output


@pytest.mark.parametrize("what", ["alert", "concern", "duty"])
async def test_what_is_open_is_seen_to_first_whatever_the_basis(day: Day, run: Run, what: str) -> None:
    await a_year_later(day)
    match what:
        case "alert":
            day.change(escalations, sa.true(), state="open")
        case "duty":
            day.change(duties, sa.true(), state="open")
        case "concern":
            day.database.run(
                lambda t: t.insert(
                    concerns, school_id=day.ids["Hillcrest"], raised_by_id=day.ids["Sam Taylor"],
                    raised_at=t.now, pupil_id=day.ids["CD34"],
                )
            )  # fmt: skip
    ran = await run("pupil", "CD34", *GIVEN, *BASIS, "--yes")
    assert ran.exit_code == 1
    assert f"{what} is" in ran.output
    assert "--lawful-basis" not in ran.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pupil", "ZZ99", *GIVEN), "There is no pupil"),
        (("pupil", "CD34", "--reason", ""), "--reason takes 3 to 300 characters"),
        (("pupil", "CD34", "--reason", "x" * 301), "--reason takes 3 to 300 characters"),
        (("pupil", "CD34", "--reason", "as\x1b[2Jked"), "--reason takes 3 to 300 characters"),
        (("pupil", "CD34", "--reason", "Joana has asked"), "named in the reason"),
        (("pupil", "CD34", *GIVEN, "--lawful-basis", "cd34 has left"), "named in the reason"),
        (("person", "NOBODY", *GIVEN), "There is no person"),
    ],
)
async def test_what_can_not_be_done_is_said(day: Day, run: Run, words: tuple[str, ...], said: str) -> None:
    ran = await run(*words)
    assert ran.exit_code == 2
    assert said in ran.output


def last_day(day: Day, name: str) -> None:
    day.change(people, people.c.name == name, leaves_on=day.date, email="sam@oakfarm.example", mobile="07700 900123")


async def test_a_leaver_who_acted_keeps_the_name_and_nothing_to_reach_them_by(day: Day, run: Run) -> None:
    last_day(day, "Sam Taylor")
    await a_year_later(day)
    ran = await run("person", "SAM", *GIVEN, "--yes")
    assert ran.exit_code == 0, ran.output
    (row,) = day.rows(sa.select(people).where(people.c.id == day.ids["Sam Taylor"]))
    assert (row.name, row.ref, row.email, row.mobile) == ("Sam Taylor", "SAM", "", "")
    assert not day.rows(sa.select(addresses).where(addresses.c.person_id == row.id))
    assert day.rows(sa.select(roles).where(roles.c.person_id == row.id)), "in what role they acted is on the record"
    assert not day.rows(
        sa.select(chat_lines).where(chat_lines.c.conversation == f"person:{row.id}", chat_lines.c.message_id.is_(None))
    )
    (noted,) = day.rows(sa.select(audit).where(audit.c.what == "person erased"))
    assert noted.detail["reason"] == "the parent has asked"


async def test_a_leaver_who_never_acted_loses_the_name_too(day: Day, run: Run) -> None:
    last_day(day, "Bea Whitlock")
    await a_year_later(day)
    await run("person", "BEA", *GIVEN, "--yes")
    (row,) = day.rows(sa.select(people).where(people.c.id == day.ids["Bea Whitlock"]))
    assert (row.name, row.ref) == ("Erased", f"ERASED-{row.id}")


async def test_when_the_record_is_gone_the_name_goes_as_well(day: Day, run: Run) -> None:
    last_day(day, "Sam Taylor")
    await a_year_later(day)
    day.change(marks, sa.true(), made_by_id=None)
    day.change(entries, sa.true(), marked_by_id=None)
    day.change(escalations, sa.true(), acknowledged_by_id=None)
    day.change(planned_absences, sa.true(), made_by_id=None)
    day.database.run(lambda t: t.execute(sa.text("UPDATE escalated SET outcome_by_id = NULL")))
    await run("person", "SAM", *GIVEN, "--yes")
    (row,) = day.rows(sa.select(people.c.name).where(people.c.id == day.ids["Sam Taylor"]))
    assert row.name == "Erased"


async def test_what_a_leaver_was_sent_by_letter_keeps_no_address(day: Day, run: Run) -> None:
    last_day(day, "Sam Taylor")
    await a_year_later(day)
    of_sam = messages.c.person_id == day.ids["Sam Taylor"]
    day.change(messages, of_sam, channel="email", address="sam@oakfarm.example")
    await run("person", "SAM", *GIVEN, "--yes")
    assert "sam@oakfarm" not in everything()


@pytest.mark.parametrize("leaves", ["never", "later"])
async def test_who_works_here_is_not_erased(day: Day, run: Run, leaves: str) -> None:
    if leaves == "later":
        day.change(people, people.c.name == "Sam Taylor", leaves_on=day.date + timedelta(days=3))
    ran = await run("person", "SAM", *GIVEN, "--yes")
    assert ran.exit_code == 1
    assert "Not erased: they work here" in ran.output


def test_whoever_adds_a_column_for_who_acted_is_counted() -> None:
    assert {f"{column.table.name}.{column.name}" for column in ACTED} >= {
        "marks.made_by_id", "escalated.outcome_by_id", "duty_records.made_by_id", "placements.key_worker_id",
        "concerns.acknowledged_by_id", "incidents.raised_by_id", "missed_days.acknowledged_by_id",
    }  # fmt: skip
