"""Teams asks for a card as it is now when somebody looks at it."""

from datetime import timedelta
from typing import Any

from apbot.store.tables import people
from tests.channels.chatday import ChatDay
from tests.channels.teams_stand import TeamsStand

DSL = "Dorothy Okafor"


async def test_a_message_asks_to_be_refreshed_and_shows_only_its_people_what_is_new() -> None:
    stand = TeamsStand()
    day = ChatDay(stand)
    await day.begin()
    try:
        await day.until("09:31")
        message, _ = stand.find("Sam Taylor", day.farm, "Arrived")
        action = message.card["refresh"]["action"]
        assert action["type"] == "Action.Execute"

        async def looks(person: str) -> dict[str, Any]:
            answer: dict[str, Any] = (await stand.invoke(person, day.farm, action, message.id)).json()
            return answer

        shown = await looks("Sam Taylor")
        assert shown["type"] == "application/vnd.microsoft.card.adaptive"
        assert shown["value"]["refresh"]["action"] == action, "and again the next time"
        assert "AB12" in str(shown)

        for person in ("Passing Stranger", "Sam Taylor"):
            day.change(people, people.c.id == day.ids["Sam Taylor"], leaves_on=day.date - timedelta(days=1))
            nothing = await looks(person)
            assert nothing["type"] == "application/vnd.microsoft.error"
            assert nothing["statusCode"] == 400
            assert "AB12" not in str(nothing)
    finally:
        await day.end()
