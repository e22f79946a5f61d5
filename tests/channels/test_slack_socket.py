"""Socket Mode: the connection is kept, whatever becomes of it."""

import asyncio
import logging
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from apbot.store.tables import marks
from tests.channels.chatday import ChatDay, begun
from tests.channels.samples import fact
from tests.channels.slackstand import SlackStand

WAIT = 10.0


@pytest.fixture
def stand() -> SlackStand:
    return SlackStand(heartbeat=0.3)


async def next_connection(stand: SlackStand, what_ends_it: Callable[[], object]) -> None:
    stand.workspace.has_socket.clear()
    ended = what_ends_it()
    if asyncio.iscoroutine(ended):
        await ended
    await asyncio.wait_for(stand.workspace.has_socket.wait(), WAIT)


async def test_a_connection_that_slack_closes_is_opened_again(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    await next_connection(stand, stand.workspace.sockets[-1].close)
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"


async def test_before_slack_closes_a_connection_the_next_is_open(day: ChatDay, stand: SlackStand) -> None:
    first = stand.workspace.sockets[-1]
    await next_connection(stand, lambda: first.send_json({"type": "disconnect", "reason": "warning"}))
    assert not first.closed, "what Slack still sends over it is heard"
    await day.until("09:31")
    stand.workspace.sockets.reverse()
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"


async def test_a_connection_that_goes_silent_is_noticed_and_opened_again() -> None:
    stand = SlackStand(heartbeat=0.2)
    async with begun(stand) as day:
        stand.workspace.is_mute = True
        await next_connection(stand, stand.workspace.sockets[-1].close)
        mute = len(stand.workspace.sockets)
        stand.workspace.is_mute = False
        await next_connection(stand, lambda: None)
        assert len(stand.workspace.sockets) > mute
        await day.until("09:31")
        await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
        assert fact(day, "AB12") == "arrived"


async def test_while_slack_gives_no_connection_it_is_tried_again(day: ChatDay, stand: SlackStand) -> None:
    stand.workspace.errors["apps.connections.open"] = "internal_error"
    calls = asyncio.create_task(stand.workspace.called(3))
    await stand.workspace.sockets[-1].close()
    await calls
    await next_connection(stand, lambda: stand.workspace.errors.clear())
    await day.until("09:31")
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"


async def test_nonsense_over_the_connection_ends_nothing(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    socket = stand.workspace.sockets[-1]
    for words in (
        "",
        "{",
        "[]",
        "7",
        "null",
        '{"type": []}',
        '{"type": "events_api", "envelope_id": "e", "payload": 7}',
    ):
        await socket.send_str(words)
    await socket.send_bytes(b"\xff")
    await socket.send_json(
        {"type": "events_api", "envelope_id": "x", "payload": {"type": "event_callback", "event": 1}}
    )
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"
    assert len(stand.workspace.sockets) == 1


async def test_what_could_not_be_acknowledged_is_told_again_and_done_once(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    said, element = stand._find(day.farm, "Arrived", "AB12")
    press = stand.press("Sam Taylor", said, element, stand.trigger())
    await stand.tell("interactive", press)
    await next_connection(stand, stand.workspace.sockets[-1].close)
    await stand.tell("interactive", press)
    await stand.channel.answers.settled()
    assert len(day.rows(sa.select(marks))) == 1


async def test_no_token_and_no_address_with_a_ticket_is_logged(
    day: ChatDay, stand: SlackStand, capsys: pytest.CaptureFixture[str]
) -> None:
    stand.workspace.errors["apps.connections.open"] = "invalid_auth"
    calls = asyncio.create_task(stand.workspace.called(2))
    await stand.workspace.sockets[-1].close()
    await calls
    said = capsys.readouterr()
    assert "can't connect" in said.out + said.err
    for secret in ("xapp-", "xoxb-", "/socket/"):
        assert secret not in said.out + said.err
    assert logging.getLogger("slack_bolt.apbot").level > logging.CRITICAL
