"""Slack over HTTP: what is signed is heard in time, and what is not, or makes no sense, harms nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.channels.slack.http import BODY_MOST, PATH
from apbot.store.tables import events, marks
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.slackstand import SlackStand, as_body, signed


@pytest.fixture
def stand() -> SlackStand:
    return SlackStand(over_http=True, patience=0.2)


async def post(stand: SlackStand, body: str | bytes, headers: dict[str, str], kind: str = "application/json") -> Any:
    return await stand.web.post(PATH, content=body, headers={"content-type": kind, **headers})


def pressed(day: ChatDay, stand: SlackStand) -> tuple[str, str]:
    said, element = stand._find(day.farm, "Arrived", "AB12")
    return as_body("interactive", stand.press("Sam Taylor", said, element, stand.trigger()))


async def test_the_address_is_proved_to_slack(day: ChatDay, stand: SlackStand) -> None:
    stand.workspace.errors["auth.test"] = "invalid_auth"  # even where the token is wrong
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "a challenge"})
    response = await post(stand, body, signed(body))
    assert response.status_code == 200
    assert response.json()["challenge"] == "a challenge"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"age": 301},
        {"age": -301},
        {"secret": "another"},
        {"x-slack-signature": "v0=ü"},
        {"x-slack-signature": "v0=00"},
        {"x-slack-request-timestamp": "soon"},
        {"x-slack-request-timestamp": "9" * 400},
        {"x-slack-request-timestamp": "-1"},
    ],
    ids=str,
)
async def test_what_slack_has_not_signed_just_now_is_refused(
    day: ChatDay, stand: SlackStand, headers: dict[str, Any]
) -> None:
    await day.until("09:31")
    body, kind = pressed(day, stand)
    wrong = {name: value.encode() for name, value in headers.items() if name.startswith("x-")}
    how = {name: value for name, value in headers.items() if not name.startswith("x-")}
    right = signed(body, **how) if headers else {}
    given: Any = {**right, **wrong}
    assert (await post(stand, body, given, kind)).status_code == 401
    assert fact(day, "AB12") is None


async def test_a_body_changed_on_the_way_is_refused(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    body, kind = pressed(day, stand)
    assert (await post(stand, body.replace("arrived", "absent"), signed(body), kind)).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/json"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ("[" * 100_000, "application/json"),
        ("null", "application/json"),
        ("payload=%7B", "application/x-www-form-urlencoded"),
        ("payload=[]", "application/x-www-form-urlencoded"),
        ("payload=", "application/x-www-form-urlencoded"),
    ],
    ids=lambda value: value[:20],
)
async def test_signed_nonsense_is_refused_with_a_clear_status(
    day: ChatDay, stand: SlackStand, body: str, kind: str
) -> None:
    assert (await post(stand, body, signed(body), kind)).status_code == 400


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "event_callback"},
        {"type": "event_callback", "event": None},
        {"type": "event_callback", "event": "message"},
        {"type": "event_callback", "event": {"type": 7}},
        {"type": "event_callback", "event": {"type": "message"}},
        {"type": "event_callback", "event": {"type": "message", "user": 5, "channel": [], "text": {}, "ts": 1}},
        {"type": "event_callback", "event": {"type": "message", "subtype": "message_changed", "message": 7}},
        {"type": "event_callback", "event": {"type": "something_new"}},
        {"type": "event_callback", "event": {"type": "app_home_opened", "user": None}},
        {"type": "event_callback", "event": {"type": "channel_id_changed"}},
        {"type": "event_callback", "authorizations": 7, "event": {"type": "message"}},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": [7], "user": {"id": "U1"}},
        {"type": "block_actions", "actions": [{"action_id": "x", "type": "button"}], "user": "U1"},
        {"type": "view_submission"},
        {"type": "view_submission", "view": {"callback_id": "x", "state": [], "private_metadata": 7}, "user": {}},
        {"type": "view_submission", "view": {"callback_id": "x", "private_metadata": "[1]"}, "user": {"id": "U1"}},
        {"type": "view_closed", "view": {"callback_id": "x"}, "user": {"id": "U1"}},
        {"type": "shortcut", "callback_id": "x"},
    ],
    ids=str,
)
async def test_signed_surprises_change_nothing_and_never_end_in_a_server_error(
    day: ChatDay, stand: SlackStand, payload: dict[str, Any]
) -> None:
    kind = "events_api" if payload.get("type") == "event_callback" else "interactive"
    body, content_type = as_body(kind, payload)
    assert (await post(stand, body, signed(body), content_type)).status_code < 500
    await stand.channel.answers.settled()
    assert not day.rows(sa.select(events))


async def test_a_button_that_apbot_did_not_make_is_answered(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    said, element = stand._find(day.farm, "Arrived", "AB12")
    for value in ("", "x", "~", "~eNo=", "a:b:c", "~" + "A" * 2000):
        before = len(stand.workspace.told)
        await stand.tell("interactive", stand.press("Sam Taylor", said, {**element, "value": value}, stand.trigger()))
        await stand.channel.answers.settled()
        assert "no longer in use" in stand.workspace.told[before]


async def test_a_body_that_is_too_long_is_not_read_to_the_end(day: ChatDay, stand: SlackStand) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(BODY_MOST // 65536 + 2):
            yield b"x" * 65536
        raise AssertionError("read beyond the limit")

    response = await stand.web.post(PATH, content=endless())
    assert response.status_code == 413
    assert (await post(stand, b"x" * (BODY_MOST + 1), {})).status_code == 413


async def test_bytes_that_are_no_text_are_refused(day: ChatDay, stand: SlackStand) -> None:
    assert (await post(stand, b"\xff\xfe", {"x-slack-signature": "v0=1"})).status_code == 400


async def test_only_posts_are_answered(day: ChatDay, stand: SlackStand) -> None:
    assert (await stand.web.get(PATH)).status_code == 405


async def test_slack_is_told_in_time_though_the_database_is_slow_and_the_person_later(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:31")
    let_go, real = asyncio.Event(), day.database.write

    async def slow(*args: Any, **kwargs: Any) -> Any:
        await let_go.wait()
        return await real(*args, **kwargs)

    day.database.write = slow  # type: ignore[method-assign]
    body, kind = pressed(day, stand)
    assert (await asyncio.wait_for(post(stand, body, signed(body), kind), 2)).status_code == 200
    command, command_kind = as_body(
        "slash_commands", stand.command("Dorothy Okafor", day.dsl_address, "/ap status AB12")
    )
    assert (await asyncio.wait_for(post(stand, command, signed(command), command_kind), 2)).content == b""
    words, words_kind = as_body("events_api", stand.message("Sam Taylor", day.farm, "CD34 is here"))
    assert (await asyncio.wait_for(post(stand, words, signed(words), words_kind), 2)).status_code == 200
    retry = {**signed(words), "x-slack-retry-num": "1"}
    assert (await asyncio.wait_for(post(stand, words, retry, words_kind), 2)).status_code == 200
    before = len(stand.workspace.told)
    let_go.set()
    await stand.channel.answers.settled()
    told = stand.workspace.told[before:]
    assert sum("CD34" in each for each in told) == 1, "told again by Slack, answered once"
    assert any("AB12" in each and "Recorded" in each for each in told)
    assert fact(day, "CD34") == fact(day, "AB12") == "arrived"
    assert len(day.rows(sa.select(marks))) == 2


async def test_a_form_sent_while_the_database_is_slow_is_answered_later(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:40")
    let_go, real = asyncio.Event(), day.database.write

    async def slow(*args: Any, **kwargs: Any) -> Any:
        await let_go.wait()
        return await real(*args, **kwargs)

    said, element = stand._find(day.farm, "Late", "AB12")
    trigger = stand.trigger()
    await stand.tell("interactive", stand.press("Sam Taylor", said, element, trigger))
    form = stand.workspace.opened_by[trigger]
    day.database.write = slow  # type: ignore[method-assign]
    assert await stand.tell("interactive", stand.submission("Sam Taylor", form, {"at": "11:50"})) is None
    let_go.set()
    await stand.channel.answers.settled()
    assert "has not come yet" in stand.workspace.told[-1]


async def test_who_presses_while_the_database_fails_is_told_that_nothing_was_recorded(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:31")
    real = day.database.write

    async def broken(*args: Any, **kwargs: Any) -> Any:
        raise sa.exc.OperationalError("select", {}, Exception("disk full"))

    day.database.write = broken  # type: ignore[method-assign]
    assert "nothing was recorded" in await stand.tap("Sam Taylor", day.farm, "Arrived", "AB12")
    assert "nothing was recorded" in await stand.type("Sam Taylor", day.farm, "all in")
    assert "nothing was recorded" in await stand.type("Sam Taylor", day.farm, "/ap today")
    day.database.write = real  # type: ignore[method-assign]
    stand._last = ("interactive", stand._last[1]) if stand._last else None
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"


async def test_while_slack_does_not_say_who_apbot_is_it_is_asked_to_tell_again(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    stand.workspace.errors["auth.test"] = "internal_error"
    body, kind = pressed(day, stand)
    assert (await post(stand, body, signed(body), kind)).status_code == 503
    assert fact(day, "AB12") is None
    del stand.workspace.errors["auth.test"]
    assert (await post(stand, body, signed(body), kind)).status_code == 200
    assert fact(day, "AB12") == "arrived"


async def test_what_is_of_no_use_is_acknowledged_all_the_same(day: ChatDay, stand: SlackStand) -> None:
    for kind in ("view_closed", "shortcut", "message_action"):
        body, form = as_body("interactive", {"type": kind, "user": {"id": "U1"}, "view": {}, "callback_id": "x"})
        assert (await post(stand, body, signed(body), form)).status_code == 200, kind
