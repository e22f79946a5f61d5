"""Who may tell apbot something on Teams, and what odd bodies do."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from apbot.channels.teams import webhook
from tests.channels.chatday import ChatDay, begun
from tests.channels.stand import Failure
from tests.channels.teams_connector import Connector
from tests.channels.teams_day import heard, stand_of, today
from tests.channels.teams_stand import CLIENT, KEY_NAME, TeamsStand, key


@pytest.fixture
def stand() -> TeamsStand:
    return TeamsStand()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quiet() -> AsyncIterator[ChatDay]:
    """One day for all the tests after which nothing has happened."""
    async with begun(TeamsStand()) as a_day:
        yield a_day


# Tokens


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-bot"},
        {"aud": None},
        {"iss": "https://example.com"},
        {"iss": None},
        {"exp": -3600},
        {"exp": None},
        {"nbf": 3600},
        {"serviceurl": "https://example.com/teams/"},
        {"serviceurl": 7},
    ],
    # Named without the time: each process that runs tests has to give them the same names.
    ids=[
        "aud another",
        "no aud",
        "iss another",
        "no iss",
        "exp over",
        "no exp",
        "nbf later",
        "url another",
        "url a number",
    ],
)
async def test_a_token_for_somebody_else_or_another_time_is_refused(quiet: ChatDay, claims: dict[str, Any]) -> None:
    before = heard(quiet), len(stand_of(quiet).messages)
    from_now = {name: int(time.time()) + claims[name] for name in ("exp", "nbf") if claims.get(name)}
    token = stand_of(quiet).token(**claims | from_now)
    response = await stand_of(quiet).send(today(quiet), {"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert (heard(quiet), len(stand_of(quiet).messages)) == before


def unsigned() -> str:
    claims = {"iss": "https://api.botframework.com", "aud": CLIENT, "exp": int(time.time()) + 3600}
    return jwt.encode(claims, "", algorithm="none", headers={"kid": KEY_NAME})


def signed_with_a_word() -> str:
    claims = {"iss": "https://api.botframework.com", "aud": CLIENT, "exp": int(time.time()) + 3600}
    return jwt.encode(claims, "a word that is long enough for a key" * 2, algorithm="HS256", headers={"kid": KEY_NAME})


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer not.a.token"},
        {"Authorization": "Bearer " + "x" * 20_000},
        {"Authorization": f"Bearer {unsigned()}"},
        {"Authorization": f"Bearer {signed_with_a_word()}"},
    ],
    ids=["none", "empty", "no token", "another kind", "garbage", "endless", "unsigned", "signed with a word"],
)
async def test_a_request_without_a_token_of_teams_is_refused(quiet: ChatDay, headers: dict[str, str]) -> None:
    before = heard(quiet), len(stand_of(quiet).messages)
    response = await stand_of(quiet).send(today(quiet), headers)
    assert response.status_code == 401
    assert (heard(quiet), len(stand_of(quiet).messages)) == before


async def test_a_token_signed_with_another_key_is_refused_under_either_name(day: ChatDay) -> None:
    stand = stand_of(day)
    forged = stand.token(signed_with="forged")
    assert (await stand.send(today(day), {"Authorization": f"Bearer {forged}"})).status_code == 401
    claims = jwt.decode(stand.token(), options={"verify_signature": False})
    other = jwt.encode(claims, key("forged"), algorithm="RS256", headers={"kid": "key-2"})
    asked = len(stand.requests)
    for _ in range(5):
        assert (await stand.send(today(day), {"Authorization": f"Bearer {other}"})).status_code == 401
    assert len(stand.requests) <= asked + 1, "whoever makes up keys does not make apbot ask for them each time"


async def test_a_key_that_is_not_for_teams_is_refused(stand: TeamsStand) -> None:
    stand.teams.endorsements = ["webchat"]
    async with begun(stand) as day:
        assert (await stand.send(today(day))).status_code == 401


@pytest.mark.parametrize("channel", ["webchat", "directline", "", None])
async def test_a_channel_in_which_people_say_themselves_who_they_are_is_refused(
    stand: TeamsStand, channel: str | None
) -> None:
    """The Bot Framework signs for all of its channels with the same keys."""
    stand.teams.endorsements = ["msteams", "webchat", "directline", ""]
    async with begun(stand) as day:
        assert (await stand.send({**today(day), "channelId": channel})).status_code == 401
        assert not heard(day)


async def test_a_token_that_names_no_service_address_is_good_for_known_ones_only(day: ChatDay) -> None:
    stand = stand_of(day)
    token = {"Authorization": f"Bearer {stand.token(serviceurl=None)}"}
    assert (await stand.send(today(day), token)).status_code == 200, "the one of the settings"
    elsewhere = {**today(day), "serviceUrl": "https://example.com/"}
    assert (await stand.send(elsewhere, token)).status_code == 401


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("url", ["http://example.com/", "ftp://127.0.0.1/", "", None, "//"])
async def test_a_service_address_that_is_not_safe_is_refused_whoever_signs_it(quiet: ChatDay, url: Any) -> None:
    token = {"Authorization": f"Bearer {stand_of(quiet).token(serviceurl=url)}"}
    assert (await stand_of(quiet).send({**today(quiet), "serviceUrl": url}, token)).status_code == 401


async def test_when_the_keys_cannot_be_had_teams_is_told_to_try_again() -> None:
    stand = TeamsStand(openid_url="http://127.0.0.1:9/nobody")
    async with begun(stand) as day:
        assert (await stand.send(today(day))).status_code == 503


async def test_nobody_gets_in_when_only_the_playground_is_set_up_and_a_proxy_stands_between() -> None:
    stand = TeamsStand(client_id="", client_secret="", playground=True)
    async with begun(stand) as day:
        for header in ("X-Forwarded-For", "Forwarded"):
            assert (await stand.send(today(day), {header: "for=203.0.113.9"})).status_code == 401
        assert not heard(day)


async def test_the_playground_on_this_machine_needs_no_token_and_is_sent_none() -> None:
    class Playground(Connector):
        def _unsigned(self, request: Any) -> None:
            assert "Authorization" not in request.headers

    stand = TeamsStand(Playground(), client_id="", client_secret="", playground=True)
    async with begun(stand) as day:
        await day.until("09:31")
        assert (await stand.send(today(day), {})).status_code == 200
        day.newest(day.dsl_address, "Today", "Oak Farm")


# Bodies


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 401),
        (b"null", 401),
        (b"[" * 100_000, 400),
        (b"{}", 401),
        (b'{"a": "' + b"x" * webhook.BODY + b'"}', 413),
    ],
)
async def test_garbage_is_answered_with_a_status_and_does_nothing(quiet: ChatDay, body: bytes, status: int) -> None:
    before = heard(quiet), len(stand_of(quiet).messages)
    expected = {400, 401} if status == 401 else {status}
    assert (await stand_of(quiet).send(body)).status_code in expected
    assert (heard(quiet), len(stand_of(quiet).messages)) == before


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "change",
    [
        {"conversation": None},
        {"conversation": {"id": 7}},
        {"conversation": {"id": "x" * 5000}},
        {"from": None},
        {"from": {}},
        {"conversation": {"id": "19:" + "x" * 300, "conversationType": "groupChat"}},
    ],
)
async def test_an_activity_from_nobody_or_nowhere_is_a_bad_request(quiet: ChatDay, change: dict[str, Any]) -> None:
    before = heard(quiet), len(stand_of(quiet).messages)
    assert (await stand_of(quiet).send({**today(quiet), **change})).status_code == 400
    assert (heard(quiet), len(stand_of(quiet).messages)) == before


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"text": {"a": 1}},
        {"text": "x" * 50_000},
        {"entities": "none"},
        {"entities": [None, {"type": "mention"}, {"type": "mention", "text": 3, "mentioned": []}]},
        {"attachments": {"a": 1}},
        {"attachments": [3, {"contentType": "text/html", "content": 5}, {"contentType": "image/png"}]},
        {"channelData": "x", "recipient": [], "locale": 3},
        {"replyToId": 4},
        {"value": "x"},
        {"id": 5},
    ],
)
async def test_an_activity_of_an_odd_shape_does_no_harm(quiet: ChatDay, change: dict[str, Any]) -> None:
    before = heard(quiet)
    assert (await stand_of(quiet).send({**today(quiet), **change})).status_code == 200
    assert heard(quiet) == before + 1


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", ["typing", "messageReaction", "event", "endOfConversation", "messageDelete", "", 7])
async def test_activities_that_ask_for_nothing_are_accepted_and_nothing_comes_of_them(
    quiet: ChatDay, kind: Any
) -> None:
    before = heard(quiet), len(stand_of(quiet).messages)
    assert (await stand_of(quiet).send({**today(quiet), "type": kind})).status_code == 200
    assert (heard(quiet), len(stand_of(quiet).messages)) == before


@pytest.mark.asyncio(loop_scope="module")
async def test_an_invoke_that_apbot_does_not_know_is_not_implemented(quiet: ChatDay) -> None:
    stand = stand_of(quiet)
    invoke = {**stand.activity("Sam Taylor", quiet.farm, "invoke"), "name": "task/fetch"}
    assert (await stand.send(invoke)).status_code == 501


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "action",
    [
        None,
        {},
        {"verb": "arrived"},
        {"verb": "arrived", "data": "x"},
        {"data": {"action": "arrived", "subject": -1}},
        {"data": {"action": "arrived", "subject": 2**40}},
        {"data": {"action": "arrived", "subject": True}},
        {"data": {"action": "arrived", "subject": [1]}},
        {"data": {"action": "say", "subject": 1}},
        {"data": {"action": 7}},
        {"data": {"action": "arrived", "subject": 1, "value": {}}},
        {"data": {"action": "x" * 500}},
    ],
)
async def test_a_press_that_cannot_be_read_is_an_error_in_the_protocols_own_words(quiet: ChatDay, action: Any) -> None:
    before = heard(quiet), len(stand_of(quiet).messages)
    stand = stand_of(quiet)
    invoke = {**stand.activity("Sam Taylor", quiet.farm, "invoke"), "name": "adaptiveCard/action"}
    response = await stand.send({**invoke, "value": {"action": action}})
    assert response.status_code == 200
    told = response.json()
    assert (told["statusCode"], told["type"]) == (400, "application/vnd.microsoft.error")
    assert told["value"]["code"] == "BadRequest"
    assert (heard(quiet), len(stand_of(quiet).messages)) == before


async def test_what_was_sent_is_in_no_log(day: ChatDay, caplog: pytest.LogCaptureFixture) -> None:
    stand = stand_of(day)
    with capture_logs() as logs, caplog.at_level("INFO"):
        await stand.send({**today(day), "text": "Jay Ward is at his uncle's"})
        await stand.send({**today(day), "from": None, "text": "Jay Ward"})
        await stand.send(today(day), {"Authorization": f"Bearer {stand.token(aud='other')}"})
        stand.fail_next(Failure.REFUSED)
        await stand.send(today(day))
    said = json.dumps(logs) + caplog.text
    for secret in ("Jay", "uncle", "Bearer", "eyJ", "Dorothy", day.dsl_address, "must not be repeated", "token-1"):
        assert secret not in said
