"""Sending a batch."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from apbot.cards import Card
from apbot.channels import sending
from apbot.channels.parts import Parts
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.sending import send_side_by_side
from tests.channels.samples import plain_card

BATCH = [Outgoing(number, address, plain_card()) for number, address in enumerate(["a", "b", "a", "a", "b"])]


async def test_to_one_in_order_and_to_several_side_by_side() -> None:
    begun: list[int] = []
    both = asyncio.Event()

    async def send(outgoing: Outgoing, _: Parts) -> Receipt:
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

    async def send(outgoing: Outgoing, _: Parts) -> Receipt:
        raise AssertionError("there is no time left")

    receipts = await send_side_by_side(BATCH, send)
    assert {each.outcome for each in receipts} == {Outcome.AGAIN}


async def test_after_a_message_that_is_not_answered_the_others_to_that_address_are_not_tried() -> None:
    tried: list[int] = []

    async def send(outgoing: Outgoing, _: Parts) -> Receipt:
        tried.append(outgoing.message_id)
        return Receipt(Outcome.UNKNOWN if outgoing.address == "a" else Outcome.ACCEPTED)

    receipts = await send_side_by_side(BATCH, send)
    again, unknown, accepted = Outcome.AGAIN, Outcome.UNKNOWN, Outcome.ACCEPTED
    assert [each.outcome for each in receipts] == [unknown, accepted, again, again, accepted]
    assert tried == [0, 1, 4]


async def test_whoever_is_asked_to_wait_is_left_alone_where_the_platform_wants_that() -> None:
    async def send(outgoing: Outgoing, _: Parts) -> Receipt:
        return Receipt(Outcome.AGAIN, retry_after=timedelta(seconds=9), why="429")

    receipts = await send_side_by_side(BATCH, send, stops=lambda receipt: receipt.retry_after is not None)
    assert {each.retry_after for each in receipts} == {timedelta(seconds=9)}
    assert [each.why for each in receipts].count("429") == 2, "one to each address"


async def test_a_message_whose_sending_breaks_spoils_no_other_and_what_stands_of_it_is_known() -> None:
    async def send(outgoing: Outgoing, parts: Parts) -> Receipt:
        async def post(_: Card) -> str:
            if outgoing.message_id == 0:
                raise ZeroDivisionError("words that no log may hold")
            return "standing"

        await parts.show([plain_card()], post, _nothing, _nothing)
        return Receipt(Outcome.ACCEPTED, parts.refs)

    first = replace(BATCH[0], platform_ref="")
    receipts = await send_side_by_side([first, *BATCH[1:]], send)
    assert [each.outcome for each in receipts] == [Outcome.UNKNOWN] + [Outcome.ACCEPTED] * 4
    assert (receipts[0].why, receipts[1].platform_ref) == ("ZeroDivisionError", "standing")


async def test_no_more_addresses_than_wanted_are_written_to_at_once() -> None:
    under_way, most = 0, 0

    async def send(outgoing: Outgoing, _: Parts) -> Receipt:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return Receipt(Outcome.ACCEPTED)

    await send_side_by_side([Outgoing(n, str(n), plain_card()) for n in range(6)], send, at_once=2)
    assert most == 2


async def _nothing(*_: object) -> None:
    return None


def test_what_may_be_there_already_says_so_and_nothing_else_does() -> None:
    outgoing = BATCH[0]
    assert outgoing.marked == outgoing.card
    assert replace(outgoing, maybe_repeat=True).marked.footer == "Or type it. May be a repeat."
