"""Whose a duty is: the key worker's, who covers, whoever it was handed to, and whoever leads on it."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.store.tables import people, placements, roles
from tests.day import Day
from tests.marks import WEEKS_ON_END
from tests.stories.cast import hire
from tests.stories.duties.weeks import HELEN, KIT, PRIYA, button_about, lists, on, states


async def test_a_key_worker_who_is_away_is_covered_for(calm: Day) -> None:
    calm.cover(KIT, by=PRIYA, on=date(2026, 9, 18))
    await on(calm, date(2026, 9, 18))
    assert lists(calm.person(KIT)) == []
    (text,) = lists(calm.person(PRIYA))
    assert "due today · for Kit Lowry" in text


async def test_a_key_worker_who_is_away_without_cover_or_was_never_named_leaves_it_to_the_lead(calm: Day) -> None:
    calm.change(placements, sa.true(), key_worker_id=None)
    await on(calm, date(2026, 9, 18))
    assert len(lists(calm.person(HELEN))) == 1


async def test_a_duty_is_handed_to_a_colleague_who_is_told_instead(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    reply = await calm.person(KIT).taps("Hand over", whom="Priya")
    assert reply.card is not None
    assert "Handed to Priya Nair" in reply.card.heading
    assert "due today · handed to Priya Nair" in lists(calm.person(KIT))[0]
    assert "handed to" not in lists(calm.person(PRIYA))[0]
    await on(calm, date(2026, 9, 21))
    assert any("overdue" in text for text in lists(calm.person(PRIYA)))
    assert not any("Mon 21 Sep" in text for text in lists(calm.person(KIT)))
    reply = await calm.person(PRIYA).taps("Log contact", whom="named contact", how="email")
    assert not reply.is_refusal


@pytest.mark.parametrize(("at", "when"), [("10:30", "today"), ("07:30", "today"), ("19:00", "in the morning")])
async def test_what_is_due_today_is_told_today_to_whom_it_is_handed(calm: Day, at: str, when: str) -> None:
    await on(calm, date(2026, 9, 17), "23:30")
    calm.date = date(2026, 9, 18)
    await calm.until(at)
    await calm.person(KIT).types("/ap week")
    reply = await calm.person(KIT).taps("Hand over", pupil="CD34", whom="Priya")
    assert reply.card is not None
    assert reply.card.lines == (f"They are told {when}.",)
    await calm.until("08:20")
    assert len(lists(calm.person(PRIYA))) == (when == "today")


async def test_who_leads_is_the_named_lead_where_there_is_one(calm: Day) -> None:
    calm.change(roles, roles.c.role == Role.HEAD.value, role=Role.NAMED_LEAD.value)
    await on(calm, date(2026, 9, 21))
    assert len(lists(calm.person(HELEN))) == 1


@WEEKS_ON_END
async def test_a_duty_handed_over_is_on_the_list_of_the_next_school_day(calm: Day) -> None:
    await on(calm, date(2026, 10, 2))
    kit = calm.person(KIT)
    await kit.presses(button_about(kit, "Hand over", "visit to the pupil"), whom="Priya")
    await on(calm, date(2026, 10, 5))
    (text,) = lists(calm.person(PRIYA))
    assert "visit to the pupil" in text


async def test_whom_a_duty_was_handed_to_leaves_and_it_is_its_owners_again(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    await calm.person(KIT).taps("Hand over", whom="Priya")
    calm.change(people, people.c.id == calm.ids[PRIYA], leaves_on=date(2026, 9, 20))
    await on(calm, date(2026, 9, 21))
    assert not any("Mon 21 Sep" in text for text in lists(calm.person(PRIYA)))
    assert "1 overdue" in lists(calm.person(KIT))[-1]


async def test_who_covers_may_answer_what_they_are_told_of_and_a_leaver_may_not(calm: Day) -> None:
    rosa = hire(calm, "Rosa Bell", Role.KEY_WORKER, "Hillcrest")
    calm.cover(KIT, by="Rosa Bell", on=date(2026, 9, 18))
    await on(calm, date(2026, 9, 18))
    button = button_about(rosa, "Log contact", "contact")
    calm.change(people, people.c.id == calm.ids["Rosa Bell"], leaves_on=date(2026, 9, 17))
    assert (await rosa.presses(button, whom="named contact", how="email")).is_refusal
    calm.change(people, people.c.id == calm.ids["Rosa Bell"], leaves_on=None)
    assert not (await rosa.presses(button, whom="named contact", how="email")).is_refusal
    assert states(calm, "contact") == ["done"]
