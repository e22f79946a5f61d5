"""What `apbot check` says of an address on a channel that apbot does not use."""

import pytest

from apbot.channels.trial import Trial
from apbot.cli.check import _state
from apbot.store.everybody import Place

NOT_USED = "this channel is not set up"


@pytest.mark.parametrize("channel", ["email", "sms", "slack"])
def test_a_code_is_not_what_a_channel_lacks_that_is_not_set_up(channel: str) -> None:
    said = _state(Trial({}, {}), Place("DOROTHY", "Dorothy Okafor", channel, "somewhere", NOT_USED), {})
    assert said == "this channel is not set up. Set it up, or leave it: it reaches nobody until then."


def test_one_that_the_settings_name_is_used_from_the_next_start_on() -> None:
    place = Place("DOROTHY", "Dorothy Okafor", "email", "somewhere", NOT_USED)
    assert "Start `apbot run`" in _state(Trial({"email": ()}, {}), place, {})
