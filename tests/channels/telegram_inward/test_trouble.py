"""Updates that are broken, another poller, and a database that fails: everybody is still heard."""

from typing import Any

import pytest

from apbot.channels.telegram import channel as polling
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.telegram_inward.keys import Down, press
from tests.channels.telegram_server import Refusal
from tests.channels.telegram_stand import TelegramStand


@pytest.mark.parametrize(
    "broken",
    [
        {"callback_query": {"id": 5}},
        {"callback_query": {"id": "1", "data": "x", "message": {"message_id": "x"}}},
        {"message": {"text": "all in"}},
        {"message": {"chat": {"id": "x"}, "message_id": 1}},
        {"poll": {}},
        {"message": 7},
    ],
)
async def test_broken_updates_keep_nobody_from_being_heard(day: ChatDay, stand: TelegramStand, broken: Any) -> None:
    await stand.tell({"update_id": next(stand.numbers), **broken})
    await press(day, stand, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"


async def test_another_poller_is_said_clearly_and_tried_again(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(polling, "OTHER_POLLER_SECONDS", 0.0)
    stand.api.refuse_next["getUpdates"] = Refusal(409, "Conflict: terminated by other getUpdates request")
    await press(day, stand, "Arrived", "AB12")  # the poll that waits now ends with this, the next one is refused
    await press(day, stand, "Arrived", "CD34")
    assert fact(day, "CD34") == "arrived"
    assert "only one may" in capsys.readouterr().out


async def test_a_database_that_fails_is_tried_again_and_the_person_is_told(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = Down(day, monkeypatch)
    assert "could not be recorded" in await press(day, stand, "Arrived", "AB12")
    assert down.tries == polling.TRIES
    down.is_up = True
    await press(day, stand, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"
