"""What `/ap today` answers."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.store.tables import closures, placements, pupils, terms
from tests.day import Day, text_of
from tests.stories.cast import answered, ask, hire, pupils_in


async def test_today_shows_a_provider_its_registers_and_what_is_still_unanswered(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("10:05")
    today = await ask(day, "Sam Taylor", "today")
    assert "Oak Farm, am from 09:30: 3 expected · 1 answered · 2 unanswered · 2 escalated" in today
    assert "please answer: CD34 J.S., GH78 E.D." in today
    assert "Oak Farm, pm from 13:00: 3 expected · 0 answered · 3 unanswered" in today


async def test_today_shows_a_school_its_open_alerts_first(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("The Garage").taps("Arrived", pupil="EF56")
    await day.until("10:05")
    await day.dsl("Hillcrest").taps("Acknowledge")
    card = answered(await day.person("Priya Nair").types("/ap today"))
    assert card.rows[0].heading == "CD34 J.S."
    assert "acknowledged by Dorothy Okafor at 10:05" in card.rows[0].text
    assert "Awaiting an answer: CD34 J.S. · Arrived: AB12 J.W." in text_of(card)


async def test_an_alert_of_yesterday_that_nobody_has_settled_still_comes_first(day: Day) -> None:
    await day.until("16:00")
    day.clock.set(day.clock.now() + timedelta(hours=15))
    await day.app.tick()
    card = answered(await day.person("Priya Nair").types("/ap today"))
    assert "Thu 17 Sep 2026" in card.rows[0].text
    assert "CD34" in await ask(day, "Priya Nair", "missing")


async def test_today_gives_an_admin_over_everything_a_line_for_each_school(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="GH78")
    await day.until("10:05")
    today = await ask(day, "Ada Quill", "today")
    assert "Hillcrest: 3 with an open alert · am: 3 unanswered · pm: 3 awaited" in today
    assert "Marsh Lane: am: 1 arrived · pm: 1 awaited" in today
    assert pupils_in(answered(await day.person("Ada Quill").types("/ap today Marsh Lane"))) == {"GH78"}


async def test_a_governor_sees_counts_and_no_group_under_five(day: Day) -> None:
    governor = hire(day, "a governor", Role.GOVERNOR, "Hillcrest")

    def _more(transaction):
        for number in range(6):
            pupil = transaction.insert(
                pupils, ref=f"MP{number}", school_id=day.ids["Hillcrest"], first_name="Mo", last_name="Patel"
            )
            row = transaction.row(sa.select(placements).where(placements.c.ref == "CD34-OAK"))
            given = {name: value for name, value in row._mapping.items() if name not in ("id", "ref", "pupil_id")}
            transaction.insert(placements, ref=f"MP{number}", pupil_id=pupil, **given)

    day.database.run(_more)
    await day.until("09:30")
    assert "all 9" not in await ask(day, "a governor", "today")
    for number in range(6):
        await day.provider("Oak Farm").taps("Arrived", pupil=f"MP{number}")
    await day.until("10:05")
    card = answered(await governor.types("/ap today"))
    assert "arrived 6" in text_of(card)
    assert "not known to have arrived fewer than 5" in text_of(card)
    assert not any(f"{count} " in card.rows[0].text for count in (3, 9))
    assert "MP" not in text_of(card)


@pytest.mark.parametrize(
    ("kind", "person"), [("INSET day", "Priya Nair"), ("INSET day", "Ada Quill"), ("INSET day", "Gary Stone")]
)
async def test_a_day_without_sessions_says_why(day: Day, kind: str, person: str) -> None:
    def _close(transaction):
        for place in ("Hillcrest", "Marsh Lane"):
            transaction.insert(closures, school_id=day.ids[place], starts_on=day.date, ends_on=day.date, kind=kind)

    day.database.run(_close)
    await day.until("09:00")
    assert kind in await ask(day, person, "today")
    assert f"No session is expected ({kind})" in await ask(day, "Priya Nair", "status CD34")
    assert f"no session today ({kind})" in await ask(day, "Priya Nair", "where CD34")


@pytest.mark.parametrize(
    ("on", "why"),
    [(date(2026, 9, 19), "Saturday"), (date(2026, 10, 26), "outside term"), (date(2026, 12, 25), "bank holiday")],
)
async def test_a_weekend_a_holiday_and_a_bank_holiday_are_named(on: date, why: str) -> None:
    day = Day(on)
    await day.until("09:00")
    assert why in await ask(day, "Priya Nair", "today")
    assert why in await ask(day, "Sam Taylor", "today")
    day.close()


async def test_before_the_registers_are_made_today_says_so(day: Day) -> None:
    assert "have not been made yet" in await ask(day, "Priya Nair", "today")
    await day.until("06:00")
    assert "have not been made yet" not in await ask(day, "Priya Nair", "today")


async def test_a_school_without_term_dates_is_told_so(day: Day) -> None:
    day.database.run(lambda transaction: transaction.execute(sa.delete(terms)))
    await day.until("09:00")
    assert "outside term" in await ask(day, "Priya Nair", "today")
