"""Updates that Telegram brings by itself."""

import asyncio
from typing import Any

import pytest

from apbot.channels.telegram import hearing
from apbot.channels.telegram.webhook import LARGEST
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.telegram_inward.keys import SAM, Down
from tests.channels.telegram_stand import TelegramStand


@pytest.fixture
def stand() -> TelegramStand:
    return TelegramStand(webhook=True)


async def test_webhook_calls_without_the_secret_are_refused(day: ChatDay, stand: TelegramStand) -> None:
    update = stand.update_of(SAM, day.farm, "all in")
    for secret in ("", "wrong", "wröng"):
        response = await stand.client.post(
            "/telegram/webhook",
            json=update,
            headers={b"X-Telegram-Bot-Api-Secret-Token": secret.encode()},  # type: ignore[dict-item]
        )
        assert response.status_code == 401
    assert fact(day, "AB12") is None


async def test_webhook_calls_that_are_no_updates_are_refused_and_the_next_is_heard(
    day: ChatDay, stand: TelegramStand
) -> None:
    secret = {"X-Telegram-Bot-Api-Secret-Token": stand.api.webhook["secret_token"]}
    for body, status in (
        (b"", 400),
        (b"{", 400),
        (b"[" * 10_000, 400),
        (b"[]", 400),
        (b'{"update_id": "x"}', 400),
        (b'{"update_id": 1, "message": {"text": "x"}}', 400),
        (b'{"update_id": 1, "poll": {}}', 200),
        (b"x" * (LARGEST + 1), 413),
    ):
        response = await stand.client.post("/telegram/webhook", content=body, headers=secret)
        assert response.status_code == status, body[:50]
    await stand.type(SAM, day.farm, "all in")
    assert fact(day, "AB12") == "arrived"


async def test_webhook_calls_that_could_not_be_written_down_are_told_again(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = Down(day, monkeypatch)
    update = stand.update_of(SAM, day.farm, "all in")
    assert (await stand.call(update)).status_code == 503
    assert (await stand.call(update)).status_code == 503
    await stand.channel.ears.settle()
    sorry = [each for each in stand.shown(day.farm) if "could not be recorded" in each.text]
    assert len(sorry) == 1, "said once"
    down.is_up = True
    assert (await stand.call(update)).status_code == 200
    assert fact(day, "AB12") == "arrived"


async def test_webhook_is_set_with_a_secret_and_keeps_it(day: ChatDay, stand: TelegramStand) -> None:
    assert stand.api.webhook["url"] == "https://apbot.example/telegram/webhook"
    assert len(stand.api.webhook["secret_token"]) > 30
    assert not await day.channel.check()
    stand.api.webhook["url"] = "https://elsewhere.example/"
    assert [each.what for each in await day.channel.check()] == ["Telegram calls another address, or none"]


async def test_webhook_stops_the_clock_on_a_key_while_the_database_is_slow(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "QUICK", 0.0)
    database = day.channel._desk.database  # type: ignore[attr-defined]
    write, may_go_on = database.write, asyncio.Event()

    async def slow(work: Any, *args: Any) -> Any:
        await may_go_on.wait()
        return await write(work, *args)

    message, data = stand.find(day.farm, "Arrived", "AB12")
    monkeypatch.setattr(database, "write", slow)
    pressing = asyncio.create_task(stand.press(SAM, day.farm, message, data))
    async with asyncio.timeout(5):
        while not stand.api.answered:
            await asyncio.sleep(0)
    assert fact(day, "AB12") is None
    may_go_on.set()
    assert "Recorded" in await pressing
