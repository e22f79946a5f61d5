"""Every provider of a pupil knows the others: told at the start, and whenever it changes."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.domain.timetable import Hours, Pattern
from apbot.store.tables import addresses, audit, placements, plannings
from tests.day import Day, text_of

SAM, BEA, GARY = "Sam Taylor", "Bea Whitlock", "Gary Stone"
FRIDAYS = Pattern.from_json(["fri am"])


def at_the_garage_too(day: Day, starts_on: date = date(2026, 9, 18)) -> int:
    """CD34 goes to the Garage on Fridays as well."""
    return day.database.run(
        lambda t: t.insert(
            placements,
            ref="CD34-GAR",
            pupil_id=day.ids["CD34"],
            provider_id=day.ids["The Garage"],
            starts_on=starts_on,
            pattern=FRIDAYS.to_json(),
            hours=Hours().to_json(),
            added_on=date(2026, 9, 17),
            touched_at=t.now,
        )
    )


def told(day: Day, person: str) -> list[str]:
    """What somebody was told of a pupil's other providers."""
    return [
        text_of(card)
        for card in day.person(person).cards
        if "other provider" in card.heading or "as well" in card.heading
    ]


async def again(day: Day, at: str) -> None:
    """The roster has changed: what follows from it is worked out, and told once it is time."""
    day.change(plannings, sa.true(), next_at=day.clock.now())
    await day.until(at)


async def test_both_providers_are_told_of_each_other_in_the_morning_and_once(day: Day) -> None:
    at_the_garage_too(day)
    await day.until("08:14")
    assert told(day, SAM) == told(day, GARY) == []
    await day.until("08:16")
    for person in (SAM, BEA):
        (text,) = told(day, person)
        assert "CD34 J.S. goes to another provider as well" in text
        assert "The Garage: Fri am · from Fri 18 Sep 2026 · telephone 01632 960202" in text
    (text,) = told(day, GARY)
    assert "Oak Farm: Mon–Fri all day" in text
    await again(day, "08:30")
    assert len(told(day, SAM)) == 1
    assert len(day.rows(sa.select(audit).where(audit.c.what == "provider told of others"))) == 2


async def test_a_change_of_days_is_told_to_the_other_alone(day: Day) -> None:
    placement = at_the_garage_too(day)
    await day.until("08:16")
    day.date = date(2026, 9, 18)
    day.change(placements, placements.c.id == placement, pattern=["thu pm"])
    await again(day, "08:16")
    assert "Thu pm" in told(day, SAM)[-1]
    assert len(told(day, SAM)) == 2
    assert len(told(day, GARY)) == 1


async def test_that_there_is_no_other_any_more_is_told_too(day: Day) -> None:
    placement = at_the_garage_too(day)
    await day.until("08:16")
    day.date = date(2026, 9, 18)
    day.change(placements, placements.c.id == placement, ends_on=date(2026, 9, 17))
    await again(day, "08:16")
    assert "CD34 J.S. goes to no other provider any more" in told(day, SAM)[-1]


async def test_a_placement_that_is_weeks_away_is_not_spoken_of_yet(day: Day) -> None:
    at_the_garage_too(day, date(2026, 10, 5))
    await day.until("09:00")
    assert told(day, SAM) == []


@pytest.mark.parametrize("other", ["Alan Pugh", "Zainab Malik", "Kit Lowry"])
async def test_nobody_else_is_told(day: Day, other: str) -> None:
    at_the_garage_too(day)
    await day.until("09:00")
    assert told(day, other) == []


async def test_a_provider_that_nobody_can_be_reached_at_is_tried_again_on_the_next_school_day(day: Day) -> None:
    at_the_garage_too(day)
    day.unreachable(GARY)
    await day.until("08:16")
    assert len(told(day, SAM)) == 1
    back = {"person_id": day.ids[GARY], "channel": "web", "address": f"person:{day.ids[GARY]}"}
    day.database.run(lambda t: t.insert(addresses, **back))
    day.date = date(2026, 9, 18)
    await again(day, "08:16")
    assert len(told(day, GARY)) == 1
    assert len(told(day, SAM)) == 1
