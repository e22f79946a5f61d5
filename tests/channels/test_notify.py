"""Text messages and e-mail by GOV.UK Notify."""

import pytest

from tests.channels.contract import OutwardContract
from tests.channels.notifystand import NotifyStand
from tests.channels.stand import Stand


class TestSms(OutwardContract):
    """What every channel does, by text message."""

    @pytest.fixture
    def stand(self) -> Stand:
        return NotifyStand("sms")


class TestNotifyEmail(OutwardContract):
    """What every channel does, by Notify's e-mail."""

    @pytest.fixture
    def stand(self) -> Stand:
        return NotifyStand("email")
