"""Days on which apbot was not running: somebody is told that nobody was asked."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.cards import Button
from apbot.domain.walltime import instant, parse_wall
from apbot.store.tables import closures, entries, missed_days, registers
from tests.day import Day

MISSED = "Nobody was asked about"


@pytest.fixture
def day() -> Iterator[Day]:
    """A Thursday that begins as usual."""
    a_day = Day()
    yield a_day
    a_day.close()


async def back_on(day: Day, on: date, at: str = "07:00") -> None:
    """apbot is switched off now, and on again then."""
    day.clock.set(instant(on, parse_wall(at)))
    await day.app.tick()


FRIDAY, MONDAY = date(2026, 9, 18), date(2026, 9, 21)


async def test_a_school_is_told_who_was_expected_on_a_day_that_was_missed(day: Day) -> None:
    await day.until("16:00")
    await back_on(day, MONDAY)
    for who in ("Priya Nair", "Dorothy Okafor"):
        (card,) = [each for each in day.person(who).cards if each.heading.startswith(MISSED)]
        assert card.heading.endswith("Fri 18 Sep 2026")
        assert "Ring each provider now" in "\n".join(card.lines)
        assert any("AB12" in row.text for row in card.rows)
        assert "GH78" not in str(card), "another school's"


async def test_nobody_is_prompted_about_it_and_no_alert_of_it_comes_hours_late(day: Day) -> None:
    await day.until("16:00")
    said = len(day.provider("Oak Farm").cards)
    await back_on(day, MONDAY)
    assert len(day.provider("Oak Farm").cards) == said
    of_friday = sa.select(entries).join(registers).where(registers.c.day == FRIDAY)
    found = day.rows(of_friday)
    assert found
    assert all(row.alert_at is None for row in found)


async def test_its_sessions_are_in_the_next_list_of_codes(day: Day) -> None:
    await day.until("16:00")
    await back_on(day, MONDAY, "09:00")
    cards = [card for card in day.person("Priya Nair").cards if card.heading.startswith("Codes of earlier days")]
    assert any("Fri 18 Sep" in row.text for card in cards for row in card.rows)


async def test_it_is_told_once_however_often_the_days_are_worked_out_again(day: Day) -> None:
    await day.until("16:00")
    await back_on(day, MONDAY)
    await day.person("Priya Nair").taps("Acknowledge")
    await back_on(day, MONDAY, "08:00")
    await back_on(day, MONDAY + timedelta(days=1))
    told = [card for card in day.person("Priya Nair").cards if "Fri 18 Sep 2026" in card.heading]
    assert len([card for card in told if card.heading.startswith(MISSED)]) == 1


async def test_it_is_told_again_until_somebody_acknowledges_it_and_all_see_who(day: Day) -> None:
    await day.until("16:00")
    await back_on(day, MONDAY)
    for at in ("07:30", "08:00"):
        day.person("Helen Marsh").does_not_see(MISSED)
        await back_on(day, MONDAY, at)
    day.dsl("Hillcrest").sees(MISSED, "Nobody has acknowledged it since 07:00")
    day.person("Helen Marsh").sees(MISSED)
    said = await day.person("Tom Beckett").taps("Acknowledge")
    assert said.card is not None
    assert said.card.heading == "Acknowledged"
    for who in ("Priya Nair", "Dorothy Okafor", "Helen Marsh", "Ada Quill"):
        day.person(who).sees(MISSED, "Acknowledged by Tom Beckett at 08:00", "CD34")
    count = len([card for card in day.dsl("Hillcrest").cards if card.heading.startswith(MISSED)])
    assert count == 3
    await back_on(day, MONDAY, "09:00")
    assert len([card for card in day.dsl("Hillcrest").cards if card.heading.startswith(MISSED)]) == count
    again = await day.dsl("Hillcrest").presses(Button("Acknowledge", "missed_day_acknowledge", acknowledged(day)))
    assert again.card is not None
    assert again.card.heading == "Tom Beckett acknowledged it at 08:00"


def acknowledged(day: Day) -> int:
    (row,) = day.rows(sa.select(missed_days.c.id).where(missed_days.c.acknowledged_at.is_not(None)))
    return int(row.id)


@pytest.mark.parametrize("who", ["Sam Taylor", "Zainab Malik", "Kit Lowry"])
async def test_only_those_who_answer_for_the_school_acknowledge_it(day: Day, who: str) -> None:
    await day.until("16:00")
    await back_on(day, MONDAY)
    said = await day.person(who).presses(day.person("Priya Nair").button("Acknowledge"))
    assert said.card is not None
    assert "not yours" in said.card.heading
    assert all(row.acknowledged_at is None for row in day.rows(sa.select(missed_days)))


async def test_a_whole_week_is_made_up_for_day_by_day_and_the_weekend_is_no_gap(day: Day) -> None:
    await day.until("16:00")
    await back_on(day, date(2026, 9, 24))
    headings = [card.heading for card in day.person("Priya Nair").cards if card.heading.startswith(MISSED)]
    days = [heading.split(": ")[1] for heading in headings]
    assert days == ["Fri 18 Sep 2026", "Mon 21 Sep 2026", "Tue 22 Sep 2026", "Wed 23 Sep 2026"]


async def test_a_day_on_which_the_school_was_closed_is_not_missed(day: Day) -> None:
    await day.until("16:00")
    day.database.run(
        lambda transaction: [
            transaction.insert(
                closures, school_id=day.ids[school], starts_on=FRIDAY, ends_on=FRIDAY, sessions="all day", kind="INSET"
            )
            for school in ("Hillcrest", "Marsh Lane")
        ]
    )
    await back_on(day, MONDAY)
    assert MISSED not in day.person("Priya Nair").text


async def test_the_first_start_of_all_has_missed_nothing() -> None:
    fresh = Day()
    await fresh.until("08:00")
    assert MISSED not in fresh.person("Priya Nair").text
    fresh.close()
