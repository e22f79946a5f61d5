"""Slack by its socket, and over HTTP."""

import pytest

from tests.channels.slackstand import SlackStand


@pytest.fixture(params=[False, True], ids=["socket", "http"])
def stand(request: pytest.FixtureRequest) -> SlackStand:
    return SlackStand(over_http=request.param)
