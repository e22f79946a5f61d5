"""A row that can't be dealt with stands for itself: whoever else is missing is looked for all the same."""

import contextlib
from io import StringIO
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.domain.walltime import instant, parse_wall
from apbot.logs import configure
from apbot.store.due import OVERDUE_AFTER, overdue
from apbot.store.tables import entries, escalations, openings, placements, providers, registers, schools, unopened
from tests.day import Day

PUPILS = {"AB12", "CD34", "EF56", "GH78"}


@pytest.fixture(autouse=True)
def log() -> StringIO:
    """What is logged, as in production."""
    stream = StringIO()
    configure("INFO", "json", stream)
    return stream


async def whatever_fails(day: Day, *times: str) -> None:
    """It becomes each of these times: the scheduler goes on after a tick that fails, and delivery by itself."""
    for at in times:
        day.clock.set(instant(day.date, parse_wall(at)))
        for _ in range(2):  # what the first tick has made due
            with contextlib.suppress(ValueError, KeyError, ExceptionGroup):
                await day.app.decide()
            await day.app.delivery.drain()


def morning_of(day: Day, pupil: str) -> Any:
    found = day.rows(sa.select(entries).where(entries.c.pupil_id == day.ids[pupil]).order_by(entries.c.id))
    return found[0] if found else None


def overdue_kinds(day: Day) -> set[str]:
    return set(day.database.run(lambda t: overdue(t, t.now - OVERDUE_AFTER)))


async def test_a_pupil_whose_entry_is_broken_keeps_nobody_else_from_being_missed(day: Day, log: StringIO) -> None:
    await day.until("09:50")
    day.change(entries, entries.c.id == morning_of(day, "AB12").id, fact="nonsense")
    await whatever_fails(day, "10:00")
    day.dsl("Hillcrest").sees("not arrived", "CD34")
    day.dsl("Hillcrest").sees("not arrived", "EF56")
    day.dsl("Marsh Lane").sees("not arrived", "GH78")
    assert morning_of(day, "AB12").alert_at == instant(day.date, parse_wall("10:00")), "it stays due"
    await whatever_fails(day, "10:03")
    assert overdue_kinds(day) == {"entries"}
    assert f"entries:{morning_of(day, 'AB12').id}" in log.getvalue()
    assert "nonsense" not in log.getvalue()
    day.change(entries, entries.c.id == morning_of(day, "AB12").id, fact=None)
    await day.until("10:04")
    day.dsl("Hillcrest").sees("not arrived", "AB12", "late: it was due at 10:00")


async def test_a_school_whose_steps_are_broken_keeps_no_other_from_its_alerts(day: Day) -> None:
    await day.until("09:50")
    day.change(schools, schools.c.name == "Hillcrest", steps={"nonsense": [["nobody", "never"]]})
    await whatever_fails(day, "10:00")
    day.dsl("Marsh Lane").sees("not arrived", "GH78")


async def test_an_alert_that_is_broken_keeps_no_other_from_going_on_to_the_next_in_line(day: Day) -> None:
    await day.until("10:00")
    broken = day.rows(sa.select(escalations.c.id).where(escalations.c.school_id == day.ids["Marsh Lane"]))[0].id
    day.change(escalations, escalations.c.id == broken, state="nonsense")
    await whatever_fails(day, "10:10", "10:20", "10:30")
    day.person("Tom Beckett").sees("not arrived", "CD34")
    assert overdue_kinds(day) == {"escalations"}


async def test_a_register_that_is_broken_keeps_no_other_from_being_asked_for(day: Day) -> None:
    await day.until("09:00")
    of_oak_farm = registers.c.provider_id == day.ids["Oak Farm"]
    day.change(registers, sa.and_(of_oak_farm, registers.c.session == "am"), session="xx")
    await whatever_fails(day, "09:30")
    day.provider("The Garage").sees("EF56")


@pytest.mark.parametrize(
    ("table", "column", "of", "others"),
    [
        (placements, "pattern", "AB12 placement", {"CD34", "EF56", "GH78"}),
        (providers, "hours", "The Garage", {"AB12", "CD34", "GH78"}),
    ],
)
async def test_a_day_that_can_t_be_opened_for_all_is_opened_for_everybody_else(
    day: Day, table: sa.Table, column: str, of: str, others: set[str]
) -> None:
    before = day.rows(sa.select(table.c[column]).where(table.c.id == day.ids[of]))[0][0]
    broken = ["nonsense"] if column == "pattern" else {"usual": {"am": "nonsense"}}
    day.change(table, table.c.id == day.ids[of], **{column: broken})
    await whatever_fails(day, "08:00", "09:30", "10:00")
    assert {pupil for pupil in PUPILS if morning_of(day, pupil)} == others
    for school, pupil in (("Hillcrest", "CD34"), ("Marsh Lane", "GH78")):
        day.dsl(school).sees("not arrived", pupil)
    assert "unopened" in overdue_kinds(day)
    day.change(table, table.c.id == day.ids[of], **{column: before})
    await day.until("10:01")
    (late,) = PUPILS - others
    day.dsl("Hillcrest").sees("not arrived", late)
    assert not day.rows(sa.select(unopened))


async def test_a_day_gone_by_that_can_t_be_made_up_for_keeps_today_from_nothing(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("apbot.schedules.opening._make_up_for", fails)
    day.database.run(lambda t: t.insert(openings, day=day.date.replace(day=16), next_at=t.now))
    await whatever_fails(day, "08:00", "09:30", "10:00")
    day.dsl("Hillcrest").sees("not arrived", "CD34")
