"""The bot is blocked, put out of a group, and let in again: the next alert must not have to find that out."""

from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from apbot.store.tables import addresses, messages
from apbot.store.unreached import UNREACHED
from tests.channels.chatday import ChatDay
from tests.channels.telegram_server import BOT
from tests.channels.telegram_stand import TelegramStand

DSL = "Dorothy Okafor"


@pytest.fixture
def stand() -> TelegramStand:
    return TelegramStand()


@pytest_asyncio.fixture
async def day(day: ChatDay) -> ChatDay:
    """It is 09:31, and the registers stand in the chats."""
    await day.until_register()
    return day


async def becomes(day: ChatDay, person: str, place: str, status: str, **more: Any) -> None:
    """Somebody changes what the bot may do in a conversation."""
    stand = day.stand
    assert isinstance(stand, TelegramStand)
    change = {
        "from": stand._user(person),
        "date": 1,
        **stand._in(place),
        "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": {"user": BOT, "status": status, **more},
    }
    await stand._tell({"update_id": next(stand.numbers), "my_chat_member": change})
    await day.app.tick()


def closed(day: ChatDay, address: str) -> str:
    """Why an address is closed, or ""."""
    (row,) = day.rows(
        sa.select(addresses).where(addresses.c.channel == "telegram", addresses.c.address.startswith(address))
    )
    assert (row.disabled_at is not None) == bool(row.disabled_why)
    return str(row.disabled_why)


async def test_who_blocks_the_bot_gets_the_next_alert_elsewhere_without_a_try_in_vain(day: ChatDay) -> None:
    await becomes(day, DSL, day.dsl_address, "kicked")
    assert "blocked" in closed(day, day.dsl_address)
    assert day.rows(sa.select(messages).where(messages.c.kind == UNREACHED)), "the admins are told"
    before = len(day.stand.shown(day.dsl_address))
    await day.until("10:00")
    day.dsl("Hillcrest").sees("not arrived", "CD34")
    assert len(day.stand.shown(day.dsl_address)) == before


async def test_who_lets_the_bot_in_again_is_told_there_again(day: ChatDay) -> None:
    await becomes(day, DSL, day.dsl_address, "kicked")
    await becomes(day, DSL, day.dsl_address, "member")
    assert closed(day, day.dsl_address) == ""


async def test_a_stranger_who_adds_the_bot_to_a_group_opens_nothing(day: ChatDay) -> None:
    await becomes(day, "Sam Taylor", day.farm, "left")
    assert closed(day, day.farm)
    await becomes(day, "Passing Stranger", day.farm, "member")
    assert closed(day, day.farm)
    await becomes(day, "Sam Taylor", day.farm, "administrator")
    assert closed(day, day.farm) == ""


async def test_a_bot_that_may_not_write_is_as_good_as_out_and_one_whose_rights_change_is_in(day: ChatDay) -> None:
    await becomes(day, "Sam Taylor", day.farm, "administrator")
    assert closed(day, day.farm) == ""
    await becomes(day, "Sam Taylor", day.farm, "restricted", is_member=True, can_send_messages=False)
    assert closed(day, day.farm)
    await becomes(day, "Sam Taylor", day.farm, "restricted", is_member=True, can_send_messages=True)
    assert closed(day, day.farm) == ""


async def test_every_topic_of_a_forum_is_closed_with_it(day: ChatDay) -> None:
    day.change(addresses, addresses.c.address == day.farm, address=f"{day.farm}:44")
    await becomes(day, "Sam Taylor", day.farm, "kicked")
    assert closed(day, f"{day.farm}:44")
