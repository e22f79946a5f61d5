"""What `/ap where` and `/ap missing` answer."""

from apbot.domain.roles import Role
from apbot.store.tables import placements
from tests.day import Day
from tests.stories.cast import ask, hire


async def test_where_says_who_said_that_a_pupil_is_there(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    where = await ask(day, "Priya Nair", "where CD34")
    assert where.startswith("CD34 J.S.: at Oak Farm")
    assert "Expected at Oak Farm since 09:30; arrived, said by Sam Taylor at 09:31" in where
    await day.until("12:30")
    assert "expected at Oak Farm from 13:00" in await ask(day, "Priya Nair", "where CD34")
    await day.until("16:00")
    assert "Oak Farm has said nothing" in await ask(day, "Priya Nair", "where CD34")


async def test_where_says_when_nobody_knows_and_who_has_taken_it_on(day: Day) -> None:
    await day.until("09:30")
    await day.provider("The Garage").taps("Arrived", pupil="EF56")
    await day.until("10:05")
    where = await ask(day, "Priya Nair", "where CD34")
    assert "CD34 J.S.: not known where" in where
    assert "alert 1 open since 10:00, nobody has acknowledged it" in where
    await day.dsl("Hillcrest").taps("Acknowledge")
    assert "acknowledged by Dorothy Okafor at 10:05" in await ask(day, "Priya Nair", "where CD34")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="at home ill, confirmed with a parent")
    assert "CD34 J.S.: at home ill, confirmed with a parent" in await ask(day, "Priya Nair", "where CD34")


async def test_where_says_that_a_pupil_is_in_school_on_the_days_without_a_session(day: Day) -> None:
    day.change(placements, placements.c.ref == "CD34-OAK", pattern=["mon am", "tue pm"])
    await day.until("09:00")
    assert "in school today: no session is expected" in await ask(day, "Priya Nair", "where CD34")


async def test_where_says_that_an_absence_was_planned(day: Day) -> None:
    day.plan_absence("CD34")
    await day.until("10:00")
    where = await ask(day, "Sam Taylor", "where CD34")
    assert "CD34 J.S.: planned absence" in where
    assert "planned by the school: medical or dental appointment" in where


async def test_missing_says_for_how_long_and_what_is_done_about_it(day: Day) -> None:
    await day.until("09:20")
    assert "Nobody is missing: no session" in await ask(day, "Priya Nair", "missing")
    await day.until("09:40")
    missing = await ask(day, "Priya Nair", "missing")
    assert "3 pupils are not known to have arrived" in missing
    assert "expected since 09:30 (10 minutes) · Oak Farm has said nothing · the school is alerted at 10:00" in missing
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    await day.provider("Oak Farm").taps("Left site", pupil="CD34", at="09:39")
    missing = await ask(day, "Priya Nair", "missing")
    assert "AB12" not in missing
    assert "left site at 09:39, said by Sam Taylor at 09:40 · alert 1 open since 09:40" in missing


async def test_missing_counts_nobody_who_is_known_to_be_safe(day: Day) -> None:
    await day.until("10:05")
    dsl = day.dsl("Hillcrest")
    await dsl.taps("Record outcome", pupil="CD34", outcome="at home ill, confirmed with a parent")
    missing = await ask(day, "Priya Nair", "missing")
    assert missing.startswith("2 pupils are not known to have arrived")
    assert "alert 1 settled: at home ill, confirmed with a parent, established by Dorothy Okafor at 10:05" in missing
    await day.until("13:00")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    missing = await ask(day, "Priya Nair", "missing")
    assert "since then: arrived at Oak Farm, pm, said at 13:00" in missing
    assert "CD34" in missing  # nobody has said yet that CD34 came for the afternoon


async def test_that_nobody_is_missing_is_said_with_how_many_have_arrived(day: Day) -> None:
    await day.until("09:30")
    for place in ("Oak Farm", "The Garage"):
        await day.provider(place).taps("All arrived")
    assert "Nobody is missing of 3 expected so far" in await ask(day, "Priya Nair", "missing")


async def test_who_may_see_no_pupil_is_not_told_that_nobody_is_missing(day: Day) -> None:
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    assert "Your role shows no pupils" in await ask(day, "a governor", "missing")
