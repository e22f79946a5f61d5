"""What a pupil is given who asks for everything: all that is held on them, readable, and nothing of anybody else."""

import asyncio
import csv
import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import Result

from apbot.cli import subjectaccess as command
from apbot.papers.subject.held import INTERNAL
from apbot.papers.subject.others import ANOTHER, Others
from apbot.store.names import read_names
from apbot.store.people import load_actor
from apbot.store.tables import audit, chat_lines, metadata, placements, pupils
from tests.day import Day
from tests.terminal import program, terminal_day  # noqa: F401  (a fixture)

OTHERS = ("AB12", "Jay", "Ward", "EF56", "Mo Hassan", "GH78", "Ellie", "Dunn")

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(day: Day) -> Run:
    return partial(asyncio.to_thread, program(command, "subject-access"))


async def an_eventful_morning(day: Day) -> None:
    """Everybody has something to do with everybody else."""
    await day.until("08:00")
    await day.person("Priya Nair").types("/ap absence CD34 medical tomorrow am")
    await day.until("09:40")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("10:05")
    await day.provider("Oak Farm").types("GH78 late 9:50")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    await day.provider("Oak Farm").taps(
        "Correct", pupil="CD34", fact="not arrived", reason="ill", because="wrong pupil"
    )
    await day.person("Dorothy Okafor").taps("Acknowledge")
    await day.person("Dorothy Okafor").taps(
        "Record outcome", pupil="CD34", outcome="found safe", words="at home with AB12 and Jay"
    )
    for who in ("Priya Nair", "Sam Taylor", "Gary Stone"):
        for words in ("/ap today", "/ap missing", "/ap status CD34", "/ap status AB12"):
            await day.person(who).types(words)
        actor = day.database.run(load_actor, day.ids[who], "web")
        assert actor is not None
        day.database.run(read_names, actor)

    def say(transaction: Any) -> None:
        for n, text in enumerate(("Joana and Jay are here, Ellie Dunn is not", "AB12's taxi", "all in")):
            transaction.insert(
                chat_lines, conversation="provider:1", author_id=day.ids["Sam Taylor"], text=text,
                at=transaction.now, changed=n + 1,
            )  # fmt: skip

    day.database.run(say)
    await day.until("15:45")


def unpacked(path: str) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


async def test_everything_is_there_and_nothing_of_another_pupil(day: Day, run: Run) -> None:
    await an_eventful_morning(day)
    ran = await run("cd34", "--out", "joana.zip")
    assert ran.exit_code == 0, ran.output
    files = unpacked("joana.zip")
    for name, content in files.items():
        for other in OTHERS:
            assert other.lower() not in content.lower(), f"{other} stands in {name}"
    data = json.loads(files["data.json"])
    assert (data["reference"], data["name"], data["school"]) == ("CD34", "Joana da Silva", "Hillcrest")
    assert data["pupil"][0]["last name"] == "da Silva"
    assert data["placements"][0]["provider"] == "Oak Farm"
    assert len(data["sessions"]) == 2
    assert [each["fact"] for each in data["marks"]] == ["arrived", "not arrived"]
    assert data["marks"][1]["amends because"] == "wrong pupil"
    alert = next(each for each in data["alerts"] if each["outcome"] == "found safe")
    assert alert["outcome words"] == f"at home with {ANOTHER} and {ANOTHER}"
    assert alert["outcome by"] == "Dorothy Okafor (DSL, Hillcrest)"
    assert data["planned absences"][0]["code"] == "M"
    assert data["duties"]
    assert [each["words"] for each in data["typed"]] == [f"Joana and {ANOTHER} are here, {ANOTHER} {ANOTHER} is not"]


async def test_messages_say_to_whom_by_role_and_what_they_say_now(day: Day, run: Run) -> None:
    await an_eventful_morning(day)
    await run("CD34", "--out", "joana.zip")
    data = json.loads(unpacked("joana.zip")["data.json"])
    alert = next(each for each in data["messages"] if each["what"] == "Alert" and "DSL, Hillcrest" in each["to"])
    assert "CD34" in alert["says now"]
    register = next(each for each in data["messages"] if each["what"] == "Register")
    assert register["to"] == "the staff of Oak Farm"
    assert register["says now"].startswith("CD34")
    assert not any("Okafor" in each["to"] for each in data["messages"])


async def test_who_read_the_record_is_there_by_role_and_who_acted_by_name(day: Day, run: Run) -> None:
    await an_eventful_morning(day)
    await run("CD34", "--out", "joana.zip")
    data = json.loads(unpacked("joana.zip")["data.json"])
    reads = [each for each in data["log"] if each["what"] in ("status read", "names read", "today read")]
    assert {each["who"] for each in reads} == {"attendance contact, Hillcrest", "named contact, Oak Farm"}
    assert any(each["what"] == "subject access" and each["who"] == "the terminal" for each in data["log"])
    marked = next(each for each in data["log"] if each["what"] == "marked")
    assert marked["who"].startswith(("Sam Taylor", "Bea Whitlock"))


async def test_the_page_can_be_read_without_the_network_and_says_what_is_left_out(day: Day, run: Run) -> None:
    await an_eventful_morning(day)
    await run("CD34", "--out", "joana.zip")
    page = unpacked("joana.zip")["index.html"]
    assert "What apbot holds on Joana da Silva (CD34)" in page
    assert "What is not in here, and why" in page
    assert "http" not in page
    assert "<script" not in page
    assert page.count("<h2 id=") == 17


async def test_the_tables_are_csv_that_no_spreadsheet_runs(day: Day, run: Run) -> None:
    day.change(placements, placements.c.id == day.ids["CD34 placement"], transport="=cmd()")
    await day.until("09:40")
    await run("CD34", "--out", "joana.zip")
    files = unpacked("joana.zip")
    rows = list(csv.DictReader(io.StringIO(files["csv/placements.csv"])))
    assert rows[0]["transport"] == "'=cmd()"
    assert sorted(name for name in files if "/" in name)[0].startswith("csv/")


async def test_the_same_state_gives_the_same_archive(day: Day, run: Run) -> None:
    await an_eventful_morning(day)
    await run("CD34", "--out", "one.zip")
    day.database.run(lambda t: t.execute(sa.text("SELECT 1")))
    first = unpacked("one.zip")
    await run("CD34", "--out", "two.zip")
    second = unpacked("two.zip")
    assert list(first) == list(second)
    changed = {name for name in first if first[name] != second[name]}
    assert changed <= {"index.html", "data.json", "csv/log.csv"}, "only that it was asked for is new"


async def test_html_in_what_somebody_typed_is_shown_and_not_run(day: Day, run: Run) -> None:
    day.change(pupils, pupils.c.ref == "CD34", last_name="<script>alert(1)</script>")
    await run("CD34", "--out", "joana.zip")
    assert "<script" not in unpacked("joana.zip")["index.html"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ZZ99", "--out", "a.zip"), "There is no pupil with the reference ZZ99"),
        (("CD34", "--out", "a.txt"), "is not named as an archive"),
        (("CD34", "--out", "there.zip"), "is there already"),
        (("CD34", "--out", "no/such/folder/a.zip"), "can't be written"),
        (("\x00" * 100, "--out", "a.zip"), "There is no pupil"),
    ],
)
async def test_what_can_not_be_done_is_said(day: Day, run: Run, words: tuple[str, ...], said: str) -> None:
    Path("there.zip").write_text("x")
    ran = await run(*words)
    assert ran.exit_code in (1, 2)
    assert said in ran.output
    assert Path("there.zip").read_text() == "x"


async def test_that_it_was_made_is_in_the_log_and_the_file_is_its_owners(day: Day, run: Run) -> None:
    await run("CD34", "--out", "joana.zip")
    assert Path("joana.zip").stat().st_mode & 0o077 == 0
    (row,) = day.rows(sa.select(audit).where(audit.c.what == "subject access"))
    assert row.subject == f"pupil:{day.ids['CD34']}"


def test_a_name_that_two_pupils_share_is_not_hidden_from_its_owner(day: Day) -> None:
    day.change(pupils, pupils.c.ref == "AB12", first_name="Joana")
    others = day.database.run(Others, day.ids["CD34"])
    assert others.without("Joana and Ward", names_too=True) == f"Joana and {ANOTHER}"
    assert others.without("ab12, AB12's, AB123") == f"{ANOTHER}, {ANOTHER}, AB123"


def test_every_table_that_holds_a_pupils_data_is_in_the_archive() -> None:
    """Whoever adds a table about pupils is told here."""
    about = {"pupil_id", "placement_id", "entry_id", "escalation_id", "duty_id", "digest_id", "register_id"}
    found = {table.name for table in metadata.sorted_tables if about & set(table.c.keys())}
    assert found == {
        "placements", "planned_absences", "entries", "marks", "code_decisions", "escalations", "escalated", "concerns",
        "incidents", "duties", "duty_records", "mentions", "others_told", "unopened",
    }  # fmt: skip
    assert all(any(name in table.c for table in metadata.sorted_tables) for name in INTERNAL)
