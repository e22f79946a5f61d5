"""Every read of a pupil's record is in the audit log: whatever shows a pupil to somebody who asked has written it down.

These go through the commands, the pages and the terminal as they are listed there, so that a new one is tried too.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import typer
from pypdf import PdfReader
from starlette.routing import Mount, Route
from typer.testing import CliRunner, Result

from apbot.cli import COMMANDS as AT_THE_TERMINAL
from apbot.domain.access import TERMINAL
from apbot.handlers.commands import COMMANDS
from apbot.roster import export, write_workbook
from apbot.store.reads import ONE_OPENING, READS, note_list
from apbot.store.tables import audit
from apbot.store.trail import trail_of_pupil
from tests.blank import url_in
from tests.day import Day, text_of
from tests.web.office import Office

PUPILS = {"AB12": "Jay Ward", "CD34": "Joana da Silva", "EF56": "Mo Hassan", "GH78": "Ellie Dunn"}

ROOT = Path(__file__).parents[2]


def newest(day: Day) -> int:
    return int(day.rows(sa.select(sa.func.coalesce(sa.func.max(audit.c.id), 0)))[0][0])


def readings(day: Day, after: int, among: Iterable[str] = PUPILS) -> set[str]:
    """Those of whom the log says, since then, that their record was read, or that something was done to it."""
    found = set()
    for reference in among:
        steps = day.database.run(trail_of_pupil, day.ids[reference])
        if any(step.id > after for step in steps):
            found.add(reference)
    return found


def named(day: Day) -> set[str]:
    """The events of the log that say, by their name, that something was read."""
    kinds = day.rows(
        sa.select(audit.c.what)
        .where(audit.c.what.regexp_match("(read|looked up|exported|compared|taken as PDF)$"))
        .distinct()
    )
    return {row.what for row in kinds}


def shown(text: str) -> set[str]:
    return {reference for reference, name in PUPILS.items() if reference in text or name in text}


WORDS = ("", "CD34", "Hillcrest", "CD34 ill today", "CD34 ill tomorrow", "CD34 medical tomorrow am", "today to Friday")


@pytest.mark.parametrize("person", ["Priya Nair", "Sam Taylor", "Kit Lowry", "Ada Quill"])
@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_that_shows_a_pupil_leaves_an_entry(day: Day, command: str, person: str) -> None:
    await day.until("10:30")
    for words in (*WORDS, *WORDS):  # the second time it may be answered from what is there already
        before = newest(day)
        reply = await day.person(person).types(f"/ap {command} {words}".strip())
        text = text_of(reply.card) if reply.card is not None and not reply.is_refusal else ""
        assert (found := shown(text)) <= readings(day, before, found), (
            f"/ap {command} {words} has left no entry:\n{text}"
        )
    assert named(day) <= READS.keys(), "name the event in READS"


async def test_a_withdrawn_absence_that_is_pressed_again_leaves_an_entry(day: Day) -> None:
    await day.until("08:00")
    await day.person("Priya Nair").types("/ap absence CD34 ill tomorrow")
    withdraw = day.person("Priya Nair").button("Withdraw")
    await day.person("Priya Nair").presses(withdraw)
    before = newest(day)
    await day.person("Priya Nair").presses(withdraw)
    assert readings(day, before) == {"CD34"}


NO_RECORDS = {
    "/chat": "what apbot has sent is in the messages, with when and to whom",
    "/chat/live": "the same",
    "/chat/{conversation}": "the same",
    "/chat/picture/{line:int}": "the same",
    "/board/live": "the board again: it writes down whoever comes onto it (test_board)",
    "/calendar/{secret}.ics": "needs a secret address (test_calendar)",
    "/m/{token}": "needs a link (test_letters)",
}


OPENED = {
    "/files/{name}": "/files/attendance.csv?from=2026-09-17&to=2026-09-17",
    "/inspect/{ref:path}": "/inspect/CD34",
    "/inspect/pdf/{ref:path}": "/inspect/pdf/CD34",
    "/placements/{ref:path}": "/placements/CD34-OAK",
    "/providers/{ref:path}": "/providers/OAK%20",
}


@pytest.fixture
async def office(day: Day) -> AsyncIterator[Office]:
    made = Office(day)
    yield made
    await made.close()


@pytest.mark.parametrize("person", ["Dorothy Okafor", "Sam Taylor", "Kit Lowry", "Ada Quill"])
async def test_a_page_that_shows_a_pupil_leaves_an_entry(office: Office, person: str) -> None:
    await office.day.until("10:30")
    await office.browser(person)
    paths = [route.path for route in office.app.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    assert {"/board", "/names"} <= set(paths)
    tried = 0
    for path in paths:
        if path in NO_RECORDS or path.startswith("/signin"):
            continue
        assert path in OPENED or "{" not in path, f"say how {path} is opened"
        address = OPENED.get(path, path)
        for query in ("", "?school=HILL", "?names=no"):
            before = newest(office.day)
            answer = await office.get(person, address + (query.replace("?", "&") if "?" in address else query))
            found = shown(_words(answer))
            assert found <= readings(office.day, before, found), f"{path}{query} has left no entry"
            tried += bool(found)
            office.day.clock.set(office.day.clock.now() + ONE_OPENING)
    assert tried


def _words(answer: httpx.Response) -> str:
    """What an answer says; of a PDF its words, since in its bytes anything may stand by chance."""
    if answer.headers.get("content-type") != "application/pdf":
        return answer.text
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)


def test_no_page_hides_in_a_mount(day: Day) -> None:
    office = Office(day)
    mounts = {route.path for route in office.app.routes if isinstance(route, Mount)}
    assert mounts == {"/chat/static", "/api"}, "what the API gives is held to the same in tests/web/test_api.py"


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Day, Callable[..., Awaitable[Result]]]]:
    """A day on a file, and the program run beside it."""
    url = url_in(tmp_path)
    monkeypatch.setenv("APBOT_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    day = Day(url=url)
    monkeypatch.setattr("apbot.store.connect.SystemClock", lambda: day.clock)

    async def run(*words: str) -> Result:
        app = typer.Typer()
        importlib.import_module(AT_THE_TERMINAL[words[0]][0]).add_to(app)
        app.callback()(lambda: None)
        return await asyncio.to_thread(CliRunner().invoke, app, list(words))

    yield day, run
    day.close()


TRIED: dict[str, tuple[tuple[str, ...], ...]] = {
    "today": (("--school", "HILL"), ("--school", "HILL", "--json")),
    "status": (("CD34",), ("CD34", "--json")),
    "missing": ((), ("--json",)),
    "check": ((), ("--json",)),
    "subject-access": (("CD34", "--out", "everything.zip"),),
    "audit": (("show", "--pupil", "CD34"), ("show", "--pupil", "CD34", "--json")),
    "inspect": (("CD34",), ("CD34", "--pdf", "pack.pdf")),
    "export": tuple(
        (what, "--from", "01/09/2026", "--to", "30/10/2026") for what in ("duties", "records", "non-arrivals")
    ),
    "register": (("export", "--from", "17/09/2026", "--to", "17/09/2026"),),
    "roster": (("export", "out.xlsx"), ("export", "folder"), ("import", "changed.xlsx", "--dry-run")),
}
IN_A_FILE = {
    ("roster", "export"): set(PUPILS),
    ("audit", "show"): {"CD34"},
    ("inspect", "CD34"): {"CD34"},
    ("subject-access", "CD34"): {"CD34"},
}
"""Whose records these read, where what they print does not say so."""
SHOWS_NONE = {
    "backup",
    "db",
    "demo",
    "erase",
    "key",
    "link",
    "names-key",
    "restore",
    "retention",
    "run",
    "simulate",
    "teams",
}
"""Commands at the terminal that show no pupil who is kept."""


@pytest.mark.parametrize("command", AT_THE_TERMINAL)
async def test_a_command_at_the_terminal_that_shows_a_pupil_leaves_an_entry(
    terminal: tuple[Day, Callable[..., Awaitable[Result]]], command: str
) -> None:
    day, run = terminal
    if command in SHOWS_NONE:
        return
    assert command in TRIED, f"say how `apbot {command}` is tried, or that it shows no pupil"
    await day.until("10:30")
    _changed_workbook(day)
    for words in TRIED[command]:
        before = newest(day)
        ran = await run(command, *words)
        assert ran.exit_code in (0, 1), ran.output
        found = IN_A_FILE.get((command, *words[:1])) or shown(ran.output)
        assert found <= readings(day, before, found), f"apbot {command} {' '.join(words)} has left no entry"
        assert found or words[0] == "records" or command == "check", "nothing is tried where no pupil is shown"


def _changed_workbook(day: Day) -> None:
    """The roster with another surname of a pupil."""
    records = day.database.run(export)
    others = [replace(each, last_name="Silva") if each.ref == "CD34" else each for each in records.pupils]
    write_workbook(replace(records, pupils=others), Path("changed.xlsx"), lambda _: None)


async def test_a_list_is_found_by_each_pupil_on_it_and_names_no_other_to_them(day: Day) -> None:
    ids = [day.ids[each] for each in ("AB12", "CD34", "GH78")]
    for wanted in (ids, ids[:1], ids[1:2], ids[1:]):
        day.database.run(note_list, TERMINAL, "names read", "person:1", wanted)
    steps = [s for s in day.database.run(trail_of_pupil, day.ids["CD34"]) if s.what == "names read"]
    assert [step.detail for step in steps] == [{"count": n, "pupils": ["CD34"]} for n in (3, 1, 2)]
    assert not [s for s in day.database.run(trail_of_pupil, day.ids["EF56"]) if s.what == "names read"]


def test_every_reading_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")
    for what, meaning in READS.items():
        assert f"| *{what}* | {meaning} |" in manual, f"docs/records.md: | *{what}* | {meaning} |"
