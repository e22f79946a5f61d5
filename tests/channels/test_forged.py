"""What a platform calls, called by somebody else: nothing is done, nothing is written, nothing of it is in a log.

Every address to which a platform posts is tried with everything that can be wrong with a call. The addresses are found
from the channels: a new one has to be entered here before this passes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.routing import Route
from structlog.testing import capture_logs

from apbot.channels import receiving
from apbot.channels.registry import PLATFORMS
from apbot.store.tables import metadata
from tests.channels.chatday import ChatDay, begun
from tests.channels.notifystand import TOKEN, NotifyStand
from tests.channels.slackstand import SECRET, SlackStand, as_body, signed
from tests.channels.stand import Stand
from tests.channels.teams_stand import TeamsStand
from tests.channels.telegram_stand import TelegramStand

SECRET_WORDS = "Jay is at his uncle's"
"""Stands in every body, and must be in no log."""

Headers = list[tuple[str, bytes]]


@dataclass
class Call:
    """One call: what is posted, with which headers."""

    body: bytes
    headers: dict[str, bytes] = field(default_factory=dict)
    more: Headers = field(default_factory=list)
    """Headers that stand there a second time."""

    def sends(self) -> Any:
        return {"content": self.body, "headers": [*self.headers.items(), *self.more]}


@dataclass(frozen=True)
class Door:
    """An address, and how its platform calls it rightly. `proof` is the header that shows who calls."""

    path: str
    stand: Callable[[], Stand]
    call: Callable[[Any, bytes], Call]
    body: Callable[[Any, ChatDay], bytes]
    proof: str
    forged: Mapping[str, Mapping[str, bytes]]
    most: int
    """So many bytes are more than it takes."""


def _slack_call(_: Any, body: bytes, **how: Any) -> Call:
    given = signed(body.decode("latin-1"), **how)
    return Call(body, {name: value.encode() for name, value in given.items()})


def _slack_body(stand: SlackStand, day: ChatDay) -> bytes:
    return as_body("events_api", stand.message("Sam Taylor", day.farm, SECRET_WORDS))[0].encode()


def _telegram_call(stand: TelegramStand, body: bytes) -> Call:
    return Call(body, {"x-telegram-bot-api-secret-token": stand.api.webhook["secret_token"].encode()})


def _telegram_body(stand: TelegramStand, day: ChatDay) -> bytes:
    return json.dumps(stand.update_of("Sam Taylor", day.farm, SECRET_WORDS)).encode()


def _teams_call(stand: TeamsStand, body: bytes) -> Call:
    return Call(body, {"authorization": f"Bearer {stand.token()}".encode()})


def _teams_body(stand: TeamsStand, day: ChatDay) -> bytes:
    return json.dumps({**stand.activity("Sam Taylor", day.farm, "message"), "text": SECRET_WORDS}).encode()


def _notify_call(_: Any, body: bytes) -> Call:
    return Call(body, {"authorization": f"Bearer {TOKEN}".encode()})


def _notify_body(stand: NotifyStand, _: ChatDay) -> bytes:
    lost = next(each for each in reversed(stand.server.notifications) if "Not arrived" in each.text)
    return json.dumps({**stand.server.receipt(lost, "permanent-failure"), "note": SECRET_WORDS}).encode()


BEARERS = {
    "a wrong secret": {"authorization": b"Bearer wrong"},
    "no secret": {"authorization": b"Bearer "},
    "another kind": {"authorization": b"Basic " + TOKEN.encode()},
    "not ASCII": {"authorization": b"Bearer \xff\xfe"},
    "endless": {"authorization": b"Bearer " + b"x" * 50_000},
}
DOORS = {
    "slack": Door(
        "/slack/events",
        lambda: SlackStand(over_http=True),
        _slack_call,
        _slack_body,
        "x-slack-signature",
        {
            "a wrong secret": {"x-slack-signature": b"v0=" + b"0" * 64},
            "another version": {"x-slack-signature": b"v1=" + b"0" * 64},
            "no version": {"x-slack-signature": b"0" * 64},
            "no time": {"x-slack-request-timestamp": b""},
            "another time": {"x-slack-request-timestamp": b"1600000000"},
            "a time to come": {"x-slack-request-timestamp": b"4000000000"},
            "not ASCII": {"x-slack-signature": b"v0=\xff"},
            "endless": {"x-slack-signature": b"v0=" + b"0" * 50_000},
        },
        1024 * 1024 + 1,
    ),
    "telegram": Door(
        "/telegram/webhook",
        lambda: TelegramStand(webhook=True),
        _telegram_call,
        _telegram_body,
        "x-telegram-bot-api-secret-token",
        {
            "a wrong secret": {"x-telegram-bot-api-secret-token": b"wrong"},
            "no secret": {"x-telegram-bot-api-secret-token": b""},
            "not ASCII": {"x-telegram-bot-api-secret-token": b"\xff\xfe"},
            "endless": {"x-telegram-bot-api-secret-token": b"x" * 50_000},
        },
        512 * 1024 + 1,
    ),
    "teams": Door("/api/messages", TeamsStand, _teams_call, _teams_body, "authorization", BEARERS, 256 * 1024 + 1),
    "notify": Door(
        "/notify/status",
        lambda: NotifyStand("sms"),
        _notify_call,
        _notify_body,
        "authorization",
        BEARERS,
        16 * 1024 + 1,
    ),
}
BROKEN = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00",
    "cut off": b'{"type": "message", "text": "Jay is at his un',
    "no object": b"[1, 2]",
    "deep": b"[" * 10_000,
    "another kind": b"text=Jay+is+at+his+uncle%27s",
}


class Tried:
    """A day with one platform, and apbot's address for it."""

    def __init__(self, door: Door, day: ChatDay) -> None:
        self.door, self.day = door, day
        transport = httpx.ASGITransport(Starlette(routes=list(day.channel.routes)))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://apbot")

    def right(self, body: bytes | None = None) -> Call:
        """As the platform calls, with `body` in the place of what somebody did."""
        given = self.door.body(self.day.stand, self.day) if body is None else body
        return self.door.call(self.day.stand, given)

    async def posts(self, call: Call, kind: str = "application/json") -> int:
        answer = await self.http.post(
            self.door.path, content=call.body, headers=[("content-type", kind), *call.headers.items(), *call.more]
        )
        self.said = answer.text
        return answer.status_code

    async def refused(self, call: Call, *statuses: int, kind: str = "application/json") -> None:
        """Post it: it is refused, nothing is written, and nothing of it is in a log."""
        before = self._everything()
        with capture_logs() as logs:
            assert await self.posts(call, kind) in statuses
        assert self._everything() == before, "nothing is written"
        assert len(self.said) < 200, "an answer tells nothing"
        said = str(logs)
        assert "Jay" not in said
        assert "uncle" not in said
        for proof in call.headers.values():
            assert not proof or proof.decode("latin-1") not in said

    def _everything(self) -> list[Any]:
        return [self.day.rows(sa.select(table)) for table in metadata.sorted_tables]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=DOORS)
async def tried(request: pytest.FixtureRequest) -> AsyncIterator[Tried]:
    """10:01, an alert has gone out: each door is tried on one day, after which nothing must have happened."""
    door = DOORS[request.param]
    async with begun(door.stand()) as day:
        await day.until_register()
        await day.until("10:01")
        found = Tried(door, day)
        yield found
        await found.http.aclose()


MODULE = pytest.mark.asyncio(loop_scope="module")


def test_every_address_that_a_platform_calls_is_tried_here() -> None:
    assert set(PLATFORMS) == {*DOORS, "email", "webhook"}, "email and webhook are called by nobody"


@MODULE
async def test_a_platform_has_this_one_address(tried: Tried) -> None:
    routes = [each for each in tried.day.channel.routes if isinstance(each, Route)]
    assert [(each.path, each.methods) for each in routes] == [(tried.door.path, {"POST"})]


@MODULE
async def test_without_a_proof_nobody_is_heard(tried: Tried) -> None:
    call = tried.right()
    del call.headers[tried.door.proof]
    await tried.refused(call, 401)


@MODULE
async def test_a_wrong_proof_is_no_proof(tried: Tried) -> None:
    for name, wrong in tried.door.forged.items():
        call = tried.right()
        call.headers.update(wrong)
        try:
            await tried.refused(call, 401)
        except AssertionError as problem:
            raise AssertionError(name) from problem


@MODULE
async def test_a_proof_that_stands_there_twice_is_none(tried: Tried) -> None:
    """A proxy may have looked at the one, and apbot would at the other."""
    for second in (b"wrong", tried.right().headers[tried.door.proof]):
        call = tried.right()
        call.more = [(tried.door.proof, second)]
        await tried.refused(call, 401)


@MODULE
async def test_a_body_that_is_too_large_is_not_read(tried: Tried) -> None:
    await tried.refused(tried.right(b" " * tried.door.most), 413, 401)


@MODULE
@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_body_is_refused_whoever_sends_it(tried: Tried, what: str) -> None:
    await tried.refused(tried.right(BROKEN[what]), 400, 401)
    forged = Call(BROKEN[what])
    await tried.refused(forged, 401, 400)


@MODULE
async def test_another_kind_of_content_harms_nothing(tried: Tried) -> None:
    """What is proved is heard by some, whatever it calls itself: what is not proved never is."""
    for kind in ("text/plain", "multipart/form-data", "application/xml", "application/x-www-form-urlencoded", ""):
        call = tried.right()
        del call.headers[tried.door.proof]
        await tried.refused(call, 401, kind=kind)


@MODULE
async def test_a_body_that_trickles_in_is_given_up(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "BODY_WITHIN", 0.05)
    call = tried.right()
    scope = {
        "type": "http",
        "method": "POST",
        "path": tried.door.path,
        "raw_path": tried.door.path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("apbot", 80),
        "client": ("198.51.100.7", 1),
        "headers": [(name.encode(), value) for name, value in call.headers.items()],
    }
    sent: list[Any] = []
    pieces = [{"type": "http.request", "body": call.body[:5], "more_body": True}]

    async def receive() -> Any:
        if pieces:
            return pieces.pop()
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await Starlette(routes=list(tried.day.channel.routes))(scope, receive, send)
    assert sent[0]["status"] in (400, 408)


@MODULE
async def test_the_platform_itself_is_heard_after_all_that(tried: Tried) -> None:
    """Else a door that is shut to all would pass."""
    before = tried._everything()
    assert await tried.posts(tried.right()) in (200, 204)
    await tried.day.app.tick()
    assert tried._everything() != before


async def test_a_call_of_slacks_is_not_good_for_longer_than_five_minutes_nor_before_its_time() -> None:
    async with begun(SlackStand(over_http=True)) as day:
        tried = Tried(DOORS["slack"], day)
        for age in (301, -301, 86_400):
            body = tried.door.body(day.stand, day)
            await tried.refused(_slack_call(day.stand, body, age=age), 401)
        await tried.refused(_slack_call(day.stand, b"{}", secret=f"{SECRET}x"), 401)
        changed = tried.right()
        changed.body = changed.body.replace(b"Jay", b"Joe")
        await tried.refused(changed, 401)
        await tried.http.aclose()
