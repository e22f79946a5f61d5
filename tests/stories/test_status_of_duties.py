"""What `/ap status` says of contacts, visits, reviews and reports, and to whom."""

from tests.day import Day
from tests.stories.cast import VISIT, answered


async def card_for(day: Day, person: str, reference: str = "CD34"):
    return answered(await day.person(person).types(f"/ap status {reference}"))


def text_of_row(card, heading: str) -> str:
    return next(row.text for row in card.rows if row.heading == heading)


async def test_the_last_contact_and_visit_stand_with_their_day_and_what_came_of_them(day: Day) -> None:
    await day.until("09:00")
    assert text_of_row(await card_for(day, "Kit Lowry"), "Last done") == "Nothing is recorded yet."
    kit = day.person("Kit Lowry")
    await kit.taps("Log contact", pupil="CD34", whom="named contact", how="telephone", follow_up="ring Friday")
    await kit.types("/ap status CD34")
    await kit.taps("Log visit", pupil="CD34", **VISIT)
    for person in ("Kit Lowry", "Dorothy Okafor"):
        done = text_of_row(await card_for(day, person), "Last done")
        assert "Contact with the provider Thu 17 Sep 2026 (named contact, telephone)" in done
        assert (
            "Visit to the pupil Thu 17 Sep 2026 (seen: yes, alone, mostly happy, wellbeing good, progress mixed), "
            "next Mon 12 Oct 2026"
        ) in done
        assert "goats" not in done
        assert "Friday" not in done


async def test_what_is_owed_can_be_answered_where_it_stands(day: Day) -> None:
    await day.until("09:00")
    card = await card_for(day, "Kit Lowry")
    owed = [row for row in card.rows if row.buttons]
    assert [row.heading.split(": ")[1] for row in owed] == [
        "contact with the provider",
        "visit to the pupil",
        "review meeting",
        "provider's report",
    ]
    assert owed[0].text == "Oak Farm · due Fri 18 Sep 2026"
    await day.person("Kit Lowry").taps("Not due", pupil="CD34", why="placement is ending")
    assert len([row for row in (await card_for(day, "Kit Lowry")).rows if row.buttons]) == 3


async def test_a_provider_sees_the_report_that_it_owes_and_nothing_of_what_the_school_does(day: Day) -> None:
    await day.until("09:00")
    card = await card_for(day, "Sam Taylor")
    assert [row.heading for row in card.rows if row.buttons] == ["CD34 J.S.: provider's report"]
    assert not any(row.heading == "Last done" for row in card.rows)
