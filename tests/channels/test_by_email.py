"""Linking by the email address that a platform vouches for: on Slack and on Teams, held to the same rule."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from apbot.channels.desk import Desk, Heard
from apbot.handlers.dispatch import handle
from apbot.store.linking import Owner, owner_of
from apbot.store.tables import addresses, audit, people
from tests.channels.chatday import ChatDay, begun
from tests.channels.samples import fact
from tests.channels.slackstand import SlackStand
from tests.channels.slackworkspace import TEAM, words_of
from tests.channels.stand import Stand
from tests.channels.teams_stand import TENANT, TeamsStand
from tests.day import Day

GARY = "Gary Stone"
ADDRESS = "gary.stone@garage.example"


@asynccontextmanager
async def at_the_farm(stand: Stand, *, link_by_email: bool = True) -> AsyncIterator[ChatDay]:
    """A day on which Gary Stone, whom nobody has linked, is at Oak Farm, and has an address on the roster."""
    async with begun(stand, link_by_email=link_by_email) as a_day:
        a_day.change(people, people.c.name == GARY, email="Gary.Stone@garage.example")
        await a_day.until("09:31")
        yield a_day


@pytest_asyncio.fixture(params=[SlackStand, TeamsStand], ids=["slack", "teams"])
async def day(request: pytest.FixtureRequest) -> AsyncIterator[ChatDay]:
    async with at_the_farm(request.param()) as a_day:
        yield a_day


def knows(day: ChatDay, email: str = ADDRESS, person: str = GARY, **more: Any) -> None:
    """The platform vouches for this address of somebody."""
    stand = day.stand
    if isinstance(stand, SlackStand):
        stand.workspace.users[stand.user(person)] = {"profile": {"email": email}, **more}
    else:
        assert isinstance(stand, TeamsStand)
        stand.teams.members[stand.address_of(person)] = {"email": email, "userPrincipalName": email, **more}


def asked(day: ChatDay) -> int:
    """How often the platform was asked about a person."""
    stand = day.stand
    if isinstance(stand, SlackStand):
        return sum(method == "users.info" for method, _ in stand.workspace.calls)
    assert isinstance(stand, TeamsStand)
    return stand.requests.count("member")


def owner(day: ChatDay, person: str = GARY) -> Owner | None:
    return day.database.run(owner_of, day.stand.name, day.stand.address_of(person))


async def types(day: ChatDay, text: str = "/ap today", person: str = GARY) -> str:
    return await day.types(person, day.stand.address_of(person), text)


async def is_turned_away(day: ChatDay) -> None:
    """Gary Stone does something, is told how to be linked, and nothing is done."""
    answer = await types(day)
    assert "not linked" in answer
    assert "/ap link" in answer
    assert owner(day) is None


async def test_what_somebody_did_is_done_and_they_are_told_that_they_are_linked(day: ChatDay) -> None:
    knows(day, ADDRESS.upper())
    answer = await types(day)
    assert "The Garage" in answer
    assert "linked to apbot now, by your email address" in answer
    assert owner(day) == Owner(day.ids[GARY], None)
    (noted,) = day.rows(sa.select(audit).where(audit.c.what == "linked by email"))
    assert noted.subject == f"person:{day.ids[GARY]}"
    assert ADDRESS not in str(noted.detail).lower()
    assert "linked to apbot now" not in await types(day)
    assert asked(day) == 1, "nobody asks about somebody who is known"


async def test_a_press_in_a_shared_conversation_is_done_too(day: ChatDay) -> None:
    knows(day)
    day.change(people, people.c.name == "Sam Taylor", email="sam@farm.example")
    old = addresses.c.address == day.stand.address_of("Sam Taylor")
    day.change(addresses, old, address="an account of years ago")
    knows(day, "sam@farm.example", "Sam Taylor")
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"


async def test_it_is_done_once_when_the_platform_tells_of_it_again(day: ChatDay) -> None:
    knows(day)
    await types(day)
    await day.stand.again()
    assert len(day.rows(sa.select(audit).where(audit.c.what == "linked by email"))) == 1


async def test_an_event_that_was_turned_away_links_nobody_when_it_is_told_of_again(day: ChatDay) -> None:
    await is_turned_away(day)
    knows(day)
    await day.stand.again()
    assert owner(day) is None
    await types(day)
    assert owner(day) is not None


async def test_two_people_with_one_address_are_neither_of_them(day: ChatDay) -> None:
    knows(day)
    day.change(people, people.c.name == "Sam Taylor", email=ADDRESS)
    await is_turned_away(day)


async def test_an_address_that_is_nobodys_on_the_roster_links_nobody(day: ChatDay) -> None:
    knows(day, "somebody@garage.example")
    await is_turned_away(day)


async def test_letters_that_only_look_like_those_of_an_address_are_not_it(day: ChatDay) -> None:
    day.change(people, people.c.name == GARY, email="kit@garage.example")
    knows(day, "\N{KELVIN SIGN}it@garage.example")
    await is_turned_away(day)


async def test_a_leaver_is_not_linked(day: ChatDay) -> None:
    knows(day)
    day.change(people, people.c.name == GARY, leaves_on=day.date - timedelta(days=1))
    await is_turned_away(day)


async def test_who_begins_tomorrow_is_not_linked(day: ChatDay) -> None:
    knows(day)
    day.change(people, people.c.name == GARY, starts_on=day.date + timedelta(days=1))
    await is_turned_away(day)


async def test_a_platform_that_tells_nothing_links_nobody(day: ChatDay) -> None:
    await is_turned_away(day)
    assert asked(day) == 1


async def test_who_types_a_code_is_linked_by_that(day: ChatDay) -> None:
    knows(day)
    assert "You are linked, Tom Beckett" in await types(day, f"/ap link {day.code_for(person='Tom Beckett')}")
    assert asked(day) == 0


@pytest.mark.parametrize("stand", [SlackStand, TeamsStand])
async def test_where_no_admin_has_allowed_it_nobody_is_asked_about(stand: type[Stand]) -> None:
    async with at_the_farm(stand(), link_by_email=False) as day:
        knows(day)
        await is_turned_away(day)
        assert asked(day) == 0


async def test_an_answer_that_does_not_come_is_no_answer(day: ChatDay) -> None:
    async def broken() -> tuple[str, ...]:
        raise RuntimeError(ADDRESS)

    desk = Desk(day.database, handle, links_by_email=True)
    reply = await desk.hear("slack", Heard("1", "U1", "U1", text="/ap today"), broken)
    assert reply.is_refusal


async def test_a_channel_that_can_not_ask_links_by_codes_alone() -> None:
    day = Day()
    reply = await Desk(day.database, handle, links_by_email=True).hear(
        "telegram", Heard("1", "1", "1", text="/ap today")
    )
    assert reply.is_refusal
    day.close()


# Slack


@pytest.mark.parametrize(
    "more",
    [
        {"is_email_confirmed": False},
        {"team_id": "T0OTHER"},
        {"is_stranger": True},
        {"is_bot": True},
        {"deleted": True},
        {"profile": {}},
        {"profile": {"email": ["gary"]}},
        {"id": "U0OTHER"},
    ],
    ids=str,
)
async def test_slack_does_not_vouch_for(more: dict[str, Any]) -> None:
    async with at_the_farm(SlackStand()) as day:
        knows(day, **more)
        await is_turned_away(day)


async def test_on_slack_who_is_from_another_workspace_is_not_even_asked_about() -> None:
    stand = SlackStand()
    stand.teams[GARY] = "T0OTHER"
    async with at_the_farm(stand) as day:
        knows(day)
        await is_turned_away(day)
        assert asked(day) == 0


async def test_on_slack_a_member_of_the_workspace_by_their_organisation_is_linked() -> None:
    async with at_the_farm(SlackStand()) as day:
        knows(day, team_id="E0ORG", enterprise_user={"teams": [TEAM]})
        await types(day)
        assert owner(day) is not None


async def test_on_slack_the_page_says_so_to_whom_it_links() -> None:
    stand = SlackStand()
    async with at_the_farm(stand) as day:
        knows(day)
        event = {"type": "app_home_opened", "user": stand.user(GARY), "tab": "home", "event_ts": "1"}
        await stand.tell("events_api", stand.event(event))
        await stand.channel.answers.settled()
        assert "linked to apbot now" in words_of("", stand.workspace.homes[stand.user(GARY)]["blocks"])


async def test_slacks_permission_is_missed_only_where_it_is_used() -> None:
    from apbot.channels.slack.checking import SCOPES

    for link_by_email in (False, True):
        stand = SlackStand()
        async with at_the_farm(stand, link_by_email=link_by_email) as day:
            stand.workspace.scopes = ",".join(SCOPES)
            assert ["users:read.email" in each.what for each in await day.channel.check()] == [True] * link_by_email


# Teams


@pytest.mark.parametrize(
    "more",
    [
        {"tenantId": "another"},
        {"tenantId": ""},
        {"userRole": "guest"},
        {"userPrincipalName": "gary.stone_garage.example#EXT#@hillcrest.onmicrosoft.com"},
        {"objectId": "somebody-else"},
        {"email": None, "userPrincipalName": None},
        {"id": None},
    ],
    ids=str,
)
async def test_teams_does_not_vouch_for(more: dict[str, Any]) -> None:
    async with at_the_farm(TeamsStand()) as day:
        knows(day, **more)
        await is_turned_away(day)


@pytest.mark.parametrize("address", ["email", "userPrincipalName"])
async def test_on_teams_either_address_will_do(address: str) -> None:
    async with at_the_farm(TeamsStand()) as day:
        knows(day)
        stand = day.stand
        assert isinstance(stand, TeamsStand)
        stand.teams.members[stand.address_of(GARY)] = {
            "email": "g@garage.example",
            "userPrincipalName": "g@hillcrest.example",
            address: ADDRESS,
        }
        await types(day)
        assert owner(day) is not None


async def test_on_teams_two_addresses_of_two_people_are_neither_of_them() -> None:
    async with at_the_farm(TeamsStand()) as day:
        day.change(people, people.c.name == "Sam Taylor", email="sam@farm.example")
        knows(day, userPrincipalName="sam@farm.example")
        await is_turned_away(day)


@pytest.mark.parametrize(
    "settings", [{"tenant_id": ""}, {"playground": True}, {"tenant_id": f"other-{TENANT}"}], ids=str
)
async def test_on_teams_only_the_own_tenant_is_asked(settings: dict[str, Any]) -> None:
    from apbot.channels.teams.inbound import read_activity
    from apbot.channels.teams.members import emails_of
    from apbot.channels.teams.settings import Settings

    async with at_the_farm(TeamsStand()) as day:
        knows(day)
        stand = day.stand
        assert isinstance(stand, TeamsStand)
        activity = read_activity(stand.activity(GARY, stand.address_of(GARY), "message"))
        own = Settings(_env_file=None, **{"client_id": "x", "tenant_id": TENANT, **settings})
        assert await emails_of(stand.channel._wire, own, activity) == ()
        assert asked(day) == 0
