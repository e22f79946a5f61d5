"""What `/ap provider` answers, and to whom."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.store.tables import audit, documents, providers
from tests import history
from tests.day import Day, text_of
from tests.stories.cast import SEES, answered, ask, hire_everybody, pupils_in, stranger

NOT_THEIRS = "No provider of your pupils has that name."
AT_OAK_FARM = {"AB12", "CD34", "GH78"}


def row(card, heading: str) -> str:
    return next(each.text for each in card.rows if each.heading.startswith(heading))


@pytest.fixture
def shown(day: Day) -> Day:
    """Oak Farm is registered, and has shown some documents, one of which has expired."""

    def put(transaction):
        for kind, about, dated_on, expires_on in (
            ("letter of assurance", "", date(2026, 9, 1), None),
            ("public liability insurance", "", None, date(2026, 9, 10)),
            ("safeguarding training level 3", "Sam Taylor", date(2024, 10, 5), None),
        ):
            values = {"kind": kind, "about": about, "dated_on": dated_on, "expires_on": expires_on}
            transaction.insert(documents, provider_id=day.ids["Oak Farm"], **values)

    day.database.run(put)
    day.change(
        providers,
        providers.c.name == "Oak Farm",
        registration="URN 139999",
        registered=True,
        registration_checked_on=date(2026, 9, 3),
        address="1 Lane End",
    )
    return day


async def test_it_says_what_the_provider_has_shown_and_until_when(shown: Day) -> None:
    await shown.until("09:00")
    card = answered(await shown.dsl("Hillcrest").types("/ap provider oak farm"))
    assert card.heading == "Oak Farm: 2 pupils of yours"
    assert card.page is not None
    assert card.page.path == "/providers/OAK%20"
    assert card.lines == ("1 Lane End, telephone 01632 960201",)
    assert row(card, "Registration") == "registered as a school, URN 139999, checked Thu 3 Sep 2026"
    assert row(card, "Documents") == (
        "letter of assurance to Wed 1 Sep 2027 · public liability insurance: expired Thu 10 Sep 2026 · "
        "safeguarding training level 3, Sam Taylor: expires soon, Mon 5 Oct 2026 · safeguarding policy: not shown yet"
    )
    assert row(card, "Last quality visit") == "None recorded."


async def test_it_says_today_and_the_attendance_of_the_half_term(shown: Day) -> None:
    shown.database.run(history.put, shown.ids, date(2026, 9, 7), {"AB12": "BB BB", "CD34": "BN NN", "GH78": "NN"})
    await shown.until("09:40")
    await shown.provider("Oak Farm").taps("Arrived", pupil="AB12")
    card = answered(await shown.dsl("Hillcrest").types("/ap provider Oak"))
    assert "Awaiting an answer: CD34 J.S. · Arrived: AB12 J.W." in row(card, "Today: Oak Farm, am")
    assert row(card, "Pupils placed") == "AB12 J.W. 100% (4 of 4) · CD34 J.S. 25% (1 of 4)"


async def test_what_is_owed_can_be_answered_and_a_quality_visit_is_shown_to_the_school(shown: Day) -> None:
    near = Day(date(2026, 10, 14))
    try:
        await near.until("09:00")
        head = near.person("Helen Marsh")
        await head.types("/ap provider Oak Farm")
        await head.taps("Log quality visit", pupil="Oak Farm", outcome="assured with actions")
        card = answered(await head.types("/ap provider Oak Farm"))
        assert row(card, "Last quality visit") == "Wed 14 Oct 2026 (assured with actions)"
        others = answered(await near.person("Zainab Malik").types("/ap provider Oak Farm"))
        assert row(others, "Last quality visit") == "None recorded."
        own = answered(await near.person("Sam Taylor").types("/ap provider"))
        assert "assured" not in text_of(own)
        owed = {each.heading.split(": ")[1] for each in own.rows if each.buttons}
        assert owed == {"provider's report"}
    finally:
        near.close()


@pytest.mark.parametrize("person", [*SEES])
async def test_everybody_sees_their_own_pupils_at_their_own_providers(day: Day, person: str) -> None:
    hire_everybody(day)
    await day.until("09:40")
    for provider, there in (("Oak Farm", AT_OAK_FARM), ("The Garage", {"EF56"})):
        card = answered(await day.person(person).types(f"/ap provider {provider}"))
        expected = SEES[person] & there
        if expected:
            assert pupils_in(card) == expected
        else:
            assert card.heading.startswith(NOT_THEIRS)
            assert card == answered(await day.person(person).types("/ap provider Nowhere"))


async def test_staff_of_one_provider_need_not_name_it(day: Day) -> None:
    await day.until("09:00")
    assert (await ask(day, "Gary Stone", "provider")).startswith("The Garage: 1 pupil of yours")
    assert (await ask(day, "Priya Nair", "provider")).startswith("Which provider?")


async def test_a_stranger_learns_nothing(day: Day) -> None:
    await day.until("09:00")
    assert (await stranger(day).types("/ap provider Oak Farm")).is_refusal


async def test_every_pupil_shown_is_in_the_audit_log(day: Day) -> None:
    await day.until("09:40")
    await ask(day, "Dorothy Okafor", "provider Oak Farm")
    read = day.rows(sa.select(audit.c.subject).where(audit.c.what == "provider read"))
    assert {each.subject for each in read} == {f"pupil:{day.ids[each]}" for each in ("AB12", "CD34")}
