"""A day on Teams, for tests that have no contract."""

from typing import Any

import sqlalchemy as sa

from apbot.store.tables import events
from tests.channels.chatday import ChatDay
from tests.channels.teams_stand import TeamsStand


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
