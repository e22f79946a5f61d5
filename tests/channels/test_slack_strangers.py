"""Who is not linked, or has left, is told so by the press itself: not by a form that they fill in for nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from apbot.store.tables import people
from tests.channels.chatday import ChatDay
from tests.channels.slackstand import SlackStand


@pytest_asyncio.fixture
async def day() -> AsyncIterator[ChatDay]:
    a_day = ChatDay(SlackStand())
    await a_day.begin()
    await a_day.until("09:31")
    yield a_day
    await a_day.end()


def stand_of(day: ChatDay) -> SlackStand:
    assert isinstance(day.stand, SlackStand)
    return day.stand


async def press(day: ChatDay, person: str) -> int:
    """Press a button that asks something; how many forms it opens."""
    stand = stand_of(day)
    said, element = stand._find(day.farm, "Late", "AB12")
    before = len(stand.workspace.views)
    await stand.tell("interactive", stand.press(person, said, element, stand.trigger()))
    await stand.channel.answers.settled()
    return len(stand.workspace.views) - before


def told(day: ChatDay) -> str:
    """Everything that people were told in answer."""
    return str(stand_of(day).workspace.told)


async def test_a_stranger_gets_no_form_and_is_told_how_to_be_linked(day: ChatDay) -> None:
    assert await press(day, "Passing Stranger") == 0
    assert "/ap link CODE" in told(day)


async def test_a_leaver_gets_no_form(day: ChatDay) -> None:
    day.change(people, people.c.id == day.ids["Sam Taylor"], leaves_on=day.date - timedelta(days=1))
    assert await press(day, "Sam Taylor") == 0


async def test_who_is_linked_gets_it(day: ChatDay) -> None:
    assert await press(day, "Sam Taylor") == 1
