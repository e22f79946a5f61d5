"""A person on several platforms is one person: a letter about what they have taken on in a chat says so."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa

from apbot.cards import Action
from apbot.handlers.dispatch import handle
from apbot.store.database import Transaction
from apbot.store.people import load_actor
from apbot.store.tables import escalations
from tests.channels.chatday import ChatDay
from tests.channels.mailroom import MailRoom

DSL = "Dorothy Okafor"


@pytest_asyncio.fixture
async def day() -> AsyncIterator[ChatDay]:
    a_day = ChatDay(MailRoom())
    await a_day.begin()
    await a_day.until_register()
    await a_day.until("10:01")
    yield a_day
    await a_day.end()


def letters(day: ChatDay) -> list[str]:
    stand = day.stand
    assert isinstance(stand, MailRoom)
    return [each.part("plain") for each in stand.of(day.dsl_address)]


@pytest.mark.parametrize(("via", "count"), [("slack", 2), ("link", 1)])
async def test_who_acknowledges_in_a_chat_has_a_letter_that_says_so_and_who_does_by_its_link_none(
    day: ChatDay, via: str, count: int
) -> None:
    def acknowledge(transaction: Transaction) -> None:
        actor = load_actor(transaction, day.ids[DSL], via)
        subject = transaction.value(sa.select(sa.func.min(escalations.c.id)))
        handle(transaction, actor, Action(via, "press:1", "U1", "acknowledge", subject))

    assert len(letters(day)) == 1
    day.database.run(acknowledge)
    await day.app.tick()
    assert len(letters(day)) == count
    assert ("Acknowledged by Dorothy Okafor" in letters(day)[-1]) == (count == 2)
