"""Nights, and days on which the clocks change."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.domain.walltime import instant, parse_wall
from apbot.store.tables import escalations, people, terms
from tests.day import Day
from tests.stories.awkward_days.changes import alerts


async def test_an_alert_that_nobody_takes_goes_on_through_the_night_to_whoever_is_there_then(day: Day) -> None:
    day.change(people, people.c.id == day.ids["Dorothy Okafor"], leaves_on=day.date)
    await day.until("10:20")
    day.clock.set(instant(day.date, parse_wall("23:50")))
    await day.app.tick()
    before = len(day.dsl("Hillcrest").cards)
    tom = len(day.person("Tom Beckett").cards)
    for minutes in (15, 30):
        day.clock.set(instant(day.date, parse_wall("23:50")) + timedelta(minutes=minutes))
        await day.app.tick()
    assert len(day.person("Tom Beckett").cards) == tom + 2
    assert len(day.dsl("Hillcrest").cards) == before, "her last day was over at midnight"
    assert alerts(day)[0] == "not arrived: open"


async def test_a_further_step_edits_no_message_that_says_the_same_as_before(day: Day) -> None:
    await day.until("10:20")
    shown = [posted for posted in day.recorder.posted.values() if "alert" in posted.card.footer]
    assert len(shown) == 2 + 3 + 4
    assert all(len(posted.history) == 1 for posted in shown)


@pytest.mark.parametrize(
    ("on", "hour"),
    [
        (date(2026, 10, 23), 8),
        (date(2026, 10, 26), 9),
        (date(2027, 3, 26), 9),
        (date(2027, 3, 30), 8),
        (date(2028, 2, 29), 9),
    ],
)
async def test_half_past_nine_is_half_past_nine_on_both_sides_of_a_clock_change(on: date, hour: int) -> None:
    day = Day(on)
    day.change(terms, sa.true(), starts_on=on, ends_on=on)
    is_open = on != date(2027, 3, 26)  # Good Friday
    await day.until("09:29")
    day.provider("Oak Farm").sees_nothing()
    await day.until("10:00")
    sent = [posted.at for posted in day.recorder.posted.values() if posted.card.heading.startswith("Register: Oak")]
    assert [(at.hour, at.minute) for at in sent] == ([(hour, 30)] if is_open else [])
    alerted = day.rows(sa.select(escalations.c.opened_at))
    assert {(row.opened_at.hour, row.opened_at.minute) for row in alerted} == ({(hour + 1, 0)} if is_open else set())
    day.close()
