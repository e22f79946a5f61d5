"""A morning on Telegram."""

import pytest
import pytest_asyncio

from tests.channels.chatday import ChatDay
from tests.channels.telegram_stand import TelegramStand


@pytest.fixture
def stand() -> TelegramStand:
    return TelegramStand()


@pytest_asyncio.fixture
async def day(day: ChatDay) -> ChatDay:
    """It is 09:52, and the registers stand in the chats."""
    await day.until("09:52")
    return day
