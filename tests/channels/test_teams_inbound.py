"""What Teams, or somebody who pretends to be Teams, may send to apbot."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import jwt
import pytest
import pytest_asyncio
import sqlalchemy as sa
from structlog.testing import capture_logs

from apbot.cards import Reply
from apbot.channels.desk import Heard
from apbot.channels.teams import webhook
from apbot.channels.teams.inbound import read_activity, words_heard
from apbot.channels.teams.settings import Settings
from apbot.store.linking import detail_of
from apbot.store.tables import addresses, escalations, events, marks
from tests.channels.chatday import ChatDay
from tests.channels.contract import fact
from tests.channels.stand import Failure
from tests.channels.teams_cards import actions_of, text_of
from tests.channels.teams_stand import BOT, CLIENT, KEY_NAME, TENANT, TeamsStand, key


@pytest.fixture
def stand() -> TeamsStand:
    return TeamsStand()


@pytest_asyncio.fixture
async def day(stand: TeamsStand) -> AsyncIterator[ChatDay]:
    async with begun(stand) as a_day:
        yield a_day


@asynccontextmanager
async def begun(stand: TeamsStand) -> AsyncIterator[ChatDay]:
    """A day with this stand-in."""
    a_day = ChatDay(stand)
    await a_day.begin()
    try:
        yield a_day
    finally:
        await a_day.end()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quiet() -> AsyncIterator[ChatDay]:
    """One day for all the tests after which nothing has happened."""
    async with begun(TeamsStand()) as a_day:
        yield a_day


def today(day: ChatDay) -> dict[str, Any]:
    """Dorothy Okafor types /ap today."""
    stand = stand_of(day)
    return {**stand.activity("Dorothy Okafor", day.dsl_address, "message"), "text": "/ap today"}


def stand_of(day: ChatDay) -> TeamsStand:
    assert isinstance(day.stand, TeamsStand)
    return day.stand


def heard(day: ChatDay) -> int:
    """How many events were heard."""
    (row,) = day.rows(sa.select(sa.func.count().label("n")).select_from(events))
    return int(row.n)


# Tokens


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-bot"},
        {"aud": None},
        {"iss": "https://example.com"},
        {"iss": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nbf": int(time.time()) + 3600},
        {"serviceurl": "https://example.com/teams/"},
        {"serviceurl": 7},
    ],
    ids=lambda claims: " ".join(f"{name}={value}"[:30] for name, value in claims.items()),
)
async def test_a_token_for_somebody_else_or_another_time_is_refused(quiet: ChatDay, claims: dict[str, Any]) -> None:
    before = heard(quiet), len(stand_of(quiet).messages)
    token = stand_of(quiet).token(**claims)
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
    stand.endorsements = ["webchat"]
    async with begun(stand) as day:
        assert (await stand.send(today(day))).status_code == 401


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
    class Playground(TeamsStand):
        def _unsigned(self, request: Any) -> None:
            assert "Authorization" not in request.headers

    stand = Playground(client_id="", client_secret="", playground=True)
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


# Pressing


async def test_a_press_is_answered_with_the_card_as_it_is_now_and_the_answer_on_it(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    message, action = stand.find("Sam Taylor", day.farm, "Arrived", "AB12")
    told = (await stand.invoke("Sam Taylor", day.farm, action, message.id)).json()
    assert told["type"] == "application/vnd.microsoft.card.adaptive"
    assert "Recorded" in text_of(told["value"])
    assert "Arrived · Sam Taylor, 09:31" in text_of(told["value"])
    assert "Here now" not in [each["title"] for each in actions_of(told["value"])]
    assert "Arrived ·" not in text_of(message.card), "the others' card is brought up to date by delivery"


async def test_an_answer_is_seen_by_nobody_else(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:40")
    before = len(stand.messages)
    answer = await stand.tap("Sam Taylor", day.farm, "Late", "AB12", {"at": "11:50"})
    assert "has not come yet" in answer
    assert len(stand.messages) == before
    assert stand.requests.count("edit") == 0


async def test_of_a_card_in_parts_the_part_that_was_pressed_is_shown_anew(day: ChatDay) -> None:
    from apbot.channels.teams.current import with_answer
    from apbot.channels.teams.rendering import pages
    from tests.channels.contract import plain_card

    parts = pages(plain_card(60))
    assert len(parts) > 1
    shown = with_answer(parts, 1, Reply())
    assert shown == parts[1]


async def test_the_inputs_of_other_forms_are_not_taken_for_the_pressed_ones(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:52")
    message, action = stand.find("Sam Taylor", day.farm, "Late", "AB12", {"at": "09:50"})
    action["data"] |= {"at.99": "09:31", "reason.98": "ill", "at": "09:32"}
    await stand.invoke("Sam Taylor", day.farm, action, message.id)
    await day.app.tick()
    day.newest(day.farm, "AB12", "late at 09:50")


async def test_a_client_without_universal_actions_sends_a_press_as_a_message(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    message, action = stand.find("Sam Taylor", day.farm, "Arrived", "AB12")
    sent = {**stand.activity("Sam Taylor", day.farm, "message"), "value": action["data"], "replyToId": message.id}
    assert "Recorded" in await stand.said(sent)
    assert fact(day, "AB12") == "arrived"


async def test_asking_for_the_card_anew_does_nothing_else(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    message, _ = stand.find("Sam Taylor", day.farm, "Arrived")
    action = {"type": "Action.Execute", "verb": "refresh", "data": {}}
    answer = await stand.invoke("Sam Taylor", day.farm, action, message.id)
    assert "AB12" in stand.answered("Sam Taylor", message, answer)
    assert not heard(day)
    answer = await stand.invoke("Passing Stranger", day.farm, action, message.id)
    assert "AB12" not in stand.answered("Passing Stranger", message, answer)


async def test_two_presses_without_a_name_are_two(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    for label in ("Arrived", "Left site", "Here now"):
        message, action = stand.find("Sam Taylor", day.farm, label, "AB12")
        invoke = {**stand.activity("Sam Taylor", day.farm, "invoke"), "name": "adaptiveCard/action"}
        del invoke["id"]
        await stand.send({**invoke, "replyToId": message.id, "value": {"action": action}})
        await day.app.tick()
    assert fact(day, "AB12") in ("arrived", "late"), "the last press counted, though an earlier one looked the same"


async def test_a_press_that_takes_too_long_is_answered_in_time_and_its_outcome_told_later(
    day: ChatDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    go_on = asyncio.Event()
    desk = stand.channel._desk._desk
    hear = desk.hear

    async def slow(channel: str, heard: Heard) -> Reply:
        await go_on.wait()
        return await hear(channel, heard)

    monkeypatch.setattr(desk, "hear", slow)
    monkeypatch.setattr(stand.channel._webhook, "_answer_within", 0.05)
    answer = await stand.tap("Sam Taylor", day.farm, "Arrived", "AB12")
    assert "longer than usual" in answer
    assert (await stand.send({**stand.activity("Sam Taylor", day.farm, "message"), "text": "CD34 ill"})).is_success
    go_on.set()
    await stand.channel._webhook.close()
    assert (fact(day, "AB12"), fact(day, "CD34")) == ("arrived", "not arrived")
    day.newest(day.farm, "Recorded", "AB12")
    day.newest(day.farm, "Recorded", "CD34")


async def test_when_the_database_fails_who_typed_and_who_pressed_are_told_so(
    day: ChatDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = stand_of(day)
    await day.until("09:31")

    async def broken(channel: str, heard: Heard) -> Reply:
        raise sa.exc.OperationalError("SELECT secret words", {}, Exception("disk"))

    monkeypatch.setattr(stand.channel._desk._desk, "hear", broken)
    assert "nothing was done" in await stand.tap("Sam Taylor", day.farm, "Arrived", "AB12")
    assert (
        await stand.send({**stand.activity("Sam Taylor", day.farm, "message"), "text": "all in"})
    ).status_code == 500
    assert "nothing was done" in day.stand.shown(day.farm)[-1].text


async def test_too_much_at_once_is_refused_and_not_swallowed(day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MOST_AT_ONCE", 0)
    assert (await stand_of(day).send(today(day))).status_code == 503


# Typing


async def test_the_mention_and_what_teams_adds_are_not_part_of_the_words(day: ChatDay) -> None:
    activity = today(day)
    typed = {
        "<at>apbot</at>&nbsp;ap today\n": "/ap today",
        "AP  status AB12": "/ap status AB12",
        "/ap link ABCD-EFGH": "/ap link ABCD-EFGH",
        "  <at>apbot</at> <at>Bea</at> says all in &amp; well ": "Bea says all in & well",
        "apple pie": "apple pie",
        "ap": "/ap",
    }
    for text, words in typed.items():
        mention = {"type": "mention", "text": "<at>apbot</at>", "mentioned": {"id": BOT}}
        read = read_activity({**activity, "text": text, "entities": [mention]})
        assert words_heard(read).text == words


async def test_words_that_quote_a_register_are_about_it(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    shown = day.newest(day.farm, "Register:")
    activity = stand.activity("Sam Taylor", day.stand.address_of("Sam Taylor"), "message")
    content = f'<blockquote itemtype="http://schema.skype.com/Reply" itemid="{shown.ref}">AB12 arrived</blockquote>'
    attachment = {"contentType": "text/html", "content": f"{content}<p>CD34 ill</p>"}
    read = words_heard(read_activity({**activity, "text": "AB12 arrived CD34 ill", "attachments": [attachment]}))
    assert (read.text, read.platform_ref) == ("CD34 ill", shown.ref)


async def test_a_message_that_was_changed_is_not_read_again_and_says_so(day: ChatDay) -> None:
    stand = stand_of(day)
    activity = {**today(day), "type": "messageUpdate"}
    activity["channelData"] = {**activity["channelData"], "eventType": "editMessage"}
    await stand.send(activity)
    day.newest(day.dsl_address, "not read again")
    assert not heard(day)


async def test_an_answer_in_a_channel_stands_in_its_thread(day: ChatDay) -> None:
    stand = stand_of(day)
    garage = stand.shared_by("The Garage")
    await stand.type("Gary Stone", garage, f"/ap link {day.code_for(provider='The Garage')}")
    (message,) = stand.messages.values()
    assert message.conversation == f"{garage};messageid=1600000000000"
    await day.until("09:31")
    assert [each.conversation for each in stand.messages.values() if "EF56" in text_of(each.card)] == [garage]


async def test_the_same_words_told_of_again_are_heard_once(day: ChatDay) -> None:
    await day.until("09:31")
    await day.types("Sam Taylor", day.farm, "AB12 here")
    await day.stand.again()
    assert len(day.rows(sa.select(marks))) == 1


async def test_another_bot_is_not_talked_to(day: ChatDay) -> None:
    stand = stand_of(day)
    assert await stand.said({**today(day), "from": {"id": "28:another-bot", "name": "Other"}}) == ""
    assert not heard(day)


async def test_an_answer_that_cannot_be_posted_at_first_is_tried_again(
    day: ChatDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apbot.channels.teams.desk.PAUSE", timedelta(0))
    day.stand.fail_next(Failure.BROKEN)
    assert "Today" in await day.types("Dorothy Okafor", day.dsl_address, "ap today")


# Where people are


async def test_a_code_typed_where_others_read_links_the_person_to_their_own_chat(day: ChatDay) -> None:
    stand = stand_of(day)
    await stand.type("Tom Beckett", day.farm, f"link {day.code_for(person='Tom Beckett')}")
    tom = stand.address_of("Tom Beckett")
    assert day.rows(sa.select(addresses).where(addresses.c.address == tom, addresses.c.person_id.is_not(None)))
    await day.until("10:31")
    day.newest(tom, "Not arrived")
    assert not [each for each in stand.shown(day.farm) if "Not arrived: 2" in each.text]


async def test_where_somebody_is_written_to_follows_what_teams_says(day: ChatDay) -> None:
    stand = stand_of(day)
    await stand.send(today(day))
    kept = day.database.run(detail_of, "teams", day.dsl_address)
    assert kept == {
        "service_url": f"{stand.url}/teams",
        "conversation": stand.chat_of(day.dsl_address),
        "shared": "",
        "bot": BOT,
        "user": f"29:1{day.dsl_address}",
        "tenant": TENANT,
    }
    moved = {**today(day), "conversation": {"id": "a:another", "conversationType": "personal"}}
    await stand.send(moved)
    await day.until("10:01")
    assert [each.conversation for each in stand.messages.values() if "Not arrived: 2" in text_of(each.card)][:1]
    assert "a:another" in {each.conversation for each in stand.messages.values()}


async def test_who_adds_apbot_is_greeted_once_and_told_how_to_link(day: ChatDay) -> None:
    stand = stand_of(day)
    arrived = stand.activity("Tom Beckett", stand.address_of("Tom Beckett"), "conversationUpdate")
    await stand.send({**arrived, "membersAdded": [{"id": BOT}]})
    await stand.send({**arrived, "type": "installationUpdate", "action": "add"})
    (greeting,) = stand.shown(stand.address_of("Tom Beckett"))
    assert "/ap link CODE" in greeting.text
    await stand.send({**arrived, "membersAdded": [{"id": "29:somebody-else"}]})
    await stand.send({**arrived, "type": "installationUpdate", "action": "remove"})
    await stand.send({**arrived, "membersRemoved": [{"id": BOT}]})
    assert len(stand.messages) == 1
    await stand.send({**arrived, "type": "installationUpdate", "action": "add"})
    assert len(stand.messages) == 2, "added again"


async def test_an_alert_acknowledged_in_one_chat_changes_in_the_other(day: ChatDay) -> None:
    await day.until("10:01")
    await day.taps("Dorothy Okafor", day.dsl_address, "Acknowledge")
    day.newest(day.stand.address_of("Priya Nair"), "Acknowledged by Dorothy Okafor")
    assert day.rows(sa.select(escalations.c.id).where(escalations.c.acknowledged_by_id.is_not(None)))


def test_the_settings_say_what_is_wrong_and_never_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    from apbot.settings import WrongSettings, load

    monkeypatch.setenv("APBOT_TEAMS_SERVICE_URL", "http://example.com/secret")
    with pytest.raises(WrongSettings, match="APBOT_TEAMS_SERVICE_URL: expected an address") as wrong:
        load(Settings)
    assert "secret" not in str(wrong.value)
    monkeypatch.setenv("APBOT_TEAMS_SERVICE_URL", "http://127.0.0.1:3978/x/")
    assert load(Settings).service_url == "http://127.0.0.1:3978/x"
    assert not load(Settings).is_configured
