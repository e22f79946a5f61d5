"""The day, in two processes at once."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.app import App
from apbot.cards import Action, Reply
from apbot.channels.desk import Desk, Heard
from apbot.clock import VirtualClock
from apbot.domain.walltime import instant
from apbot.handlers.dispatch import handle
from apbot.logs import configure
from apbot.roster import apply
from apbot.settings import Settings
from apbot.simulator.world import invent
from apbot.store.connect import open_database
from apbot.store.database import Database, Transaction
from apbot.store.opening import open_day
from apbot.store.people import load_actor
from apbot.store.tables import (
    addresses,
    entries,
    escalated,
    escalations,
    events,
    marks,
    registers,
    roles,
)
from tests.blank import url_in
from tests.day import THURSDAY, Day, Recorder
from tests.store.postgresql.cutting import at_once

pytestmark = pytest.mark.postgresql


@pytest.fixture
def county(tmp_path: Path) -> Iterator[tuple[App, App]]:
    """Two processes at ten o'clock of a day on which nobody has answered, so that every alert is due."""
    configure("CRITICAL")  # nobody has an address yet, which is logged as an error
    clock = VirtualClock(instant(THURSDAY, time(5)))
    settings = Settings(_env_file=None, database_url=url_in(tmp_path))
    first = open_database(settings, clock)
    first.run(apply, invent(250, THURSDAY, THURSDAY, seed=1))
    first.run(open_day, THURSDAY)
    clock.forward(timedelta(hours=5, minutes=20))
    both = [first, Database(settings.database_url, clock)]
    yield tuple(App(settings, each, [Recorder(clock)]) for each in both)  # type: ignore[misc]
    for each in both:
        each.close()


def rows(app: App, query: sa.Select[Any]) -> list[Any]:
    """What stands in the database."""
    return list(app.database.run(lambda t: t.rows(query)))


def test_each_alert_is_decided_once_though_two_tick_at_once(county: tuple[App, App]) -> None:
    waiting = rows(county[0], sa.select(entries.c.id).where(entries.c.alert_at <= county[0].database.clock.now()))
    assert len(waiting) > 100
    at_once(*(lambda app=each: asyncio.run(app.decide()) for each in county))
    opened = Counter(row.entry_id for row in rows(county[0], sa.select(escalated.c.entry_id)))
    assert opened == Counter({row.id: 1 for row in waiting})
    rounds = rows(county[0], sa.select(escalations.c.step, escalations.c.round).distinct())
    assert [tuple(row) for row in rounds] == [(0, 0)], "none was taken a step further by the other"


def test_a_mark_that_meets_its_alert_leaves_one_story(county: tuple[App, App]) -> None:
    """A pupil who was marked first is in no alert; an alert that was first knows that the pupil has arrived."""
    one, other = county
    staff = sa.select(roles.c.person_id).where(roles.c.provider_id == registers.c.provider_id).limit(1)
    query = sa.select(entries.c.id, staff.scalar_subquery().label("person_id"), registers.c.provider_id)
    first = rows(one, query.join_from(entries, registers).where(entries.c.alert_at.is_not(None)).order_by(entries.c.id))

    def press_all() -> None:
        for row in first:
            press(other, row.person_id, f"press-{row.id}", row.id)

    at_once(lambda: asyncio.run(one.decide()), press_all)
    marked = {row.id for row in rows(one, sa.select(entries.c.id).where(entries.c.fact == "arrived"))}
    assert marked == {row.id for row in first}
    open_for = sa.select(escalated.c.entry_id, escalations.c.state, escalated.c.outcome)
    told = rows(one, open_for.join_from(escalated, escalations))
    assert {(row.state, row.outcome) for row in told} <= {("stood down", "arrived since")}


def press(app: App, person_id: int, event_id: str, entry_id: int) -> Reply:
    """As a channel does."""

    def do(transaction: Transaction) -> Reply:
        action = Action("web", event_id, f"person:{person_id}", verb="arrived", subject=entry_id)
        return handle(transaction, load_actor(transaction, person_id, "web"), action)

    return app.database.run(do)


def test_the_same_press_told_of_twice_at_once_is_done_once_and_answered_alike(county: tuple[App, App]) -> None:
    query = sa.select(entries.c.id, roles.c.person_id).join_from(entries, registers)
    (row,) = rows(county[0], query.join(roles, roles.c.provider_id == registers.c.provider_id).limit(1))
    answers = at_once(*(lambda app=each: press(app, row.person_id, "same", row.id) for each in county * 3))
    assert sum(not each.is_repeat for each in answers) == 1
    assert len({str(each.card) for each in answers}) == 1
    assert len(rows(county[0], sa.select(marks.c.id))) == 1
    assert len(rows(county[0], sa.select(events.c.id))) == 1


async def test_a_character_that_postgresql_keeps_nowhere_loses_nobodys_words(tmp_path: Path) -> None:
    day = Day(url=url_in(tmp_path))
    await day.until("09:30")
    desk = Desk(day.database, handle)
    person_id = day.ids["Dorothy Okafor"]
    day.database.run(lambda t: t.insert(addresses, person_id=person_id, channel="slack", address="U1"))
    reply = await desk.hear("slack", Heard("e1", "U1", "U1", text="/ap\0 to\0day", inputs={"note": "x\0"}))
    assert reply.card is not None
    assert "today" in reply.card.heading.lower()
    day.close()
