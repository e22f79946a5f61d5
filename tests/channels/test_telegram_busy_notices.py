"""Telegram is too busy to stop a key's clock: what the key asks, and what came of it, is said all the same."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.channels.chatday import ChatDay
from tests.channels.telegram_server import Refusal
from tests.channels.telegram_stand import TelegramStand, is_question


@pytest_asyncio.fixture
async def day(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChatDay]:
    stand = TelegramStand()
    a_day = ChatDay(stand)
    await a_day.begin()
    await a_day.until("09:52")

    def busy(_: Any) -> bool:
        raise Refusal(429, "Too Many Requests: retry after 3", retry_after=3)

    monkeypatch.setattr(stand.api, "_notice", busy)
    yield a_day
    await a_day.end()


async def press(day: ChatDay, who: str, label: str, about: str) -> str:
    stand = day.stand
    assert isinstance(stand, TelegramStand)
    return await stand.press(who, day.farm, *stand.find(day.farm, label, about))


async def test_the_question_behind_a_key_is_asked(day: ChatDay) -> None:
    await press(day, "Sam Taylor", "Late", "AB12")
    stand = day.stand
    assert isinstance(stand, TelegramStand)
    assert any(is_question(each) for each in stand.standing(day.farm))


async def test_what_came_of_a_press_is_said_in_a_message(day: ChatDay) -> None:
    said = await press(day, "Sam Taylor", "Arrived", "AB12")
    assert "AB12: arrived" in said
