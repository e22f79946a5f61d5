"""The Teams channel: the contract, over the real wire."""

import pytest

from tests.channels.contract import EditContract, OutwardContract
from tests.channels.contract_inward import PressContract, TypeContract
from tests.channels.stand import Stand
from tests.channels.teams_stand import TeamsStand


class TestTeams(OutwardContract, EditContract, PressContract, TypeContract):
    """Everything that the contract asks."""

    @pytest.fixture
    def stand(self) -> Stand:
        return TeamsStand()
