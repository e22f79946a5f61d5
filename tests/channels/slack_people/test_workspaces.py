"""People of other workspaces: who they are, and that nobody is taken for a namesake."""

import sqlalchemy as sa

from apbot.channels.slack.api import Identity
from apbot.channels.slack.payloads import sender_of
from apbot.store.linking import Owner, link
from apbot.store.tables import addresses
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.slackstand import SlackStand
from tests.channels.slackworkspace import words_of


async def test_a_colleague_in_another_workspace_is_told_apart_from_a_namesake_here(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:31")
    stand.teams["Sam Taylor"] = "T0OTHER"
    assert "not linked" in await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    assert "not linked" in await day.types("Sam Taylor", day.farm, "all in")
    assert fact(day, "AB12") is None
    address = stand.address_of("Sam Taylor")
    assert address.startswith("T0OTHER:U")
    day.database.run(link, Owner(day.ids["Sam Taylor"], None), "slack", address)
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    await day.types("Sam Taylor", day.farm, "CD34 is here")
    await day.taps("Sam Taylor", day.farm, "Not arrived", "GH78", reason="ill")
    assert [fact(day, ref) for ref in ("AB12", "CD34", "GH78")] == ["arrived", "arrived", "not arrived"]


def test_a_person_of_the_own_organisation_is_no_foreigner() -> None:
    me = Identity("T1", "E1", "U0", "B0")
    assert sender_of(me, "U5", "T1") == sender_of(me, "U5", "E1") == sender_of(me, "U5", "") == "U5"
    assert sender_of(me, "U5", "T2") == "T2:U5"


async def test_a_person_of_another_workspace_links_answers_and_acknowledges_in_a_shared_channel(
    day: ChatDay, stand: SlackStand
) -> None:
    """Slack Connect: the provider's own workspace shares a channel with apbot's."""
    stand.teams["Gary Stone"] = "T123"
    garage = stand.shared_by("The Garage")
    await day.types("Gary Stone", garage, f"/ap link {day.code_for(provider='The Garage')}")
    linked = await day.types("Gary Stone", garage, f"/ap link {day.code_for(person='Gary Stone')}")
    assert "You are linked, Gary Stone" in linked
    (kept,) = day.rows(
        sa.select(addresses.c.address).where(
            addresses.c.person_id == day.ids["Gary Stone"], addresses.c.channel == "slack"
        )
    )
    assert kept.address == f"T123:{stand.user('Gary Stone')}"
    await day.until("09:31")
    await day.taps("Gary Stone", garage, "Not arrived", "EF56", reason="ill")
    assert fact(day, "EF56") == "not arrived"
    assert stand.workspace.said[-1].only_for == stand.user("Gary Stone"), "the answer is for who pressed"
    day.newest(garage, "EF56", "Not arrived: ill · Gary Stone, 09:31")
    await day.until("09:46")
    assert "/ap today" in await day.types("Gary Stone", stand.address_of("Gary Stone"), "hello")
    assert "EF56" in await day.types("Gary Stone", garage, "EF56 just arrived")
    day.newest(garage, "EF56", "Gary Stone, 09:46")


async def test_the_page_of_somebody_with_the_same_name_in_another_workspace_shows_nothing(
    day: ChatDay, stand: SlackStand
) -> None:
    """Slack's names of users are unique within a workspace alone: Dorothy's is not another's Dorothy's."""
    await day.until("10:01")
    user = stand.user("Dorothy Okafor")
    home = {"type": "app_home_opened", "user": user, "tab": "home"}
    for elsewhere in ({"team_id": "T0ELSEWHERE"}, {"team_id": "T0ELSEWHERE", "enterprise_id": "E0ELSEWHERE"}):
        await stand.tell("events_api", {**stand.event(home), **elsewhere})
        await stand.channel.answers.settled()
        page = words_of("", stand.workspace.homes[user]["blocks"])
        assert "AB12" not in page
        assert "not linked" in page
    await stand.tell("events_api", stand.event(home))
    await stand.channel.answers.settled()
    assert "AB12" in words_of("", stand.workspace.homes[user]["blocks"])


async def test_words_from_another_workspace_are_not_taken_for_those_of_who_has_the_same_name(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until_register()
    said = stand.message("Sam Taylor", day.farm, "all in")
    del said["event"]["team"]
    await stand.tell("events_api", {**said, "team_id": "T0ELSEWHERE"})
    await stand.channel.answers.settled()
    assert fact(day, "AB12") is None
