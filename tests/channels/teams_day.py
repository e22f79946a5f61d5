"""A day on Teams, for tests that have no contract."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from apbot.store.tables import events
from tests.channels.chatday import ChatDay
from tests.channels.teams_stand import TeamsStand


@asynccontextmanager
async def begun(stand: TeamsStand) -> AsyncIterator[ChatDay]:
    """A day with this stand-in."""
    a_day = ChatDay(stand)
    await a_day.begin()
    try:
        yield a_day
    finally:
        await a_day.end()


def today(day: ChatDay) -> dict[str, Any]:
    """Dorothy Okafor types /ap today."""
    stand = stand_of(day)
    return {**stand.activity("Dorothy Okafor", day.dsl_address, "message"), "text": "/ap today"}


def stand_of(day: ChatDay) -> TeamsStand:
    assert isinstance(day.stand, TeamsStand)
    return day.stand


def heard(day: ChatDay) -> int:
    """How many events were heard."""
    (row,) = day.rows(sa.select(sa.func.count().label("n")).select_from(events))
    return int(row.n)
