"""Keys that are stale, forged, too old, or pressed while Telegram is busy."""

import pytest
import sqlalchemy as sa

from apbot.channels.telegram import posting
from apbot.store.tables import marks
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.telegram_inward.keys import BEA, SAM, press
from tests.channels.telegram_server import Refusal
from tests.channels.telegram_stand import TelegramStand


async def test_a_stale_key_says_what_has_changed(day: ChatDay, stand: TelegramStand) -> None:
    message, late = stand.find(day.farm, "Late", "AB12")
    await day.taps(BEA, day.farm, "Arrived", "AB12")
    assert "already marked" in await stand.press(SAM, day.farm, message, late)
    assert fact(day, "AB12") == "arrived"


@pytest.mark.parametrize(
    "data", ["", "x", "?", "?9:9:9", "?1:x:1", "=7", "=x", "#none", "arrived:999999999999999999999:", "\N{FIRE}:1:"]
)
async def test_a_key_that_nobody_made_does_nothing(day: ChatDay, stand: TelegramStand, data: str) -> None:
    message, _ = stand.find(day.farm, "Late", "AB12")
    assert await stand.press(SAM, day.farm, message, data)
    assert not day.rows(sa.select(marks))


async def test_a_key_that_was_offered_to_somebody_else_is_no_key(day: ChatDay, stand: TelegramStand) -> None:
    """A client of somebody's own making sends whatever data it likes."""
    await day.until("09:31")
    await stand.type("Dorothy Okafor", day.dsl_address, "/ap incident EF56")
    _, data = stand.find(day.dsl_address, "EF56, The Garage Report it")
    message, _ = stand.find(day.farm, "Arrived", "AB12")
    assert "no longer in use" in await stand.press(SAM, day.farm, message, data)
    assert "EF56" not in "\n".join(each.text for each in stand.standing(day.farm))


async def test_an_answer_waits_for_its_turn_where_telegram_is_busy(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "WAITS", (0.0, 0.0, 0.0))
    stand.api.failures.extend([Refusal(429, "Too Many Requests", retry_after=0), Refusal(502, "Bad Gateway")])
    assert "AB12: Late" in await press(day, stand, "Late", "AB12")


async def test_a_tap_that_is_too_old_to_be_answered_is_still_done(day: ChatDay, stand: TelegramStand) -> None:
    stand.api.refuse_next["answerCallbackQuery"] = Refusal(
        400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )
    await press(day, stand, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"
    assert "Recorded" in stand.shown(stand.address_of(SAM))[-1].text, "as a message instead"


async def test_a_tap_on_a_message_that_telegram_does_not_show_any_more(day: ChatDay, stand: TelegramStand) -> None:
    message, data = stand.find(day.farm, "Late", "AB12")
    message.is_deleted = True
    old = {"message_id": message.id, "date": 0, "chat": {"id": int(day.farm), "type": "group"}}
    assert "AB12: Late" in await stand.press(SAM, day.farm, message, data, {"message": old})
