"""What commands answer, and to whom: their own pupils, in the words for an unknown one, never a name."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.store.tables import audit, people, pupils, schools
from tests.day import Day, text_of
from tests.stories.cast import HILLCREST, SEES, UNKNOWN, answered, ask, hire, pupils_in, stranger


@pytest.mark.parametrize("person", SEES)
async def test_every_command_shows_everybody_their_own_pupils_and_no_others(town: Day, person: str) -> None:
    await town.until("10:30")
    reader = town.person(person)
    today = pupils_in(answered(await reader.types("/ap today")))
    missing = answered(await reader.types("/ap missing"))
    everything = SEES[person]
    assert today == (everything if person != "Ada Quill" else set())
    assert pupils_in(missing) == everything
    assert everything or "Nobody is missing of" not in text_of(missing)
    for command in ("status", "where"):
        for reference in sorted(HILLCREST | {"GH78"}):
            card = answered(await reader.types(f"/ap {command} {reference}"))
            if reference in everything:
                assert pupils_in(card) == {reference}
            else:
                assert card.heading.startswith(UNKNOWN)
                assert card == answered(await reader.types(f"/ap {command} ZZ99"))


@pytest.mark.parametrize(
    "command", ["today", "status CD34", "where CD34", "missing", "absence CD34 ill today", "cover"]
)
async def test_a_stranger_and_a_leaver_learn_how_to_be_linked_and_nothing_else(day: Day, command: str) -> None:
    day.change(people, people.c.name == "Sam Taylor", leaves_on=day.date - timedelta(days=1))
    await day.until("10:30")
    for nobody in (stranger(day), day.person("Sam Taylor")):
        card = answered(await nobody.types(f"/ap {command}"))
        assert card.heading.startswith("You are not linked to apbot")
        assert "/ap link CODE" in card.lines[0]
        assert not pupils_in(card)


async def test_a_pupil_who_is_not_theirs_is_refused_in_the_words_for_an_unknown_one(day: Day) -> None:
    await day.until("10:30")
    assert await ask(day, "Alan Pugh", "status CD34") == await ask(day, "Alan Pugh", "status XY99")
    assert await ask(day, "Alan Pugh", "absence CD34 ill today") == await ask(day, "Alan Pugh", "absence XY9 ill today")


@pytest.mark.parametrize("typed", ["CD34", "cd34", "cd 34", "CD-34", " cd - 34 ", "CD34 J.S.", "cd34 js", "Cd/34"])
async def test_a_reference_is_known_in_whatever_way_it_is_typed(day: Day, typed: str) -> None:
    assert (await ask(day, "Priya Nair", f"status {typed}")).startswith("CD34 J.S., Hillcrest")


async def test_a_reference_that_could_be_two_pupils_has_to_be_typed_exactly(day: Day) -> None:
    day.change(pupils, pupils.c.ref == "AB12", ref="CD-34")
    assert UNKNOWN in await ask(day, "Priya Nair", "status cd 34")
    assert (await ask(day, "Priya Nair", "status cd-34")).startswith("CD-34 J.W.")


@pytest.mark.parametrize("command", ["status CD34", "where CD34", "missing"])
async def test_until_the_registers_are_made_nobody_is_said_to_be_anywhere(day: Day, command: str) -> None:
    answer = await ask(day, "Priya Nair", command)
    assert "not known" in answer.lower()
    assert "registers of today have not been made" in answer
    assert "in school" not in answer
    assert "Nobody is missing" not in answer


async def test_initials_stay_out_of_chat_where_the_school_turned_them_off(day: Day) -> None:
    day.change(schools, schools.c.name == "Hillcrest", initials_in_chat=False)
    await day.until("10:05")
    for command in ("today", "status CD34", "where CD34", "missing"):
        text = await ask(day, "Priya Nair", command)
        assert "CD34" in text
        assert "J.S." not in text


async def test_every_pupil_whose_record_was_read_stands_in_the_audit_log(day: Day) -> None:
    await day.until("10:05")
    for command in ("today", "status CD34", "where CD34", "missing"):
        await ask(day, "Dorothy Okafor", command)
    read = day.rows(
        sa.select(audit.c.what, audit.c.person_id)
        .where(audit.c.subject == f"pupil:{day.ids['CD34']}")
        .order_by(audit.c.id)
    )
    assert [row.what for row in read] == ["today read", "status read", "where read", "missing read"]
    assert {row.person_id for row in read} == {day.ids["Dorothy Okafor"]}


async def test_help_offers_each_only_what_they_can_use(day: Day) -> None:
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    assert "/ap absence" in await ask(day, "Priya Nair", "help")
    for person in ("Sam Taylor", "a governor"):
        assert "/ap absence" not in await ask(day, person, "help")
    assert "/ap cover" not in await ask(day, "a governor", "help")
