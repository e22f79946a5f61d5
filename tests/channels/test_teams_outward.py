"""What apbot sends to Teams: within the limits, to the right place, and what it makes of the answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from aiohttp import web

from apbot.app import open_app
from apbot.cards import Button, Card, Input, InputKind, Row, Tone
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.registry import PLATFORMS
from apbot.channels.teams import pace
from apbot.channels.teams.channel import make
from apbot.channels.teams.pace import CONVERSATION, Pace, TooFast
from apbot.channels.teams.rendering import adaptive_card, message, pages
from apbot.channels.teams.settings import Settings
from apbot.channels.teams.wire import receipt_for
from apbot.settings import Settings as GeneralSettings
from apbot.settings import WrongSettings
from apbot.store.linking import detail_of
from apbot.store.tables import addresses
from tests.channels.chatday import ChatDay, begun
from tests.channels.samples import LONG, deliver, plain_card
from tests.channels.stand import Failure
from tests.channels.teams_cards import LIMIT, everything, problems_of, problems_of_message, text_of
from tests.channels.teams_stand import CLIENT, TeamsStand

DEPLOY = Path(__file__).parents[2] / "deploy" / "teams"


@pytest.fixture
def stand() -> TeamsStand:
    return TeamsStand()


# Cards


@pytest.mark.parametrize("tone", Tone)
def test_a_card_of_every_tone_with_every_input_is_valid(tone: Tone) -> None:
    inputs = (
        *plain_card().rows[0].buttons[1].inputs,
        Input("at", "At", InputKind.TIME, optional=True, value="09:50"),
        Input("on", "On", InputKind.DATE, value="2026-09-17"),
        Input("words", "Words", InputKind.TEXT, optional=True, max_length=300),
    )
    buttons = tuple(Button(f"Button {n}", "do", n, value="x", inputs=inputs if n % 2 else ()) for n in range(9))
    card = Card("Heading", tone, ("A line",), (Row("AB12", "", tone, buttons), Row("", "x")), buttons, "Footer")
    assert problems_of_message(message(card)) == []
    assert len(pages(card)) == 1


def test_an_alerts_buttons_stand_above_its_pupils_and_it_rings() -> None:
    made = message(replace(plain_card(), tone=Tone.ALERT))
    kinds = [each["type"] for each in made["attachments"][0]["content"]["body"]]
    assert kinds.index("ActionSet") < kinds.index("Container")
    assert made["channelData"] == {"notification": {"alert": True}}
    assert made["summary"].startswith("🔴 Alert: Register")
    assert "channelData" not in message(replace(plain_card(), tone=Tone.ALERT), is_new=False), "an edit does not ring"


@pytest.mark.parametrize(
    "card",
    [
        plain_card(60, LONG),
        Card(LONG, Tone.ALERT, (LONG,) * 40, footer=LONG),
        Card("A long list", lines=tuple(f"Line {n} of many" for n in range(900))),
        Card("Heading", rows=(Row("AB12", "x", buttons=(Button(LONG, "arrived", 1, describes=LONG),) * 50),)),
        Card("Signs", lines=("*bold* _low_ [link](http://x) `code` \\", "\x00\x07")),
    ],
    ids=["long words", "long everything", "many lines", "many buttons", "signs"],
)
def test_whatever_a_card_says_it_fits(card: Card) -> None:
    for part in pages(card):
        made = message(part)
        assert problems_of_message(made) == []
        assert len(json.dumps(made)) <= LIMIT, "even with every letter beyond ASCII as an escape"


def test_signs_of_markdown_are_shown_as_they_were_typed() -> None:
    card = adaptive_card(Card("AB_12_x *not* [bold]"))
    assert card["body"][0]["text"] == r"AB\_12\_x \*not\* \[bold\]"
    assert text_of(card) == "AB_12_x *not* [bold]"


def test_a_long_list_of_lines_is_shown_whole() -> None:
    parts = pages(Card("A long list", lines=tuple(f"Line {n} of many" for n in range(900))))
    assert len(parts) > 1
    words = "\n".join(text_of(adaptive_card(part)) for part in parts)
    assert all(f"Line {n} of" in words for n in range(900))


def test_the_schema_finds_what_is_wrong() -> None:
    good = adaptive_card(plain_card())
    assert problems_of(good) == []
    for change in ({"version": "9"}, {"body": []}, {"colour": "red"}):
        assert problems_of({**good, **change})


async def test_no_pupils_name_and_no_secret_is_in_what_a_button_carries(day: ChatDay) -> None:
    await day.until("10:01")
    stand = day.stand
    assert isinstance(stand, TeamsStand)
    carried = [each["data"] for sent in stand.messages.values() for each in everything(sent.card) if "verb" in each]
    assert carried
    for data in carried:
        assert set(data) <= {"action", "subject", "value", "form"}
        assert "CD34" not in json.dumps(data)


# Answers


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (403, "BotNotInConversationRoster", Outcome.REFUSED),
        (403, "MessageWritesBlocked", Outcome.REFUSED),
        (403, "ConversationBlockedByUser", Outcome.REFUSED),
        (403, "BotDisabledByAdmin", Outcome.REFUSED),
        (403, "", Outcome.REFUSED),
        (404, "ConversationNotFound", Outcome.REFUSED),
        (400, "UserNotFound", Outcome.REFUSED),
        (400, "BadSyntax", Outcome.AGAIN),
        (413, "RequestEntityTooLarge", Outcome.AGAIN),
        (403, "InvalidBotApiHost", Outcome.AGAIN),
        (401, "Unauthorized", Outcome.AGAIN),
        (412, "PreconditionFailed", Outcome.AGAIN),
        (429, "TooManyRequests", Outcome.AGAIN),
        (500, "ServiceError", Outcome.UNKNOWN),
        (502, "", Outcome.UNKNOWN),
        (503, "", Outcome.UNKNOWN),
        (504, "", Outcome.UNKNOWN),
    ],
)
def test_what_an_answer_means(status: int, code: str, outcome: Outcome) -> None:
    told = {"error": {"code": code, "message": "Words about 29:somebody"}}
    receipt = receipt_for(httpx.Response(status, json=told))
    assert receipt.outcome is outcome
    assert receipt.why == f"{status} {code}".strip()


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'"x"', b'{"error": 3}', b'{"error": {"code": "a b <c>"}}'])
def test_an_error_in_no_usable_words_is_known_by_its_status(body: bytes) -> None:
    assert receipt_for(httpx.Response(503, content=body)) == Receipt(Outcome.UNKNOWN, why="503")


def test_apbot_waits_as_long_as_teams_asks_but_not_for_ever() -> None:
    def asked(value: str) -> timedelta | None:
        return receipt_for(httpx.Response(429, headers={"Retry-After": value})).retry_after

    assert asked("7") == timedelta(seconds=7)
    assert asked("999999") == timedelta(hours=1)
    assert asked("soon") is None
    until = asked(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert until is not None
    assert timedelta(seconds=50) < until <= timedelta(seconds=60)


async def test_what_nobody_answers_was_not_sent_and_is_tried_again(day: ChatDay, stand: TeamsStand) -> None:
    object.__setattr__(stand.channel._settings, "service_url", "http://127.0.0.1:9")
    receipt = await deliver(day, plain_card())
    assert (receipt.outcome, receipt.why) == (Outcome.AGAIN, "not reached: ConnectError")


async def test_a_refused_secret_is_no_addresss_fault(
    day: ChatDay, stand: TeamsStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.teams.signin_error = {
        "error": "invalid_client",
        "error_description": "AADSTS7000215: a-made-up-secret is wrong",
    }
    receipt = await deliver(day, plain_card())
    assert receipt == Receipt(Outcome.AGAIN, why="sign-in refused: invalid_client (401)")
    (trouble,) = await day.channel.check()
    assert "invalid_client" in trouble.what
    assert "APBOT_TEAMS_CLIENT_SECRET" in trouble.do
    assert "made-up" not in trouble.what
    stand.teams.signin_error = None
    assert (await deliver(day, plain_card())).outcome is Outcome.AGAIN, "the failure is the answer for a moment"
    monkeypatch.setattr("apbot.channels.teams.token.AGAIN_AFTER", 0)
    assert (await deliver(day, plain_card())).outcome is Outcome.ACCEPTED


async def test_a_token_is_used_until_teams_refuses_it(day: ChatDay, stand: TeamsStand) -> None:
    await day.until("09:31")
    await deliver(day, plain_card())
    assert stand.teams.tokens_given == 1
    stand.teams.answers.append(web.json_response({"error": {"code": "Unauthorized"}}, status=401))
    assert (await deliver(day, plain_card())).outcome is Outcome.AGAIN
    assert (await deliver(day, plain_card())).outcome is Outcome.ACCEPTED
    assert stand.teams.tokens_given == 2


async def test_an_answer_without_a_name_is_an_answer(day: ChatDay, stand: TeamsStand) -> None:
    stand.teams.answers += [web.json_response({}, status=201), web.Response(status=200)]
    assert await deliver(day, plain_card()) == Receipt(Outcome.ACCEPTED, "")
    assert (await deliver(day, plain_card(), "123")) == Receipt(Outcome.ACCEPTED, "123")


async def test_words_that_teams_does_not_speak_are_unknown(day: ChatDay, stand: TeamsStand) -> None:
    stand.teams.answers.append(web.Response(status=200, text="hello <html>"[1:], content_type="application/json"))
    assert (await deliver(day, plain_card())).outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED)


# Order and pace


async def test_after_a_message_that_is_not_answered_the_others_of_its_conversation_wait(
    day: ChatDay, stand: TeamsStand
) -> None:
    other = stand.address_of("Priya Nair")
    stand.fail_next(Failure.BUSY, timedelta(seconds=9))
    batch = [Outgoing(n, day.dsl_address, plain_card()) for n in range(3)] + [Outgoing(9, other, plain_card())]
    receipts = await day.channel.deliver(batch)
    busy = [each for each in receipts if each.outcome is Outcome.AGAIN]
    assert len(busy) in (1, 3)
    assert {each.retry_after for each in busy} == {timedelta(seconds=9)}
    assert len(receipts) == 4
    assert len([each for each in receipts if each.outcome is Outcome.ACCEPTED]) == 4 - len(busy)


async def test_a_message_that_teams_will_not_take_holds_up_no_other(day: ChatDay, stand: TeamsStand) -> None:
    stand.teams.answers.append(web.json_response({"error": {"code": "BadSyntax"}}, status=400))
    batch = [Outgoing(n, day.dsl_address, plain_card()) for n in range(3)]
    outcomes = [each.outcome for each in await day.channel.deliver(batch)]
    assert outcomes == [Outcome.AGAIN, Outcome.ACCEPTED, Outcome.ACCEPTED]


async def test_no_conversation_gets_more_than_teams_allows() -> None:
    pace = Pace(patience=0)
    for _ in range(7):
        await pace.turn("a")
    with pytest.raises(TooFast) as wait:
        await pace.turn("a")
    assert 0 < wait.value.seconds <= 1
    await pace.turn("b")
    assert CONVERSATION[2] == (30, 60)
    free = Pace((), (), 0)
    for _ in range(500):
        await free.turn("a")


async def test_messages_beyond_the_pace_are_sent_a_little_later(
    day: ChatDay, stand: TeamsStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: 0.0))  # however long the sending takes
    stand.channel._wire._pace = Pace(patience=0)
    receipts = await day.channel.deliver([Outgoing(n, day.dsl_address, plain_card()) for n in range(12)])
    sent = [each.outcome for each in receipts]
    assert sent == [Outcome.ACCEPTED] * 7 + [Outcome.AGAIN] * 5
    late = receipts[-1].retry_after
    assert late is not None
    assert late > timedelta(0)


async def test_of_a_long_register_only_the_part_that_changed_is_edited(day: ChatDay, stand: TeamsStand) -> None:
    card = plain_card(40)
    first = await deliver(day, card)
    assert len(first.platform_ref.split()) > 1
    rows = (replace(card.rows[0], text="Late"), *card.rows[1:])
    again = await deliver(day, replace(card, rows=rows), first.platform_ref)
    assert again.platform_ref == first.platform_ref
    assert stand.requests.count("edit") == 1


# Conversations


async def test_a_chat_is_opened_once_and_kept(day: ChatDay, stand: TeamsStand) -> None:
    await deliver(day, plain_card())
    await deliver(day, plain_card())
    assert stand.requests.count("open") == 1
    kept = day.database.run(detail_of, "teams", day.dsl_address)
    assert kept is not None
    assert kept["conversation"] == stand.teams.chat_of(day.dsl_address)


async def test_who_has_not_added_apbot_is_refused_and_said_so(day: ChatDay, stand: TeamsStand) -> None:
    stand.teams.refused_chats.add(day.dsl_address)
    receipt = await deliver(day, plain_card())
    assert receipt == Receipt(Outcome.REFUSED, why="403 BotNotInConversationRoster")
    trouble = await day.channel.check_address(day.dsl_address)
    assert trouble is not None
    assert "BotNotInConversationRoster" in trouble.what
    assert day.dsl_address not in trouble.what
    assert await day.channel.check_address(stand.address_of("Priya Nair")) is None
    assert await day.channel.check_address(day.farm) is None
    assert not await day.channel.check()


async def test_a_chat_that_is_another_one_now_is_found_again(day: ChatDay, stand: TeamsStand) -> None:
    gone = {"service_url": f"{stand.teams.url}/teams", "conversation": "a:gone"}
    day.change(addresses, addresses.c.address == day.dsl_address, detail=gone)
    stand.teams.answers.append(web.json_response({"error": {"code": "ConversationNotFound"}}, status=404))
    assert (await deliver(day, plain_card())).outcome is Outcome.ACCEPTED
    (sent,) = stand.messages.values()
    assert sent.conversation == stand.teams.chat_of(day.dsl_address)
    day.change(addresses, addresses.c.address == day.dsl_address, detail=gone)
    missing = web.json_response({"error": {"code": "ConversationNotFound"}}, status=404)
    stand.teams.answers += [missing, web.json_response({"error": {"code": "ConversationNotFound"}}, status=404)]
    again = await deliver(day, plain_card(words="Left site"), sent.id)
    assert again == Receipt(Outcome.ACCEPTED, sent.id), "edited where it stands"


async def test_when_the_database_cannot_be_read_everything_is_tried_again(
    day: ChatDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("disk"))

    monkeypatch.setattr(day.database, "read", broken)
    assert await deliver(day, plain_card()) == Receipt(Outcome.AGAIN, why="OperationalError")


async def test_trouble_that_nobody_thought_of_raises_nothing(day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("about CD34")

    monkeypatch.setattr("apbot.channels.teams.chat.pages", broken)
    assert await deliver(day, plain_card()) == Receipt(Outcome.UNKNOWN, why="ZeroDivisionError")


# Set-up


async def test_what_is_missing_is_said() -> None:
    async with begun(TeamsStand(client_secret="", openid_url="http://127.0.0.1:9/nobody")) as day:
        secret, keys = await day.channel.check()
        assert "no client secret is set" in secret.what
        assert "keys" in keys.what
        assert (await deliver(day, plain_card())).why == "no client secret is set"


def test_teams_is_a_platform_and_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    assert "teams" in PLATFORMS
    monkeypatch.setitem(sys.modules, "apbot.channels.teams.chat", None)
    with pytest.raises(ModuleNotFoundError):
        make(Settings(_env_file=None, client_id=CLIENT), GeneralSettings(_env_file=None), None)  # type: ignore[arg-type]
    monkeypatch.delitem(sys.modules, "apbot.channels.teams.chat")
    for name in [each for each in sys.modules if each.startswith("microsoft_teams")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "apbot.channels.teams.wire")
    with pytest.raises(WrongSettings, match=r"in apbot's folder: pip install '\.\[teams\]'"):
        open_app(
            GeneralSettings(_env_file=None, database_url="sqlite://"),
            inline=True,
            used={"teams": Settings(_env_file=None, client_id=CLIENT)},
        )
