"""The Telegram channel, over the Bot API's wire."""

import pytest

from tests.channels.contract import OutwardContract, PressContract, TypeContract
from tests.channels.stand import Stand
from tests.channels.telegram_stand import TelegramStand


class TestTelegram(OutwardContract, PressContract, TypeContract):
    """Everything that the contract asks, with updates asked for."""

    @pytest.fixture
    def stand(self) -> Stand:
        return TelegramStand()


class TestTelegramByWebhook(PressContract):
    """What people press, with Telegram calling."""

    @pytest.fixture
    def stand(self) -> Stand:
        return TelegramStand(webhook=True)
