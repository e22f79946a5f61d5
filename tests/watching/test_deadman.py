"""The dead man's switch: pinged while all is well, silent when it is not, and holding up nothing."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
import respx
from structlog.testing import capture_logs

from apbot.domain.priority import Priority
from apbot.settings import Settings, WrongSettings, load_settings
from apbot.store.outbox import Owed, Subject, owe
from apbot.watching import deadman
from apbot.watching.deadman import DeadMan
from apbot.watching.health import Health
from tests.day import Day

PING = "https://monitor.example/ping/secret-1234"
FAIL = f"{PING}/fail"


class Outside:
    """The monitor outside, and a switch that pings it in quick time."""

    def __init__(self, day: Day, mocked: respx.MockRouter, switch: DeadMan) -> None:
        self.day = day
        self.ping = mocked.post(PING).respond(200)
        self.fail = mocked.post(FAIL).respond(200)
        self.switch = switch

    async def hears(self, route: respx.Route, times: int = 1) -> None:
        """Wait until it has been asked so often."""
        async with asyncio.timeout(10):
            while route.call_count < times:
                await asyncio.sleep(0)

    def is_late(self) -> None:
        """An alert has not gone out for three minutes."""
        now = self.day.clock.now()
        self.day.database.run(
            owe, [Owed(Subject("escalation", 1), Priority.ESCALATION, now, self.day.ids["Priya Nair"])]
        )
        self.day.clock.set(now + timedelta(minutes=3))


@pytest_asyncio.fixture
async def outside(day: Day, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outside]:
    monkeypatch.setattr(deadman, "EVERY", 0.01)
    monkeypatch.setattr(deadman, "AGAIN_AFTER", 0.0)
    monkeypatch.setattr("apbot.watching.health.HOLDS_FOR", 0.0)
    settings = Settings(deadman_url=PING, deadman_fail_url=FAIL)  # type: ignore[arg-type]
    with respx.mock(assert_all_called=False) as mocked:
        switch = DeadMan(settings, Health(day.database))
        found = Outside(day, mocked, switch)
        running = asyncio.create_task(switch.run())
        yield found
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await switch.close()


async def test_it_is_pinged_again_and_again_while_all_is_well(outside: Outside) -> None:
    await outside.hears(outside.ping, 3)
    assert not outside.fail.called


async def test_it_is_not_pinged_while_something_is_overdue_and_is_told_what_by_kind_alone(outside: Outside) -> None:
    await outside.hears(outside.ping)
    outside.is_late()
    await outside.hears(outside.fail)
    before = outside.ping.call_count
    await outside.hears(outside.fail, outside.fail.call_count + 3)
    assert outside.ping.call_count == before
    said = json.loads(outside.fail.calls.last.request.content)
    assert said["overdue"]["messages"]["count"] == 1
    assert "Priya" not in json.dumps(said)


async def test_when_all_is_well_again_it_is_pinged_again(outside: Outside) -> None:
    outside.is_late()
    await outside.hears(outside.fail)
    before = outside.ping.call_count
    await outside.day.app.delivery.drain()
    await outside.hears(outside.ping, before + 1)


async def test_one_that_fails_is_tried_again_and_its_address_is_in_no_log(outside: Outside) -> None:
    with capture_logs() as logs:
        outside.ping.mock(side_effect=[httpx.ConnectError(f"no way to {PING}"), httpx.Response(503)] * 9)
        before = outside.ping.call_count
        await outside.hears(outside.ping, before + 9)
    said = json.dumps(logs)
    assert "can't be pinged" in said
    assert "secret-1234" not in said


async def test_a_question_that_fails_is_not_taken_for_being_well(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise OSError

    monkeypatch.setattr(Health, "look", fail)
    await outside.hears(outside.fail)
    before = outside.ping.call_count
    await outside.hears(outside.fail, outside.fail.call_count + 2)
    assert outside.ping.call_count == before


async def test_without_an_address_nobody_is_asked(day: Day) -> None:
    with respx.mock:
        await DeadMan(Settings(), Health(day.database)).run()


def test_what_is_no_address_stops_the_start_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_DEADMAN_URL", "monitor.example/secret-1234")
    with pytest.raises(WrongSettings, match="APBOT_DEADMAN_URL") as refused:
        load_settings()
    assert "secret-1234" not in str(refused.value)
