"""E-mail, on a real mail server."""

import pytest

from tests.channels.contract import OutwardContract, PressContract
from tests.channels.mailroom import MailRoom


class TestEmail(OutwardContract, PressContract):
    """Everything that the contract asks; what people do, they do on the page behind a letter's link."""

    @pytest.fixture
    def stand(self) -> MailRoom:
        return MailRoom()
