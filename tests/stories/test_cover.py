"""Cover: who is away, who stands in, and that the alert reaches whoever does."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.app import App
from apbot.domain.roles import Role
from apbot.store.tables import addresses, covers, people
from tests.day import Day, Recorder, text_of
from tests.stories.cast import answered, hire


async def cover(day: Day, text: str, person: str = "Dorothy Okafor") -> str:
    """What `/ap cover` answers."""
    return text_of(answered(await day.person(person).types(f"/ap cover {text}")))


def standing(day: Day) -> list[tuple[int, int | None]]:
    """Who is away, and by whom they are covered."""
    rows = day.rows(sa.select(covers).where(covers.c.withdrawn_at.is_(None)).order_by(covers.c.id))
    return [(row.person_id, row.covered_by_id) for row in rows]


async def test_whoever_stands_in_gets_the_alerts_and_is_told_beforehand(day: Day) -> None:
    said = await cover(day, "today by Helen Marsh")
    assert "Recorded: Dorothy Okafor is away" in said
    assert "Helen Marsh stands in" in said
    day.person("Helen Marsh").sees("You stand in for Dorothy Okafor", "Thu 17 Sep 2026")
    await day.until("10:00")
    day.person("Helen Marsh").sees("not arrived", "CD34")
    day.dsl("Hillcrest").does_not_see("not arrived")


async def test_cover_from_a_day_to_another_for_oneself(day: Day) -> None:
    said = await cover(day, "from 21 Sep to 25 Sep by Tom Beckett")
    assert "Mon 21 Sep 2026 to Fri 25 Sep 2026" in said
    assert standing(day) == [(day.ids["Dorothy Okafor"], day.ids["Tom Beckett"])]
    listed = await cover(day, "", "Priya Nair")
    assert "Nobody is away today" in listed
    assert "Dorothy Okafor: Mon 21 Sep 2026 to Fri 25 Sep 2026 · Tom Beckett stands in" in listed


@pytest.mark.parametrize(
    "typed", ["Priya Nair tomorrow by Tom Beckett", "priya tomorrow by tom", "tomorrow for Pria Nair by Tom Becket"]
)
async def test_the_dsl_arranges_it_for_a_colleague_by_name(day: Day, typed: str) -> None:
    assert "Recorded: Priya Nair is away" in await cover(day, typed)
    assert standing(day) == [(day.ids["Priya Nair"], day.ids["Tom Beckett"])]


@pytest.mark.parametrize("person", ["Priya Nair", "Tom Beckett", "Helen Marsh", "Kit Lowry"])
async def test_others_arrange_it_only_for_themselves(day: Day, person: str) -> None:
    assert "Only an admin, the DSL or a provider's contact" in await cover(
        day, "Dorothy Okafor tomorrow by Tom Beckett", person
    )
    assert standing(day) == []


async def test_an_admin_arranges_it_for_anybody_of_their_school(day: Day) -> None:
    hire(day, "Nell Ash", Role.ADMIN, "Hillcrest")
    assert "Recorded" in await cover(day, "Dorothy Okafor tomorrow by Tom Beckett", "Nell Ash")
    assert "Nobody you work with is called" in await cover(day, "Zainab tomorrow by Tom Beckett", "Nell Ash")
    assert "Recorded" in await cover(day, "Zainab Malik tomorrow by Alan Pugh", "Ada Quill")


async def test_a_name_that_could_be_two_people_is_asked_back(day: Day) -> None:
    hire(day, "Tom Barker", Role.DEPUTY_DSL, "Hillcrest")
    said = await cover(day, "tomorrow by Tom")
    assert "Who is “Tom”: Tom Barker (deputy DSL) or Tom Beckett (deputy DSL)?" in said
    assert standing(day) == []


@pytest.mark.parametrize(
    ("typed", "asks"),
    [
        ("tomorrow", "Who stands in?"),
        ("tomorrow by", "Who stands in?"),
        ("by Tom Beckett", "Which day?"),
        ("tomorrow by Xerxes", "Nobody you work with is called"),
        ("tomorrow by Dorothy Okafor", "Nobody can stand in for themselves"),
        ("tomorrow by Kit Lowry", "could not acknowledge alerts"),
        ("tomorrow am by Tom Beckett", "whole days"),
        ("next Friday by Tom Beckett", "Which Friday"),
        ("tomorrow by Sam Taylor", "Nobody you work with is called"),
    ],
)
async def test_what_is_not_certain_is_asked_back(day: Day, typed: str, asks: str) -> None:
    assert asks in await cover(day, typed)
    assert standing(day) == []


async def test_a_stand_in_who_cannot_be_reached_is_warned_of(day: Day) -> None:
    day.unreachable("Tom Beckett")
    said = await cover(day, "tomorrow by Tom Beckett")
    assert "Warning: Tom Beckett can't be reached by chat" in said
    assert len(standing(day)) == 1


async def test_a_stand_in_who_is_away_or_leaves_is_warned_of(day: Day) -> None:
    await cover(day, "21 Sep to 22 Sep by Helen Marsh", "Tom Beckett")
    day.change(people, people.c.name == "Tom Beckett", leaves_on=day.date + timedelta(days=6))
    said = await cover(day, "21 Sep to 25 Sep by Tom Beckett")
    assert "Warning: Tom Beckett is away too: Mon 21 Sep 2026 to Tue 22 Sep 2026" in said
    assert "Warning: Tom Beckett leaves on Wed 23 Sep 2026" in said


async def test_being_away_while_standing_in_for_somebody_is_warned_of(day: Day) -> None:
    await cover(day, "21 Sep to 25 Sep by Tom Beckett")
    said = await cover(day, "22 Sep by Helen Marsh", "Tom Beckett")
    assert "Tom Beckett was to stand in for Dorothy Okafor then" in said


async def test_nobody_standing_in_has_to_be_said_and_then_the_next_in_line_is_told(day: Day) -> None:
    said = await cover(day, "today by nobody")
    assert "Nobody stands in: the next in line is told" in said
    await day.until("10:00")
    day.person("Tom Beckett").sees("not arrived", "CD34")


async def test_withdrawing_puts_it_back_and_tells_whoever_was_to_stand_in(day: Day) -> None:
    await cover(day, "today by Helen Marsh")
    await day.person("Dorothy Okafor").taps("Withdraw")
    assert standing(day) == []
    day.person("Helen Marsh").sees("Withdrawn: you don't stand in for Dorothy Okafor")
    await day.until("10:00")
    day.dsl("Hillcrest").sees("not arrived", "CD34")


@pytest.mark.parametrize("person", ["Priya Nair", "Zainab Malik", "Sam Taylor"])
async def test_only_they_themselves_their_dsl_and_their_admin_withdraw(day: Day, person: str) -> None:
    await cover(day, "tomorrow by Helen Marsh")
    button = day.person("Dorothy Okafor").button("Withdraw")
    assert "not yours to withdraw" in text_of(answered(await day.person(person).presses(button)))
    assert len(standing(day)) == 1


async def test_governors_have_no_cover_to_arrange(day: Day) -> None:
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    for text in ("", "tomorrow by Tom Beckett"):
        assert "Cover is for those who are sent registers or alerts" in await cover(day, text, "a governor")


async def test_who_stands_in_for_a_providers_contact_is_asked_too(day: Day) -> None:
    hire(day, "Noor Haddad", Role.PROVIDER_STAFF, "Oak Farm")
    assert "Noor Haddad stands in" in await cover(day, "today by Noor Haddad", "Sam Taylor")
    day.person("Noor Haddad").sees("You stand in for Sam Taylor", "registers")
    await day.until("09:50")
    for who in ("Sam Taylor", "Bea Whitlock", "Noor Haddad"):
        day.person(who).sees("Register not answered", "Oak Farm")


async def test_a_provider_without_a_chat_asks_who_stands_in_by_email(day: Day) -> None:
    hire(day, "Noor Haddad", Role.PROVIDER_STAFF, "The Garage")
    email = type("Email", (Recorder,), {"name": "email"})(day.clock)
    day.app = App(day.settings, day.database, [day.recorder, email])
    day.database.run(
        lambda t: t.insert(
            addresses, person_id=day.ids["Noor Haddad"], channel="email", address="noor@garage.example", rank=-1
        )
    )
    await cover(day, "today by Noor Haddad", "Gary Stone")
    await day.until("09:31")
    assert [each.address for each in email.posted.values() if "Register: The Garage" in each.card.heading] == [
        "noor@garage.example"
    ]


@pytest.mark.parametrize(
    ("who", "typed", "asks"),
    [
        ("Sam Taylor", "tomorrow by Tom Beckett", "Nobody you work with is called"),
        ("Sam Taylor", "tomorrow by Gary Stone", "Nobody you work with is called"),
        ("Noor Haddad", "Sam Taylor tomorrow by Bea Whitlock", "Only an admin, the DSL or a provider's contact"),
        ("Dorothy Okafor", "tomorrow by Sam Taylor", "Nobody you work with is called"),
        ("Bea Whitlock", "Sam Taylor tomorrow by Noor Haddad", "Recorded: Sam Taylor is away"),
        ("Ada Quill", "Sam Taylor tomorrow by Tom Beckett", "Nobody you work with is called"),
    ],
)
async def test_a_providers_people_are_covered_by_their_own(day: Day, who: str, typed: str, asks: str) -> None:
    hire(day, "Noor Haddad", Role.PROVIDER_STAFF, "Oak Farm")
    assert asks in await cover(day, typed, who)


async def test_an_absent_key_workers_copy_goes_to_who_stands_in(day: Day) -> None:
    rosa = hire(day, "Rosa Lind", Role.KEY_WORKER, "Hillcrest")
    await cover(day, "today by Rosa Lind", "Kit Lowry")
    await day.until("10:00")
    rosa.sees("For information. Not arrived", "CD34", "You stand in for these pupils’ key worker")
    rosa.does_not_see("GH78")
    day.person("Kit Lowry").sees_nothing()
    await day.provider("Oak Farm").types("CD34 just arrived")
    rosa.sees("Arrived: CD34")


@pytest.mark.parametrize("by", ["nobody", "Rosa Lind"])
async def test_an_absent_key_worker_whom_nobody_reachable_covers_gets_the_copy(day: Day, by: str) -> None:
    hire(day, "Rosa Lind", Role.KEY_WORKER, "Hillcrest")
    await cover(day, f"today by {by}", "Kit Lowry")
    day.unreachable("Rosa Lind")
    await day.until("10:00")
    day.person("Kit Lowry").sees("For information. Not arrived", "You are these pupils’ key worker")


async def test_who_stands_in_and_gets_the_alert_gets_no_copy(day: Day) -> None:
    await cover(day, "today by Priya Nair", "Kit Lowry")
    await day.until("10:00")
    day.person("Priya Nair").does_not_see("For information")


async def test_a_school_sees_only_its_own_people(day: Day) -> None:
    await cover(day, "tomorrow by Alan Pugh", "Zainab Malik")
    assert "Zainab" not in await cover(day, "")
    assert "Zainab Malik" in await cover(day, "", "Ada Quill")


async def test_the_same_again_is_known(day: Day) -> None:
    await cover(day, "tomorrow by Tom Beckett")
    assert "Recorded already" in await cover(day, "tomorrow by Tom Beckett")
    assert "This goes before: Fri 18 Sep 2026, Tom Beckett stands in." in await cover(day, "tomorrow by Helen Marsh")
