"""Sending a batch."""

import asyncio

import pytest

from apbot.channels import sending
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.sending import send_side_by_side
from tests.channels.contract import plain_card

BATCH = [Outgoing(number, address, plain_card()) for number, address in enumerate(["a", "b", "a", "a", "b"])]


async def test_to_one_in_order_and_to_several_side_by_side() -> None:
    begun: list[int] = []
    both = asyncio.Event()

    async def send(outgoing: Outgoing) -> Receipt:
        begun.append(outgoing.message_id)
        if len(begun) == 2:
            both.set()
        async with asyncio.timeout(5):
            await both.wait()  # the first to each address are under way at once, or this never comes
        return Receipt(Outcome.ACCEPTED, str(outgoing.message_id))

    receipts = await send_side_by_side(BATCH, send)
    assert [each.platform_ref for each in receipts] == ["0", "1", "2", "3", "4"]
    assert [each for each in begun if BATCH[each].address == "a"] == [0, 2, 3]


async def test_a_slow_platform_is_left_before_delivery_gives_the_whole_batch_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "ENOUGH", 0.0)

    async def send(outgoing: Outgoing) -> Receipt:
        raise AssertionError("there is no time left")

    receipts = await send_side_by_side(BATCH, send)
    assert {each.outcome for each in receipts} == {Outcome.AGAIN}
