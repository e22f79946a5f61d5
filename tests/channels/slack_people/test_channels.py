"""Channels that are linked, moved, or that apbot is not in."""

import sqlalchemy as sa

from apbot.store.tables import addresses
from tests.channels.chatday import ChatDay
from tests.channels.slackstand import SlackStand


async def test_a_channel_that_gets_a_new_address_is_found_there(day: ChatDay, stand: SlackStand) -> None:
    moved = {"type": "channel_id_changed", "old_channel_id": day.farm, "new_channel_id": "CNEW", "event_ts": "1.1"}
    await stand.tell("events_api", stand.event(moved))
    await day.until("09:31")
    assert not stand.shown(day.farm)
    day.newest("CNEW", "Register: Oak Farm")
    assert day.rows(sa.select(addresses).where(addresses.c.address == "CNEW"))


async def test_a_channel_linked_before_apbot_is_in_it_is_told_to_invite_it(day: ChatDay, stand: SlackStand) -> None:
    stand.workspace.errors["conversations.info"] = "channel_not_found"
    garage = stand.shared_by("The Garage")
    code = day.code_for(provider="The Garage")
    answer = await day.types("Gary Stone", garage, f"/ap link {code}")
    assert "The Garage's" in answer
    assert "/invite @apbot" in answer


async def test_a_providers_code_is_of_no_use_in_a_private_conversation(day: ChatDay, stand: SlackStand) -> None:
    code = day.code_for(provider="The Garage")
    assert "Not linked" in await day.types("Gary Stone", stand.address_of("Gary Stone"), f"/ap link {code}")
