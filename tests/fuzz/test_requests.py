"""What browsers and programs send: forms, addresses, parameters, cookies, keys and links with something wrong in them.

Nothing fails, nothing of it opens what it should not, and what is refused leaves nothing behind.
"""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from apbot.channels.links import Links
from apbot.domain.scopes import Scope
from apbot.store.apikeys import make_key
from apbot.store.letters import Letter
from apbot.store.tables import marks, web_sessions
from apbot.web.api.resources import RESOURCES, ROOT
from apbot.web.limits import Limit
from tests.day import Day
from tests.fuzz.bounds import examples, fuzzed, in_time
from tests.fuzz.mutants import ODD, garbled
from tests.web.office import Office
from tests.web.test_access import TABLE
from tests.web.visitor import TOKEN, found

TEXTS = [each if isinstance(each, str) else str(each) for each in ODD if len(str(each)) < 6000]
MODULE = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    """10:12: registers and alerts stand in the chats, and Priya Nair is signed in."""
    made = Office(Day())
    await made.day.until("10:12")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Limit, "is_reached", lambda *_: False)
        await made.browser("Priya Nair")
        yield made
    await made.close()
    made.day.close()


async def answered(browser: httpx.AsyncClient, method: str, path: str, what: str, **sent: Any) -> httpx.Response:
    """The answer, which is no failure and comes in time."""
    with capture_logs() as logs, in_time():
        try:
            answer = await browser.request(method, path, **sent)
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError):
            return httpx.Response(400)  # nobody can send that
    assert answer.status_code < 500, f"{answer.status_code}: {method} {path[:500]} {what[:1500]} {logs}"
    assert not [each for each in logs if each["log_level"] == "error"], f"{method} {path[:500]} {what[:1500]} {logs}"
    return answer


def odd(chance: random.Random) -> str:
    return chance.choice(TEXTS).encode("utf-8", "replace").decode()


@MODULE
async def test_addresses_and_parameters_with_something_wrong(office: Office) -> None:
    browser = await office.browser("Priya Nair")
    paths = [each.path for several in TABLE.values() for each in several if "live" not in each.path]
    names = ["show", "reply", "done", "press", "from", "to", "school", "after", "before", "until", "names"]
    for chance in examples("addresses", 150):
        path, _, query = chance.choice(paths).partition("?")
        if chance.random() < 0.6:
            parts = path.split("/")
            parts[-1] = quote(
                chance.choice([odd(chance), garbled(parts[-1], chance).encode("utf-8", "replace").decode()])
            )
            path = "/".join(parts)
        given_ = [(chance.choice(names), odd(chance)) for _ in range(chance.randrange(4))]
        query = "&".join(filter(None, [query, urlencode(given_)]))
        await answered(browser, chance.choice(["GET", "HEAD"]), f"{path}?{query}"[:8000], "")


@MODULE
async def test_forms_with_something_wrong(office: Office) -> None:
    browser = await office.browser("Priya Nair")
    own = f"person:{office.day.ids['Priya Nair']}"
    token = found(TOKEN, (await browser.get(f"/chat/{own}")).text)
    fields = ["text", "press", "verb", "subject", "value", "event_id", "message_id", "conversation", "input.at", "do"]
    for chance in examples("forms", 150):
        form = {"conversation": own, "event_id": f"event-{chance.randrange(10**9)}", "token": token}
        form["text" if chance.random() < 0.5 else "verb"] = chance.choice(
            ["arrived", "mark", "ack", "outcome", "/ap today"]
        )
        for _ in range(chance.randint(1, 4)):
            form[chance.choice(fields)] = chance.choice([odd(chance), "9" * chance.randint(1, 30), "x:1:y", own])
        before = office.day.rows(sa.select(marks))
        path = chance.choice(["/chat/act", "/chat/act", "/chat/act", "/calendar"])
        headers = {"accept": chance.choice(["application/json", "text/html"])}
        await answered(browser, "POST", path, str(form), data=form, headers=headers)
        assert office.day.rows(sa.select(marks)) == before, f"school staff mark no register: {form}"


@MODULE
async def test_cookies_and_keys_that_nobody_was_given(office: Office) -> None:
    made = office.day.database.run(make_key, "fuzz", None, list(Scope))
    sessions = office.day.rows(sa.select(web_sessions))
    stranger = await office.browser()
    real = (await office.browser("Priya Nair")).cookies["apbot_session"]
    for chance in examples("cookies", 60):
        wrong = [odd(chance), garbled(real, chance), real[:-1], f"{real}x", real.swapcase(), "", "x" * 4000]
        cookie = chance.choice(wrong).encode("utf-8", "replace").replace(b"\n", b"").replace(b"\x00", b"")
        if cookie == real.encode():
            continue
        answer = await answered(stranger, "GET", "/board", "", headers=[("cookie", b"apbot_session=" + cookie)])
        assert answer.status_code in (303, 400)
        key = garbled(made[1], chance).encode("utf-8", "replace").replace(b"\n", b"").replace(b"\x00", b"").strip()
        if key == made[1].encode():
            continue
        answer = await answered(stranger, "GET", f"{ROOT}/today", "", headers=[("authorization", b"Bearer " + key)])
        assert answer.status_code in (401, 400), key
    assert office.day.rows(sa.select(web_sessions)) == sessions


@MODULE
async def test_the_apis_parameters_with_something_wrong(office: Office) -> None:
    _, secret = office.day.database.run(make_key, "fuzz", None, list(Scope))
    browser = await office.browser()
    headers = {"authorization": f"Bearer {secret}"}
    names = sorted({each.name for resource in RESOURCES for each in resource.params} | {"x", ""})
    for chance in examples("api", 120):
        resource = chance.choice(RESOURCES)
        path = resource.path.replace("{ref}", quote(chance.choice(["CD34", odd(chance)])))
        query = urlencode([(chance.choice(names), odd(chance)) for _ in range(chance.randint(0, 4))])
        answer = await answered(browser, "GET", f"{ROOT}{path}?{query}"[:8000], "", headers=headers)
        assert answer.headers.get("content-type", "application/json").startswith("application/")


LINKS = Links("https://apbot.example", "a secret that is long enough for anybody")
LETTER = Letter(12, 34, datetime(2026, 9, 17, 12, tzinfo=UTC))
NOW = LETTER.until - timedelta(hours=1)
REAL = LINKS.to(LETTER).rsplit("/", 1)[1]


@given(st.one_of(st.text(max_size=400), st.randoms(use_true_random=False).map(lambda chance: garbled(REAL, chance))))
@fuzzed(200)
def test_a_link_that_was_changed_is_nobodys(token: str) -> None:
    with in_time():
        read = LINKS.read(token, NOW)
    assert read is None or read == LETTER, "another way to write the same signature opens nothing else"
    with in_time():
        try:
            LINKS.read_press(LETTER, token)
        except ValueError:
            return
    raise AssertionError("no button was signed so")


def test_the_link_itself_opens_its_letter_until_its_time_is_over() -> None:
    assert LINKS.read(REAL, NOW) == LETTER
    assert LINKS.read(REAL, LETTER.until) is None
    assert Links("https://apbot.example", "another").read(REAL, NOW) is None
