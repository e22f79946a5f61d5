"""What `/ap status` answers."""

from datetime import date, time, timedelta

import sqlalchemy as sa

from apbot.domain.marks import Session
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.store.tables import entries, placements
from tests.day import Day
from tests.stories.cast import UNKNOWN, ask


async def test_status_tells_the_placement_the_pattern_and_the_times(day: Day) -> None:
    day.change(
        placements,
        placements.c.ref == "CD34-OAK",
        pattern=Pattern(frozenset({(1, Session.PM, "A"), (3, Session.AM, ""), (3, Session.PM, "")})).to_json(),
        hours=Hours({Session.AM: Span(time(9, 50), time(12, 0))}).to_json(),
        arranged_by="local authority",
        target_end_on=date(2026, 12, 18),
    )
    status = await ask(day, "Priya Nair", "status CD34")
    assert "Placement at Oak Farm: Tue pm (week A), Thu all day: am from 09:50, pm from 13:00" in status
    assert "arranged by the local authority" in status
    assert "target end date Fri 18 Dec 2026" in status
    assert "key worker Kit Lowry" in status


async def test_status_shows_the_last_sessions_by_sign_code_and_word(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    await day.until("13:00")
    await day.provider("Oak Farm").taps("Not arrived", pupil="CD34", reason="ill")
    await day.until("13:40")
    day.change(entries, entries.c.fact == "arrived", code="B")
    status = await ask(day, "Priya Nair", "status CD34")
    assert "Last 2 sessions, the oldest first: Thu 17 Sep am ✓B pm ✗I?" in status
    assert "in words: 1 present, 1 absent; absent Thu 17 Sep pm I (illness)" in status
    assert "50% (1 of 2) of these sessions · 50% (1 of 2) in Autumn 1" in status


async def test_a_provider_is_shown_facts_and_not_the_codes_that_the_school_assigns(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Not arrived", pupil="CD34", reason="ill")
    await day.until("10:05")
    status = await ask(day, "Sam Taylor", "status CD34")
    assert "Thu 17 Sep am ✗ — in words: 1 absent" in status
    assert "illness" not in status


async def test_a_session_that_does_not_count_is_left_out_of_the_attendance(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Session not running", reason="staff")
    await day.until("13:00")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    status = await ask(day, "Priya Nair", "status CD34")
    assert "am –Y4? pm ✓B?" in status
    assert "100% (1 of 1)" in status


async def test_status_lists_what_is_still_to_be_done(day: Day) -> None:
    await day.until("15:30")
    status = await ask(day, "Priya Nair", "status CD34")
    assert "Alert 1 open since 10:00, nobody has acknowledged it: Oak Farm, am" in status
    assert "Establish the reason for N: Thu 17 Sep 2026, am, Oak Farm" in status
    assert "Establish the reason" not in await ask(day, "Sam Taylor", "status CD34")


async def test_status_of_a_pupil_with_two_placements_shows_each_provider_only_its_own(day: Day) -> None:
    def _second(transaction):
        row = transaction.row(sa.select(placements).where(placements.c.ref == "CD34-OAK"))
        given = {name: value for name, value in row._mapping.items() if name not in ("id", "ref")}
        tuesdays = Pattern(frozenset({(1, Session.AM, "")})).to_json()
        transaction.insert(
            placements,
            ref="CD34-GAR",
            **given | {"provider_id": day.ids["The Garage"], "pattern": tuesdays, "key_worker_id": None},
        )

    day.database.run(_second)
    await day.until("10:30")
    assert "The Garage" in await ask(day, "Priya Nair", "status CD34")
    for person, other in (("Sam Taylor", "The Garage"), ("Gary Stone", "Oak Farm"), ("Kit Lowry", "The Garage")):
        assert other not in await ask(day, person, "status CD34")
    where = await ask(day, "Gary Stone", "where CD34")
    assert "no session is expected with you today" in where
    assert "Oak Farm" not in where


async def test_a_placement_that_is_over_is_the_schools_alone_to_see(day: Day) -> None:
    day.change(placements, placements.c.ref == "CD34-OAK", ends_on=day.date - timedelta(days=1))
    await day.until("10:30")
    assert "Placement at Oak Farm (over)" in await ask(day, "Priya Nair", "status CD34")
    assert "in school today: no placement runs" in await ask(day, "Priya Nair", "where CD34")
    for person in ("Sam Taylor", "Kit Lowry"):
        assert UNKNOWN in await ask(day, person, "status CD34")
