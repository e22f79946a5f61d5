"""A card's picture on each platform that takes pictures; and its words alone wherever it can't be shown."""

import base64
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from apbot import delivery
from apbot.cards import Card, Picture
from apbot.channels.port import Outcome, Outgoing
from apbot.pictures.drawing import png
from tests import history
from tests.channels.chatday import ChatDay
from tests.channels.mailroom import MailRoom
from tests.channels.slackstand import SlackStand
from tests.channels.stand import Failure, Stand
from tests.channels.teams_stand import TeamsStand
from tests.channels.telegram_server import Refusal
from tests.channels.telegram_stand import TelegramStand

PICTURE = Picture(
    title="Hillcrest: sessions at providers",
    alt="Sessions of 2 pupils: 1 absence. Attendance by school week: 7 Sep 91%.",
    columns=("Mon 7", "Tue 8"),
    rows=(("AB12", ("B", "B", "B", "·")), ("CD34", ("B", "N", "Y4", ""))),
    line=(("31 Aug", 88.0), ("7 Sep", 91.0)),
)
CARD = Card("The week to Fri 11 Sep 2026: attendance 91%", lines=("91% (10 of 11)",), picture=PICTURE)
MONDAY = date(2026, 9, 14)

STANDS: dict[str, Callable[[], Stand]] = {
    "slack": SlackStand,
    "telegram": TelegramStand,
    "teams": TeamsStand,
    "email": MailRoom,
}


def pictures(day: ChatDay, address: str) -> list[tuple[bytes, str]]:
    """The pictures that stand in this conversation, each with what it is said to show."""
    match day.stand:
        case SlackStand() as stand:
            files = stand.workspace.files.values()
            return [(f["png"], f["alt"]) for f in files if f.get("channel") == stand.channel_of(address)]
        case TelegramStand() as stand:
            return [(file, caption) for chat, caption, file in stand.api.photos if chat == int(address)]
        case TeamsStand() as stand:
            images = [
                item
                for message in stand.teams.messages.values()
                if message.conversation == stand.teams.chat_of(address)
                for item in message.card["body"]
                if item["type"] == "Image"
            ]
            return [(base64.b64decode(each["url"].partition(",")[2]), each["altText"]) for each in images]
        case MailRoom() as stand:
            return [found for mail in stand.mails if mail.recipient == address for found in _in_letter(mail.message)]
    raise AssertionError(day.stand.name)


def _in_letter(letter: EmailMessage) -> list[tuple[bytes, str]]:
    html = letter.get_body(("html",))
    assert html is not None
    words = str(html.get_content())
    found = []
    for part in letter.walk():
        if part.get_content_type() == "image/png":
            name = part["Content-ID"].strip("<>")
            assert f'src="cid:{name}"' in words
            assert part.get_content_disposition() == "inline"
            content: Any = part.get_payload(decode=True)
            found.append((content, words.partition('alt="')[2].partition('"')[0]))
    return found


@pytest_asyncio.fixture(params=STANDS)
async def day(request: pytest.FixtureRequest) -> AsyncIterator[ChatDay]:
    """A Monday after a week of registers, with the DSL on one platform."""
    a_day = ChatDay(STANDS[request.param](), MONDAY)
    await a_day.begin()
    yield a_day
    await a_day.end()


async def deliver(day: ChatDay, card: Card = CARD, file: bytes | None = None) -> Outcome:
    outgoing = Outgoing(1, day.dsl_address, card, png=png(PICTURE) if file is None else file)
    (receipt,) = await day.channel.deliver([outgoing])
    return receipt.outcome


async def test_the_picture_stands_with_the_words_and_says_what_it_shows(day: ChatDay) -> None:
    assert await deliver(day) is Outcome.ACCEPTED
    ((file, alt),) = pictures(day, day.dsl_address)
    assert file == png(PICTURE)
    assert alt == PICTURE.alt
    day.newest(day.dsl_address, "attendance 91%", "10 of 11")


async def test_a_card_without_one_is_sent_as_ever(day: ChatDay) -> None:
    assert await deliver(day, replace(CARD, picture=None), b"") is Outcome.ACCEPTED
    assert pictures(day, day.dsl_address) == []


async def test_the_weeks_digest_comes_with_its_picture_once(day: ChatDay) -> None:
    codes = {"AB12": "BB BB BB BB BB", "CD34": "BN NN BB Y4 UU"}
    day.database.run(history.put, day.ids, date(2026, 9, 7), codes)
    await day.until("08:05")
    shown = day.newest(day.dsl_address, "The week to Fri 11 Sep 2026", "AB12")
    ((file, alt),) = pictures(day, day.dsl_address)
    with Image.open(io.BytesIO(file)) as image:
        assert image.format == "PNG"
        assert image.width >= 480
    assert alt.startswith("Sessions of 2 pupils from Wed 2 Sep 2026 to Fri 11 Sep 2026: 5 absences.")
    assert "J.W." not in alt
    assert ("J.W." in shown.text) is not day.channel.references_only
    await day.until("12:00")
    assert len(pictures(day, day.dsl_address)) == 1


async def test_where_it_can_not_be_drawn_the_words_go_out_all_the_same(
    day: ChatDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Picture) -> bytes:
        raise MemoryError

    monkeypatch.setattr(delivery, "draw", broken)
    day.database.run(history.put, day.ids, date(2026, 9, 7), {"AB12": "BB"})
    await day.until("08:05")
    day.newest(day.dsl_address, "The week to", "AB12")
    assert pictures(day, day.dsl_address) == []


@pytest.mark.parametrize("day", ["slack", "telegram", "teams"], indirect=True)
async def test_a_picture_that_the_platform_does_not_take_is_left_out_and_the_words_stand_once(day: ChatDay) -> None:
    match day.stand:
        case SlackStand() as stand:
            stand.workspace.errors["files.getUploadURLExternal"] = "missing_scope"
        case TelegramStand() as stand:
            stand.api.refuse_next["sendPhoto"] = Refusal(
                400, "Bad Request: not enough rights to send photos to the chat"
            )
    if day.stand.name == "teams":
        assert await deliver(day, file=png(PICTURE) + bytes(20_000)) is Outcome.ACCEPTED
    else:
        assert await deliver(day) is Outcome.ACCEPTED
    if day.stand.name != "telegram":  # its stand has noted the file before it refuses it
        assert pictures(day, day.dsl_address) == []
    assert len([each for each in day.stand.shown(day.dsl_address) if "attendance 91%" in each.text]) == 1


async def test_a_message_that_was_not_taken_leaves_no_picture_behind(day: ChatDay) -> None:
    day.stand.fail_next(Failure.BROKEN)
    assert await deliver(day) in (Outcome.AGAIN, Outcome.UNKNOWN)
    assert pictures(day, day.dsl_address) == []
