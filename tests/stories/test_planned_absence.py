"""A planned absence: typed in chat, seen on the register, and no alert; or asked back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.store.tables import audit, entries, escalations, planned_absences
from tests.day import Day, text_of
from tests.stories.cast import answered, hire


async def plan(day: Day, text: str, person: str = "Priya Nair") -> str:
    """What `/ap absence` answers."""
    return text_of(answered(await day.person(person).types(f"/ap absence {text}")))


def planned(day: Day) -> list[tuple[str, str, str, str]]:
    """The absences that stand."""
    rows = day.rows(sa.select(planned_absences).where(planned_absences.c.withdrawn_at.is_(None)))
    return [(row.code, row.starts_on.isoformat(), row.ends_on.isoformat(), row.sessions) for row in rows]


async def test_an_absence_planned_beforehand_is_on_the_register_and_alerts_nobody(day: Day) -> None:
    said = await plan(day, "CD34 medical today am")
    assert "Recorded: CD34 J.S. is not expected" in said
    assert "Thu 17 Sep 2026, am only: M, medical or dental appointment (Priya Nair)" in said
    await day.until("09:30")
    day.provider("Oak Farm").sees("CD34", "Not expected: planned by the school: medical or dental appointment")
    await day.until("10:05")
    day.dsl("Hillcrest").sees("not arrived", "AB12")
    day.dsl("Hillcrest").does_not_see("CD34")
    await day.until("13:40")
    day.dsl("Hillcrest").sees("not arrived", "CD34")


async def test_an_absence_planned_while_the_session_runs_is_on_the_register_at_once(day: Day) -> None:
    await day.until("09:40")
    day.provider("Oak Farm").does_not_see("Not expected")
    await plan(day, "CD34 interview today")
    day.provider("Oak Farm").sees("CD34", "Not expected: planned by the school: interview")
    await day.until("10:05")
    day.dsl("Hillcrest").does_not_see("CD34")


async def test_an_absence_planned_after_the_alert_leaves_the_alert_open_and_says_so(day: Day) -> None:
    await day.until("10:05")
    said = await plan(day, "CD34 medical today")
    assert "Alert 1 open since 10:00" in said
    assert "stays open until somebody records an outcome" in said
    assert day.rows(sa.select(escalations.c.state).where(escalations.c.id == 1))[0].state == "open"
    day.dsl("Hillcrest").sees("not arrived", "CD34")


async def test_what_the_provider_has_said_already_stands(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    assert "Oak Farm has answered for am already: that stands" in await plan(day, "CD34 medical today")
    rows = day.rows(sa.select(entries.c.state).where(entries.c.fact == "arrived"))
    assert [row.state for row in rows] == ["expected"]


async def test_withdrawing_expects_the_pupil_again_and_alerts_if_nobody_has_answered(day: Day) -> None:
    await day.until("09:40")
    await plan(day, "CD34 medical today")
    await day.until("10:30")
    day.dsl("Hillcrest").does_not_see("CD34")
    reply = await day.person("Priya Nair").taps("Withdraw")
    assert "Withdrawn: CD34 J.S. is expected again" in text_of(answered(reply))
    assert planned(day) == []
    day.dsl("Hillcrest").sees("not arrived", "CD34")


async def test_withdrawing_twice_changes_nothing(day: Day) -> None:
    await plan(day, "CD34 medical tomorrow")
    button = day.person("Priya Nair").button("Withdraw")
    await day.person("Priya Nair").presses(button)
    assert "withdrawn already" in text_of(answered(await day.person("Priya Nair").presses(button)))


@pytest.mark.parametrize("person", ["Alan Pugh", "Sam Taylor", "Kit Lowry"])
async def test_only_the_pupils_school_withdraws(day: Day, person: str) -> None:
    await plan(day, "CD34 medical tomorrow")
    button = day.person("Priya Nair").button("Withdraw")
    assert "not yours to withdraw" in text_of(answered(await day.person(person).presses(button)))
    assert len(planned(day)) == 1


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cd 34 medical tomorrow am", ("M", "2026-09-18", "2026-09-18", "am")),
        ("CD34 M 3/9/2027 to 5/9/2027", ("M", "2027-09-03", "2027-09-05", "all day")),
        ("CD34 interview today pm", ("J1", "2026-09-17", "2026-09-17", "pm")),
        ("CD34 suspended 21 Sep to 25 Sep", ("E", "2026-09-21", "2026-09-25", "all day")),
        ("CD34 J.S. ill today", ("I", "2026-09-17", "2026-09-17", "all day")),
        ("CD34 study leave next week", ("S", "2026-09-21", "2026-09-25", "all day")),
        ("CD34 dentist this afternoon", ("M", "2026-09-17", "2026-09-17", "pm")),
    ],
)
async def test_what_is_certain_is_recorded_and_read_back(
    day: Day, typed: str, expected: tuple[str, str, str, str]
) -> None:
    assert "Recorded" in await plan(day, typed)
    assert planned(day) == [expected]


@pytest.mark.parametrize(
    ("typed", "asks"),
    [
        ("", "Whose absence"),
        ("CD34", "Which day?"),
        ("CD34 medical", "Which day?"),
        ("CD34 tomorrow", "Why?"),
        ("CD34 holiday tomorrow", "granted"),
        ("CD34 O tomorrow", "can't be planned"),
        ("CD34 medical Thursday", "Today is Thursday"),
        ("CD34 medical next Friday", "Which Friday"),
        ("CD34 medical 3/9", "write the year"),
        ("CD34 medical 31 Sep", "no date"),
        ("CD34 medical 21 Sep to 25 Sep am", "mornings"),
        ("CD34 not medical tomorrow", "don't understand"),
        ("CD34 medical tomorrow 10:30", "don't understand"),
        ("CD34 ill medical tomorrow", "Which reason"),
        ("medical tomorrow", "No pupil of yours"),
        ("ZZ99 medical tomorrow", "No pupil of yours"),
    ],
)
async def test_what_is_not_certain_is_asked_back_and_nothing_is_recorded(day: Day, typed: str, asks: str) -> None:
    assert asks in await plan(day, typed)
    assert planned(day) == []


@pytest.mark.parametrize(
    ("person", "role", "place"),
    [
        ("Sam Taylor", None, ""),
        ("Kit Lowry", None, ""),
        ("a governor", Role.GOVERNOR, "Hillcrest"),
        ("a SENCO", Role.SENCO, "Hillcrest"),
    ],
)
async def test_who_does_not_answer_for_a_school_plans_no_absence(
    day: Day, person: str, role: Role | None, place: str
) -> None:
    if role is not None:
        hire(day, person, role, place)
    assert "Only the pupil's school plans absences" in await plan(day, "CD34 medical tomorrow", person)
    assert planned(day) == []


@pytest.mark.parametrize("person", ["Priya Nair", "Dorothy Okafor", "Tom Beckett", "Helen Marsh", "Ada Quill"])
async def test_whoever_answers_for_the_school_plans_absences(day: Day, person: str) -> None:
    await plan(day, "CD34 medical tomorrow", person)
    assert len(planned(day)) == 1


async def test_the_same_again_is_known_and_another_at_the_same_time_is_refused(day: Day) -> None:
    await plan(day, "CD34 medical tomorrow am")
    assert "Recorded already" in await plan(day, "CD34 M 18 Sep am")
    assert "has another absence then" in await plan(day, "CD34 ill tomorrow")
    assert "Recorded: " in await plan(day, "CD34 ill tomorrow pm")
    assert len(planned(day)) == 2


async def test_who_planned_and_who_withdrew_stands_in_the_audit_log(day: Day) -> None:
    await plan(day, "CD34 medical tomorrow")
    await day.person("Priya Nair").taps("Withdraw")
    rows = day.rows(sa.select(audit).where(audit.c.subject == f"pupil:{day.ids['CD34']}").order_by(audit.c.id))
    assert [row.what for row in rows] == ["absence planned", "absence withdrawn"]
    assert {row.person_id for row in rows} == {day.ids["Priya Nair"]}
    assert rows[0].detail["code"] == "M"


async def test_a_day_on_which_there_is_no_school_is_remarked_on(day: Day) -> None:
    assert "Sat 19 Sep 2026 is not a whole school day: Saturday" in await plan(day, "CD34 medical Saturday")


async def test_an_absence_planned_for_tomorrow_is_on_tomorrows_register(day: Day) -> None:
    await plan(day, "CD34 medical tomorrow")
    await day.until("16:00")
    day.date += timedelta(days=1)
    await day.until("10:05")
    assert "Not expected: planned by the school" in day.provider("Oak Farm").text
    assert not [
        card for card in day.dsl("Hillcrest").cards if "CD34" in text_of(card) and "Fri 18 Sep" in text_of(card)
    ]


async def test_status_shows_the_absences_ahead(day: Day) -> None:
    await plan(day, "CD34 suspended 21 Sep to 25 Sep")
    status = text_of(answered(await day.person("Priya Nair").types("/ap status CD34")))
    assert "Planned absences: Mon 21 Sep 2026 to Fri 25 Sep 2026, all day: E" in status
