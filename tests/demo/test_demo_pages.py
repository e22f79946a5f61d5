"""The demo's pages without a browser: what they show, and what they refuse."""

import re
from io import BytesIO
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from apbot.demo.mornings import PRIYA, SAM
from apbot.demo.server import listen
from apbot.demo.stage import Stage
from tests.demo.conftest import HERE

TOKEN = re.compile(r'data-token="(\w+)"')
CHAT_TOKEN = re.compile(r'name="token" value="(\w+)"')
EVENT = re.compile(r'name="event(?:_id)?" value="([^"]+)"')


async def press(page: httpx.AsyncClient, what: str, value: str = "", **headers: str) -> httpx.Response:
    """One of the controls."""
    token = found(TOKEN, (await page.get("/")).text)
    return await page.post("/stage/do", data={"token": token, "do": what, "value": value}, headers=headers)


def found(pattern: re.Pattern[str], text: str) -> str:
    """What the pattern's group holds."""
    match = pattern.search(text)
    assert match is not None, f"{pattern.pattern} is not in the page"
    return match[1]


async def test_the_page_has_four_panes_and_everybody_to_choose_from(page: httpx.AsyncClient) -> None:
    answer = await page.get("/")
    assert answer.status_code == 200
    assert answer.text.count("<iframe") == 4
    for name in ("Sam Taylor, named contact", "Priya Nair, attendance contact", "Dorothy Okafor, DSL", "Kit Lowry"):
        assert answer.text.count(name) == 4, "each pane can show each person"


async def test_the_page_runs_nothing_that_stands_in_it(page: httpx.AsyncClient) -> None:
    answer = await page.get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", answer.text)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:80", "evil.example:8799", "[::1]:8799", ""])
async def test_only_this_machines_own_names_are_answered(page: httpx.AsyncClient, host: str) -> None:
    for path in ("/", "/stage/state", f"/as/1/{SAM}/chat", "/stage/static/demo.css"):
        assert (await page.get(path, headers={"host": host})).status_code == 421
    assert (await page.get("/stage/state", headers={"host": "localhost:8799"})).status_code == 200


async def test_another_sites_page_can_do_nothing(page: httpx.AsyncClient, stage: Stage) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert (await press(page, "play", **headers)).status_code == 403
    assert (await page.post("/stage/do", data={"do": "play", "token": "guessed"})).status_code == 403
    assert not stage.playing


async def test_the_controls_control(page: httpx.AsyncClient, stage: Stage) -> None:
    assert (await press(page, "play")).json()["playing"] is True
    assert (await press(page, "pause")).json()["playing"] is False
    assert (await press(page, "speed", "10")).json()["speed"] == 10
    state = (await press(page, "next")).json()
    assert (state["now"], state["told"]["at"]) == (5, "09:30")
    state = (await press(page, "jump", "35")).json()
    assert state["told"]["at"] == "10:00"
    assert state["alerts"] == [2, 2]
    assert state["board"]["3"] == "mmmm"
    state = (await press(page, "again", "ordinary")).json()
    assert (state["run"], state["begun"], state["now"]) == (2, False, 0)
    assert "An ordinary morning – apbot demo" in (await page.get("/")).text


@pytest.mark.parametrize(
    ("what", "value"),
    [("speed", "5"), ("speed", "x"), ("jump", "-1"), ("jump", "²"), ("jump", "99999"), ("again", "worse"), ("", "")],
)
async def test_nonsense_is_refused(page: httpx.AsyncClient, what: str, value: str) -> None:
    assert (await press(page, what, value)).status_code == 400


async def test_each_pane_is_the_real_chat_of_that_person(page: httpx.AsyncClient, stage: Stage) -> None:
    await press(page, "next")
    chat = await page.get(f"/as/1/{SAM}/chat/provider:1")
    assert "Register: Oak Farm, am" in chat.text
    assert "frame-ancestors 'self'" in chat.headers["content-security-policy"]
    assert "Register" not in (await page.get(f"/as/1/{PRIYA}/chat", follow_redirects=True)).text
    assert (await page.get(f"/as/1/{PRIYA}/chat/provider:1")).status_code == 404
    for nobody in ("/as/1/NOBODY/chat", "/as/2/OAK-ST/chat", "/as/x/OAK-ST/chat", "/as/1/", "/as/1"):
        assert (await page.get(nobody, follow_redirects=True)).status_code == 404, nobody


async def test_what_is_typed_in_a_pane_is_done_and_told(page: httpx.AsyncClient, stage: Stage) -> None:
    await press(page, "next")
    chat = (await page.get(f"/as/1/{SAM}/chat/provider:1")).text
    typed: dict[str, Any] = {
        "token": found(CHAT_TOKEN, chat),
        "conversation": "provider:1",
        "event": found(EVENT, chat),
        "event_id": found(EVENT, chat),
        "text": "all in",
    }
    answer = await page.post(f"/as/1/{SAM}/chat/act", data=typed, headers={"accept": "application/json"})
    assert answer.status_code == 200
    await stage.frame(0)
    state = (await page.get("/stage/state")).json()
    assert state["board"]["1"] == "a" * 9
    assert state["told"]["words"].startswith("You stepped in as Sam Taylor.")


async def test_the_roster_comes_as_the_workbook_that_is_filled_in(page: httpx.AsyncClient) -> None:
    answer = await page.get("/stage/roster.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="apbot-sample-roster.xlsx"'
    book = load_workbook(BytesIO(answer.content), read_only=True)
    assert {"Schools", "People", "Providers", "Placements"} <= set(book.sheetnames)
    book.close()


async def test_a_wrong_address_is_a_page_with_a_way_back(page: httpx.AsyncClient) -> None:
    answer = await page.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert 'href="/"' in answer.text
    assert "content-security-policy" in answer.headers


def test_it_listens_on_this_machine_only_and_takes_a_free_port_where_the_usual_one_is_taken() -> None:
    with listen(None) as first, listen(None) as second:
        for each in (first, second):
            assert each.getsockname()[0] == "127.0.0.1"
        assert first.getsockname()[1] != second.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listen(second.getsockname()[1])
    assert HERE.endswith("127.0.0.1:8799")
