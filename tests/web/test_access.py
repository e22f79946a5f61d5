"""Every page, file and call, and every command, tried by everybody: whoever may see a pupil does, and nobody else.

The addresses are found from the app itself: a new one has to be entered here before this passes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from apbot.channels.bell import Bell, Ear
from apbot.domain.roles import Role
from apbot.handlers.commands import COMMANDS
from apbot.handlers.port import Refused
from apbot.store.signin import make_link
from apbot.store.tables import people, roles
from apbot.web import board, live
from apbot.web.limits import Limit
from tests.day import Day, text_of
from tests.web.office import Office

NAMES = {"AB12": "Jay Ward", "CD34": "Joana da Silva", "EF56": "Mo Hassan", "GH78": "Ellie Dunn"}
HILLCREST = {"AB12", "CD34", "EF56"}
STRANGER, LEAVER, GOVERNOR = "", "Tom Beckett", "Helen Marsh"
SEES = {
    STRANGER: set[str](),
    LEAVER: set[str](),
    GOVERNOR: set[str](),
    "Priya Nair": HILLCREST,
    "Dorothy Okafor": HILLCREST,
    "Kit Lowry": HILLCREST,
    "Alan Pugh": {"GH78"},
    "Sam Taylor": {"AB12", "CD34", "GH78"},
    "Gary Stone": {"EF56"},
    "Ada Quill": set(NAMES),
}
"""Everybody who tries, and the pupils whom they may see."""

SIGNED_IN = {name for name in SEES if name not in (STRANGER, LEAVER)}
SCHOOL = {"Priya Nair", "Dorothy Okafor"}
ADMIN = {"Ada Quill"}


@dataclass(frozen=True)
class Tried:
    """An address to try, and what comes of it: `to` is who gets 200; `others` is what the other signed-in ones get."""

    path: str
    to: set[str]
    others: int = 404
    outside: int = 303
    """What a stranger and a leaver get: as a rule they are sent to the door."""


EVERYBODY = set(SEES)
SPAN = "from=2026-09-17&to=2026-09-17"
TABLE: dict[str, Sequence[Tried]] = {
    "GET /": [Tried("/", {STRANGER, LEAVER}, others=303)],
    "GET /signin/{secret}": [Tried("/signin/guess", set(), others=303, outside=410)],
    "POST /signin/{secret}": [Tried("/signin/guess", set(), others=303, outside=410)],
    "POST /signout": [Tried("/signout", set(), others=403, outside=403)],
    "GET /chat": [Tried("/chat", set(), others=303)],
    "POST /chat/act": [Tried("/chat/act", set(), others=403)],
    "GET /chat/live": [Tried("/chat/live", EVERYBODY)],
    "GET /chat/picture/{line:int}": [Tried("/chat/picture/999", set())],
    "GET /chat/{conversation}": [
        Tried("/chat/provider:OAK", {"Sam Taylor"}),
        Tried("/chat/person:PRIYA", {"Priya Nair"}),
    ],
    "GET /inspect/{ref:path}": [
        Tried("/inspect/CD34", SCHOOL | ADMIN | {"Kit Lowry"}),
        Tried("/inspect/GH78", ADMIN | {"Alan Pugh"}),
    ],
    "GET /inspect/pdf/{ref:path}": [Tried("/inspect/pdf/GH78", ADMIN | {"Alan Pugh"})],
    "GET /names": [Tried("/names", SIGNED_IN)],
    "GET /board": [
        Tried("/board", SIGNED_IN),
        Tried("/board?school=HILL", SCHOOL | ADMIN),
        Tried("/board?school=MARS", {"Alan Pugh"} | ADMIN),
    ],
    "GET /board/live": [Tried("/board/live", EVERYBODY), Tried("/board/live?school=MARS", EVERYBODY)],
    "GET /calendar": [Tried("/calendar", SIGNED_IN)],
    "POST /calendar": [Tried("/calendar", set(), others=403)],
    "GET /calendar/{secret}.ics": [Tried("/calendar/guess.ics", set(), outside=404)],
    "GET /files": [Tried("/files", SIGNED_IN)],
    "GET /files/{name}": [
        tried
        for what in ("attendance.csv", "duties.csv", "records.csv", "non-arrivals.csv")
        for tried in (
            Tried(f"/files/{what}?{SPAN}&school=HILL", SCHOOL | ADMIN),
            Tried(f"/files/{what}?{SPAN}&school=MARS", {"Alan Pugh"} | ADMIN),
            Tried(f"/files/{what}?{SPAN}", SCHOOL | ADMIN | {"Alan Pugh"}),
        )
    ],
    "GET /placements/{ref:path}": [
        Tried("/placements/CD34-OAK", SCHOOL | ADMIN | {"Kit Lowry", "Sam Taylor"}),
        Tried("/placements/EF56-THE", SCHOOL | ADMIN | {"Kit Lowry", "Gary Stone"}),
        Tried("/placements/GH78-OAK", ADMIN | {"Alan Pugh", "Sam Taylor"}),
    ],
    "GET /providers/{ref:path}": [
        Tried("/providers/OAK%20", SCHOOL | ADMIN | {"Kit Lowry", "Sam Taylor", "Alan Pugh"}),
        Tried("/providers/THE%20", SCHOOL | ADMIN | {"Kit Lowry", "Gary Stone"}),
    ],
    "GET /m/{token}": [Tried("/m/guess", set(), others=410, outside=410)],
    "POST /m/{token}": [Tried("/m/guess", set(), others=410, outside=410)],
    "GET /api/docs": [Tried("/api/docs", EVERYBODY)],
    "GET /api/v1/openapi.json": [Tried("/api/v1/openapi.json", EVERYBODY)],
    "GET /api/{rest:path}": [Tried("/api/v1/pupils", set(), outside=404)],
    # Who is signed in has no key for that: keys of one school and of all are tried in test_api.
    **{
        f"GET /api/v1/{each}": [Tried(f"/api/v1/{each.replace('{ref:path}', 'CD34-OAK')}", set(), 401, 401)]
        for each in ("today", "placements", "placements/{ref:path}", "registers", "attendance", "escalations", "duties")
    },
}
"""By method and pattern."""

EXAMPLES = re.compile(r"(?<=like )CD34|/ap \w+ CD34|AB12 late 9:50|except CD34")
"""References that stand in what explains how to type one."""


def found(routes: Sequence[BaseRoute], before: str = "") -> Iterator[str]:
    """Every method and pattern that the app answers."""
    for each in routes:
        if isinstance(each, Mount) and not isinstance(each.app, StaticFiles):
            yield from found(each.routes, before + each.path)
        elif isinstance(each, Route):
            methods = (each.methods or set()) - {"HEAD"}
            yield from (f"{method} {before}{each.path}" for method in methods if "{rest" not in each.path)
            if "{rest" in each.path:
                yield f"GET {before}{each.path}"


def hidden(text: str, name: str) -> set[str]:
    """Pupils in the text whom this person may not see."""
    text = EXAMPLES.sub("", text)
    return {ref for ref in NAMES.keys() - SEES[name] if ref in text or NAMES[ref] in text or NAMES[ref][-5:] in text}


@pytest.fixture
async def busy(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Twelve minutes past ten: some pupils have come, alerts are open, and streams end after what is there."""

    async def rung(bell: Bell, _: Ear) -> bool:
        bell.closed = True
        return False

    monkeypatch.setattr(board, "rung", rung)
    monkeypatch.setattr(live, "rung", rung)
    monkeypatch.setattr(Limit, "is_reached", lambda *_: False)
    day = office.day
    day.change(roles, roles.c.person_id == day.ids[GOVERNOR], role=Role.GOVERNOR.value)
    await day.until("09:40")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("10:12")
    return office


async def tries(office: Office, name: str, method: str, path: str) -> httpx.Response:
    ids = office.day.ids
    path = path.replace("provider:OAK", f"provider:{ids['Oak Farm']}").replace(
        "person:PRIYA", f"person:{ids['Priya Nair']}"
    )
    office.webchat.bell.closed = False
    return await (await office.browser(name)).request(method, path)


def test_every_address_of_the_app_is_in_the_table(office: Office) -> None:
    assert set(found(office.app.routes)) == set(TABLE), "enter the new address in TABLE, with who may open it"


@pytest.mark.parametrize("name", SEES, ids=lambda name: name or "a stranger")
async def test_everybody_gets_what_is_theirs_and_no_more(busy: Office, name: str) -> None:
    if name:
        await busy.browser(name)  # signed in, before they may have left
    busy.day.change(people, people.c.name == LEAVER, leaves_on=date(2026, 9, 16))
    for pattern, several in TABLE.items():
        method = pattern.split()[0]
        for each in several:
            if "live" in each.path and name == LEAVER:
                continue  # tried below: the stream says signed-out
            answer = await tries(busy, name, method, each.path)
            expected = 200 if name in each.to else each.others if name in SIGNED_IN else each.outside
            assert answer.status_code == expected, f"{name or 'a stranger'}: {method} {each.path}"
            assert not hidden(answer.text, name), f"{name or 'a stranger'}: {method} {each.path}"
            assert "set-cookie" not in answer.headers
            if answer.status_code != 200 and "CD34" not in each.path:
                assert not [ref for ref in NAMES if ref in EXAMPLES.sub("", answer.text)], (
                    "what is refused tells nothing"
                )


@pytest.mark.parametrize("path", ["/chat/live", "/board/live"])
async def test_a_stream_tells_a_leaver_and_a_stranger_that_they_are_signed_out(busy: Office, path: str) -> None:
    await busy.browser(LEAVER)
    busy.day.change(people, people.c.name == LEAVER, leaves_on=date(2026, 9, 16))
    for name in (LEAVER, STRANGER):
        assert (await tries(busy, name, "GET", path)).text == "retry: 2000\n\nevent: signed-out\ndata:\n\n"


@pytest.mark.parametrize("name", ["Priya Nair", "Sam Taylor"])
async def test_what_is_theirs_is_indeed_there(busy: Office, name: str) -> None:
    """Else an empty page would pass for a safe one."""
    for path in ("/board", "/board/live", "/names"):
        text = (await tries(busy, name, "GET", path)).text
        assert all(ref in text for ref in SEES[name]), path


ARGUMENTS = ("", "AB12", "CD34", "EF56", "GH78", "Hillcrest", "Marsh Lane", "Oak Farm", "CD34 today", "all", "new")


@pytest.mark.parametrize("name", [each for each in SEES if each], ids=str)
async def test_every_command_answers_everybody_with_their_own_pupils_alone(name: str) -> None:
    day = Day()
    try:
        day.change(roles, roles.c.person_id == day.ids[GOVERNOR], role=Role.GOVERNOR.value)
        await day.until("10:12")
        day.change(people, people.c.name == LEAVER, leaves_on=date(2026, 9, 16))
        for word in COMMANDS:
            for argument in ARGUMENTS:
                try:
                    reply = await day.person(name).types(f"/ap {word} {argument}".strip())
                except Refused as refused:
                    text = str(refused)
                else:
                    text = text_of(reply.card) if reply.card else ""
                typed = text.replace(argument, "") if argument else text
                seen = {ref for ref in NAMES.keys() - SEES[name] if f"{ref} " in EXAMPLES.sub("", typed)}
                assert not seen, f"{name}: /ap {word} {argument}: {text}"
                assert not [full for full in NAMES.values() if full in text], f"/ap {word} {argument}"
    finally:
        day.close()


@pytest.mark.parametrize("words", ["/ap today", "ap today"])
async def test_a_command_typed_in_a_providers_conversation_is_between_apbot_and_who_typed_it(
    office: Office, words: str
) -> None:
    await office.day.until("09:31")
    ids = office.day.ids
    there = f"provider:{ids['Oak Farm']}"
    await office.webchat.act(ids["Sam Taylor"], there, event_id="typed", text=words)
    assert "Today, Thu 17 Sep" in await office.reads("Sam Taylor", f"/chat/{there}")
    assert "Today, Thu 17 Sep" not in await office.reads("Bea Whitlock", f"/chat/{there}")


async def test_a_used_and_an_old_link_open_nothing(office: Office) -> None:
    made: Any = office.day.database.run(make_link, office.day.ids["Priya Nair"], timedelta(hours=1))
    browser = await office.browser()
    assert (await browser.post(f"/signin/{made.secret}")).status_code == 303
    browser.cookies.clear()
    assert (await browser.post(f"/signin/{made.secret}")).status_code == 410
    assert (await browser.get("/board")).headers["location"] == "/"
