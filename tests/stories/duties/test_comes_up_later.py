"""What comes up when the morning's list has gone out already, or not quite."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.channels.port import Outcome, Receipt
from apbot.domain.roles import Role
from apbot.store.tables import placements, plannings
from tests.day import Day
from tests.marks import WEEKS_ON_END
from tests.stories.cast import hire
from tests.stories.duties.weeks import KIT, PRIYA, lists, on


async def add(day: Day, pupil: str) -> None:
    """A placement is put on the roster again, and what is owed for it is worked out."""
    day.change(placements, placements.c.id == day.ids[f"{pupil} placement"], ends_on=None)
    day.change(plannings, sa.true(), next_at=day.clock.now())
    await day.app.tick()


async def test_what_is_due_today_and_comes_up_after_the_list_is_told_in_a_message_of_its_own(calm: Day) -> None:
    await on(calm, date(2026, 9, 18), "10:30")
    await add(calm, "AB12")
    whole, added = lists(calm.person(KIT))
    assert "2 things to do for your pupils" in whole, "the list stays whole"
    assert added.startswith("New today: 1 thing to do for your pupils")
    assert "AB12 J.W.: contact with the provider" in added
    assert "CD34" not in added
    await calm.person(KIT).taps("Log contact", pupil="AB12", whom="named contact", how="email")
    assert "Everything on this list is done" in lists(calm.person(KIT))[1]
    assert "1 thing to do for your pupils" in lists(calm.person(KIT))[0]


async def pass_on(day: Day, pupil: str, to: str) -> None:
    """The roster names another key worker, and what is owed is worked out."""
    day.change(placements, placements.c.id == day.ids[f"{pupil} placement"], key_worker_id=day.ids[to])
    day.change(plannings, sa.true(), next_at=day.clock.now())
    await day.app.tick()


@pytest.mark.parametrize(
    ("date_", "stands"), [(date(2026, 9, 18), "due today"), (date(2026, 9, 22), "overdue since Fri 18 Sep 2026")]
)
async def test_who_becomes_key_worker_is_told_at_once_of_what_is_due_and_the_one_before_is_asked_no_more(
    calm: Day, date_: date, stands: str
) -> None:
    rosa = hire(calm, "Rosa Bell", Role.KEY_WORKER, "Hillcrest")
    await on(calm, date_, "10:30")
    for _ in range(2):
        await pass_on(calm, "CD34", "Rosa Bell")
    (text,) = lists(rosa)
    assert f"CD34 J.S.: contact with the provider: Oak Farm · {stands}" in text
    assert "· you are told because" not in text
    for text in lists(calm.person(KIT)):
        assert f"CD34 J.S.: contact with the provider: Oak Farm · {stands} · Rosa Bell is asked now" in text
        assert text.startswith("Nothing is left to do on this list")
        assert "Log contact" not in text
    assert not (await rosa.taps("Log contact", whom="named contact", how="email")).is_refusal
    assert "Everything on this list is done" in lists(calm.person(KIT))[-1]


async def test_the_one_before_is_asked_until_whoever_it_is_now_has_been_told(calm: Day) -> None:
    hire(calm, "Rosa Bell", Role.KEY_WORKER, "Hillcrest")
    await on(calm, date(2026, 9, 18), "19:00")
    await pass_on(calm, "CD34", "Rosa Bell")
    await calm.person(KIT).types("/ap week")
    assert lists(calm.person(KIT))[0].startswith("1 thing to do")


async def test_who_becomes_key_worker_hears_of_what_has_days_left_with_the_next_reminder(calm: Day) -> None:
    rosa = hire(calm, "Rosa Bell", Role.KEY_WORKER, "Hillcrest")
    await on(calm, date(2026, 9, 16), "10:30")
    await pass_on(calm, "CD34", "Rosa Bell")
    assert lists(rosa) == []
    await on(calm, date(2026, 9, 18))
    assert "due today" in lists(rosa)[0]


async def test_who_stands_in_from_today_is_told_at_once_of_what_is_due(calm: Day) -> None:
    await on(calm, date(2026, 9, 18), "10:30")
    await calm.person(KIT).types("/ap cover today by Priya")
    (text,) = lists(calm.person(PRIYA))
    assert "CD34 J.S.: contact with the provider: Oak Farm · due today · for Kit Lowry" in text
    await on(calm, date(2026, 9, 21))
    assert "overdue" in lists(calm.person(KIT))[-1]
    (text,) = lists(calm.person(PRIYA))
    assert "Kit Lowry is asked now" in text


async def test_each_thing_that_comes_up_during_the_day_is_told_once(calm: Day) -> None:
    await on(calm, date(2026, 9, 18), "10:30")
    for pupil in ("AB12", "AB12", "EF56"):
        await add(calm, pupil)
    _, first, second = lists(calm.person(KIT))
    assert "AB12" in first
    assert "EF56" in second
    assert "AB12" not in second


async def test_what_is_added_to_a_list_that_has_not_gone_out_yet_is_on_it(calm: Day) -> None:
    await on(calm, date(2026, 9, 18), "08:10")
    calm.recorder.answers = [Receipt(Outcome.AGAIN, retry_after=timedelta(minutes=20))]
    await calm.until("08:20")
    assert lists(calm.person(KIT)) == []
    await add(calm, "AB12")
    await calm.until("08:40")
    (text,) = lists(calm.person(KIT))
    assert text.startswith("2 things to do for your pupils")


@WEEKS_ON_END
async def test_what_has_days_left_and_comes_up_after_the_list_waits_for_the_next(calm: Day) -> None:
    await on(calm, date(2026, 10, 2), "10:30")
    await add(calm, "AB12")
    added = lists(calm.person(KIT))[-1]
    assert "AB12 J.W.: contact with the provider" in added
    assert "AB12 J.W.: visit" not in calm.person(KIT).text
    await on(calm, date(2026, 10, 5))
    assert "AB12 J.W.: visit to the pupil" in lists(calm.person(KIT))[-1]


@WEEKS_ON_END
async def test_who_has_had_no_list_yet_is_told_of_everything_when_it_comes_up(calm: Day) -> None:
    calm.change(placements, sa.true(), ends_on=date(2026, 9, 2))
    await on(calm, date(2026, 10, 2), "10:30")
    await add(calm, "AB12")
    (text,) = lists(calm.person(KIT))
    assert "AB12 J.W.: contact with the provider" in text
    assert "AB12 J.W.: visit to the pupil" in text
