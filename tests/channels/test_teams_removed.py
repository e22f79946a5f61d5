"""apbot is taken out of a chat on Teams, and added again; and the playground answers nowhere but on this machine."""

import sqlalchemy as sa

from apbot.store.tables import addresses
from tests.channels.chatday import ChatDay, begun
from tests.channels.teams_connector import BOT
from tests.channels.teams_stand import TeamsStand

DSL = "Dorothy Okafor"


def closed(day: ChatDay, address: str) -> str:
    (row,) = day.rows(sa.select(addresses).where(addresses.c.channel == "teams", addresses.c.address == address))
    return str(row.disabled_why)


async def test_where_apbot_is_taken_out_nothing_is_sent_until_somebody_of_its_people_adds_it_again() -> None:
    stand = TeamsStand()
    async with begun(stand) as day:
        await day.until_register()
        own = stand.activity(DSL, day.dsl_address, "installationUpdate")
        await stand.send({**own, "action": "remove"})
        assert "taken out" in closed(day, day.dsl_address)
        await day.until("10:00")
        day.dsl("Hillcrest").sees("not arrived", "CD34")
        await stand.send({**own, "id": "again", "action": "add"})
        assert closed(day, day.dsl_address) == ""

        shared = stand.activity("Sam Taylor", day.farm, "conversationUpdate")
        await stand.send({**shared, "membersRemoved": [{"id": "29:somebody-else"}]})
        assert closed(day, day.farm) == ""
        await stand.send({**shared, "membersRemoved": [{"id": BOT}]})
        assert "taken out" in closed(day, day.farm)
        stranger = stand.activity("Passing Stranger", day.farm, "conversationUpdate")
        await stand.send({**stranger, "membersAdded": [{"id": BOT}]})
        assert "taken out" in closed(day, day.farm)


async def test_what_claims_to_be_a_playground_with_an_address_elsewhere_is_refused() -> None:
    stand = TeamsStand(client_id="", client_secret="", playground=True)
    async with begun(stand) as day:
        words = {**stand.activity(DSL, day.dsl_address, "message"), "text": "ap today"}
        assert (await stand.send({**words, "serviceUrl": "https://smba.example/teams/"}, {})).status_code == 401
