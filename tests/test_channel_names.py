"""The channels as people type them after /ap notify."""

import pytest

from apbot.messages.channel_names import channels_in


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("telegram email", ["telegram", "email"]),
        ("Text message, Slack", ["sms", "slack"]),
        ("text e-mail", ["sms", "email"]),
        ("the web chat  microsoft teams", ["web", "teams"]),
        ("pigeon", ["pigeon"]),
        ("", []),
    ],
)
def test_a_channel_may_be_called_what_people_call_it(typed: str, meant: list[str]) -> None:
    assert channels_in(typed) == meant
