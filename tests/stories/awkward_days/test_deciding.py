"""What happens between deciding and telling."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa

from apbot.app import App
from apbot.domain.walltime import instant, parse_wall
from apbot.store.connect import open_database
from apbot.store.tables import escalated, messages
from tests.blank import url_in
from tests.day import Day, Recorder
from tests.stories.awkward_days.changes import alerts, entry, press


async def test_a_pupil_who_arrives_between_the_decision_and_the_telling_is_not_alerted(day: Day) -> None:
    await day.until("09:59")
    day.clock.set(instant(day.date, parse_wall("10:00")))
    await day.app.decide()
    press(day, "arrived", entry(day).id)
    await day.app.tick()
    day.dsl("Hillcrest").does_not_see("Not arrived", "Acknowledge")
    assert alerts(day) == ["not arrived: stood down"]


async def test_stopped_at_one_minute_to_ten_and_started_again_it_alerts_and_says_how_late(tmp_path: Path) -> None:
    day = Day(url=url_in(tmp_path))
    await day.until("09:59")
    day.app.database.close()
    day.clock.set(instant(day.date, parse_wall("10:07")))
    again = App(day.settings, open_database(day.settings, day.clock, inline=True), [day.recorder])
    await again.tick()
    said = day.dsl("Hillcrest").cards
    assert [card.heading for card in said] == [
        "Not arrived: 2 pupils, Oak Farm, am",
        "Not arrived: 1 pupil, The Garage, am",
    ]
    assert all("This alert is 7 minutes late: it was due at 10:00." in card.lines for card in said)
    again.database.close()


async def test_two_processes_that_tick_at_once_tell_everybody_once(tmp_path: Path) -> None:
    url = url_in(tmp_path)
    day = Day(url=url)
    await day.until("09:59")
    day.clock.set(instant(day.date, parse_wall("10:00")))
    others = [open_database(day.settings, day.clock, inline=True) for _ in range(2)]
    apps = [day.app, *(App(day.settings, other, [Recorder(day.clock)]) for other in others)]

    def ticks(app: App) -> None:
        for _ in range(3):
            asyncio.run(app.decide())

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(ticks, app) for app in apps]:
            done.result()
    assert alerts(day) == ["not arrived: open"] * 3, "one for each provider and school"
    members = day.rows(sa.select(escalated.c.entry_id))
    assert len(members) == len({row.entry_id for row in members}) == 4
    told = day.rows(sa.select(messages.c.recipient, messages.c.subject_id).where(messages.c.kind == "escalation"))
    assert len(told) == 6, "the attendance contact and the DSL of each"
    for app in apps:
        app.database.close()
