"""The channel to Slack, held to the contract in both of Slack's ways."""

import pytest

from tests.channels.contract import EditContract, OutwardContract
from tests.channels.contract_inward import PressContract, TypeContract
from tests.channels.slackstand import SlackStand
from tests.channels.stand import Stand


class TestSlackOverSocketMode(OutwardContract, EditContract, PressContract, TypeContract):
    """Slack tells apbot over a connection that apbot has opened."""

    @pytest.fixture
    def stand(self) -> Stand:
        return SlackStand()


class TestSlackOverHttp(OutwardContract, EditContract, PressContract, TypeContract):
    """Slack calls apbot's own server."""

    @pytest.fixture
    def stand(self) -> Stand:
        return SlackStand(over_http=True)
