"""When the day's codes are asked for, and whom."""

import sqlalchemy as sa

from apbot.messages.coding import SHOWN
from apbot.store.database import Transaction
from apbot.store.tables import messages, placements, providers, pupils
from tests import school
from tests.day import Day
from tests.stories.codes.deciding import all_arrive, lists_of


async def test_codes_are_asked_for_a_quarter_of_an_hour_after_the_last_session(day: Day) -> None:
    hours = {"usual": {"am": ["09:30", "12:00"], "pm": ["13:00", "16:30"]}, "on": {}}
    day.change(providers, providers.c.id == day.ids["The Garage"], hours=hours)
    await all_arrive(day)
    await day.jump("15:30")
    await day.jump("16:44")
    assert not lists_of(day, "Priya Nair", "Codes")
    assert lists_of(day, "Alan Pugh", "Codes"), "Marsh Lane has nobody at the Garage"
    await day.jump("16:45")
    assert lists_of(day, "Priya Nair", "Codes") == ["Codes to confirm: 6 suggested, Thu 17 Sep 2026"]


async def test_whoever_covers_for_the_attendance_contact_is_asked(day: Day) -> None:
    day.cover("Priya Nair", by="Tom Beckett")
    await all_arrive(day)
    await day.jump("15:30")
    assert lists_of(day, "Tom Beckett", "Codes to confirm")
    assert not lists_of(day, "Priya Nair", "Codes")


async def test_the_dsl_is_asked_where_nobody_reaches_the_attendance_contact(day: Day) -> None:
    day.unreachable("Priya Nair")
    await all_arrive(day)
    await day.jump("15:30")
    assert lists_of(day, "Dorothy Okafor", "Codes to confirm")


async def test_a_day_without_sessions_asks_for_nothing(day: Day) -> None:
    day.change(placements, sa.true(), pattern=["mon am"])
    for time in ("05:00", "08:30", "15:30", "16:00"):
        await day.jump(time)
    day.attendance_contact("Hillcrest").sees_nothing()
    assert not day.rows(sa.select(messages))


async def test_a_long_list_shows_the_first_and_the_next_as_these_are_settled(day: Day) -> None:
    def enrol(transaction: Transaction) -> None:
        for number in range(SHOWN + 3):
            pupil = transaction.insert(
                pupils, ref=f"ZZ{number:02}", school_id=day.ids["Hillcrest"], first_name="A", last_name="B"
            )
            transaction.insert(
                placements,
                ref=f"ZZ{number:02}-OAK",
                pupil_id=pupil,
                provider_id=day.ids["Oak Farm"],
                starts_on=school.TERM[0],
                pattern=["thu am"],
                hours={"usual": {}, "on": {}},
                touched_at=transaction.now,
            )

    day.database.run(enrol)
    day.change(placements, placements.c.key_worker_id.is_not(None), pattern=["mon am"])
    await day.jump("10:00")
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    priya.sees(f"Codes to confirm: {SHOWN + 3} to decide", "3 more to settle")
    assert "ZZ20" not in (text := "\n".join(str(c.rows) for c in priya.cards if c.heading.startswith("Codes"))), text
    await priya.taps("Confirm N", "ZZ00")
    priya.sees(f"Codes to confirm: {SHOWN + 2} to decide", "2 more to settle", "ZZ20")
