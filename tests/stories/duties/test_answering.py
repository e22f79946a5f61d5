"""What is answered to a duty, what that settles, and what is refused."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.domain.duties.registry import KINDS
from apbot.messages.week_digest import done_words
from apbot.store.audit import SCHEDULE
from apbot.store.duties.writing import open_duty
from apbot.store.reports.done import count_done, fallen_due
from apbot.store.tables import audit, duties, duty_records
from tests.day import Day, text_of
from tests.marks import WEEKS_ON_END
from tests.stories.duties.weeks import HELEN, KIT, SAM, button_about, lists, next_half_term, on, states


async def test_a_contact_is_logged_in_one_form_and_the_list_says_so(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    reply = await calm.person(KIT).taps("Log contact", whom="named contact", how="telephone", follow_up="new boots")
    assert reply.card is not None
    assert "Recorded: CD34 J.S." in reply.card.heading
    assert reply.card.lines[0] == "Fri 18 Sep 2026: named contact, telephone, follow up: new boots."
    (text,) = lists(calm.person(KIT))
    assert "Everything on this list is done" in text
    assert "done by Kit Lowry" in text
    (row,) = calm.rows(sa.select(duty_records))
    assert (row.kind, row.happened_on, row.made_as) == ("contact", date(2026, 9, 18), "key worker")
    assert row.given["whom"] == "named contact"
    assert calm.rows(sa.select(audit).where(audit.c.what == "duty done"))


@pytest.mark.parametrize("which", [0, -1], ids=["last week's", "this week's"])
async def test_one_contact_settles_the_week_before_and_counts_for_its_own_week_alone(calm: Day, which: int) -> None:
    await on(calm, date(2026, 9, 23))
    kit = calm.person(KIT)
    found = [each for row in kit.cards[-1].rows for each in row.buttons if each.label == "Log contact"]
    reply = await kit.presses(found[which], whom="named contact", how="telephone")
    assert reply.card is not None
    assert reply.card.lines[1:] == (
        "The one that was due Fri 18 Sep 2026 is settled with it, and does not count as done.",
    )
    assert states(calm, "contact") == ["done", "done"], "nobody is asked twice"
    counted = calm.database.run(count_done, fallen_due(), calm.date, date(2026, 9, 1), date(2026, 9, 30))["contact"]
    assert (counted.due, counted.done, counted.made_up) == (2, 1, 1)
    assert done_words(counted) == "2 due, 1 done, 1 made up for with the next"


@WEEKS_ON_END
async def test_a_visit_is_booked_and_then_asked_about_around_its_day(calm: Day) -> None:
    await on(calm, date(2026, 10, 2))
    kit = calm.person(KIT)
    assert any("visit to the pupil" in text for text in lists(kit))
    await kit.presses(button_about(kit, "Book it", "visit to the pupil"), on="2026-10-14")
    await on(calm, date(2026, 10, 12))
    assert not any("visit" in text and "12 Oct" in text for text in lists(kit))
    await on(calm, date(2026, 10, 13))
    assert "booked for Wed 14 Oct 2026" in lists(kit)[-1]


@WEEKS_ON_END
async def test_a_visit_is_logged_with_the_pupils_view_and_the_next_date_which_books_the_next(calm: Day) -> None:
    await on(calm, date(2026, 10, 2))
    kit = calm.person(KIT)
    button = button_about(kit, "Log visit", "visit to the pupil")
    given = {"seen": "yes, alone", "view": "happy there", "wellbeing": "good", "progress": "mixed"}
    refused = await kit.presses(button, **given)
    assert refused.is_refusal, "the next date is required"
    await kit.presses(button, **given, next_on="2026-11-12")
    assert states(calm, "visit") == ["done"]
    calm.database.run(lambda t: next_half_term(t, calm))
    await on(calm, date(2026, 11, 3))
    (row,) = calm.rows(sa.select(duties).where(duties.c.kind == "visit", duties.c.state == "open"))
    assert row.booked_on == date(2026, 11, 12)


async def test_that_a_duty_is_not_due_takes_a_reason(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    kit = calm.person(KIT)
    assert (await kit.taps("Not due", why="")).is_refusal
    assert (await kit.taps("Not due", why="I do not feel like it")).is_refusal
    await kit.taps("Not due", why="placement is ending")
    assert states(calm, "contact") == ["not due"]
    assert "not due: placement is ending (Kit Lowry)" in lists(kit)[0]


async def test_nobody_else_may_answer_it(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    button = button_about(calm.person(KIT), "Log contact", "contact")
    for stranger in (SAM, "Alan Pugh", "Gary Stone", "Zainab Malik"):
        reply = await calm.person(stranger).presses(button, whom="named contact", how="email")
        assert reply.is_refusal, stranger
    assert states(calm, "contact") == ["open"]


async def test_the_same_press_again_records_nothing_twice(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    kit = calm.person(KIT)
    button = button_about(kit, "Log contact", "contact")
    for _ in range(2):
        await kit.presses(button, event_id="the same", whom="named contact", how="email")
    await kit.presses(button, whom="named contact", how="email")
    assert len(calm.rows(sa.select(duty_records))) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"whom": "somebody", "how": "email"},
        {"whom": "named contact", "how": ""},
        {"whom": "named contact", "how": "email", "on": "2027-01-01"},
        {"whom": "named contact", "how": "email", "on": "yesterday-ish"},
        {"whom": "named contact", "how": "email", "on": "2024-01-01"},
        {"whom": "named contact", "how": "email", "follow_up": "x" * 301},
    ],
    ids=["not offered", "missing", "to come", "no date", "long ago", "too long"],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_lost(calm: Day, wrong: dict[str, str]) -> None:
    await on(calm, date(2026, 9, 18))
    kit = calm.person(KIT)
    assert (await kit.taps("Log contact", **wrong)).is_refusal
    assert states(calm, "contact") == ["open"]


async def test_what_happened_before_a_week_began_settles_the_week_before_and_not_this_one(calm: Day) -> None:
    await on(calm, date(2026, 9, 23))
    kit = calm.person(KIT)
    this_week = max(
        (each for row in kit.cards[-1].rows for each in row.buttons if each.label == "Log contact"),
        key=lambda button: button.subject,
    )
    reply = await kit.presses(this_week, whom="named contact", how="email", on="2026-09-18")
    assert reply.card is not None
    assert "so this one is still to be done" in text_of(reply.card)
    assert states(calm, "contact") == ["done", "open"]


async def test_a_contact_cannot_be_put_off_until_nobody_asks_any_more(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    kit = calm.person(KIT)
    assert (await kit.taps("Book it", on="2026-09-28")).is_refusal
    reply = await kit.taps("Book it", on="2026-09-25")
    assert reply.card is not None
    assert "it will count as overdue" in text_of(reply.card)
    await on(calm, date(2026, 9, 21))
    (text,) = lists(calm.person(HELEN))
    assert "booked for Fri 25 Sep 2026, overdue since Fri 18 Sep 2026" in text


async def test_the_date_after_an_emergency_review_books_the_ordinary_review(calm: Day) -> None:
    await on(calm, date(2026, 10, 2))

    def third_incident(transaction):  # type: ignore[no-untyped-def]
        open_duty(
            transaction,
            SCHEDULE,
            KINDS["emergency review"],
            key="emergency",
            school_id=calm.ids["Hillcrest"],
            placement_id=calm.ids["CD34 placement"],
            opens_on=calm.date,
            due_on=date(2026, 10, 6),
        )

    calm.database.run(third_incident)
    await on(calm, date(2026, 10, 5))
    kit = calm.person(KIT)
    given = {"outcome": "goes on, changed", "parents": "yes", "governors": "yes", "next_on": "2026-10-20"}
    await kit.presses(button_about(kit, "Log review", "emergency review"), **given)
    (row,) = calm.rows(sa.select(duties).where(duties.c.kind == "review", duties.c.state == "open"))
    assert row.booked_on == date(2026, 10, 20)


@WEEKS_ON_END
async def test_a_date_that_has_passed_is_set_already_or_is_no_date_here_is_no_new_target_end_date(calm: Day) -> None:
    await on(calm, date(2026, 10, 16))
    kit = calm.person(KIT)
    button = button_about(kit, "Set the date", "target end date")
    for wrong in ("2026-10-01", "soon", "2026-10-23", "9999-12-31"):
        assert (await kit.presses(button, target=wrong, why="return planned")).is_refusal, wrong
    await kit.presses(button, target="2027-03-26", why="return planned")
    assert states(calm, "target end date") == ["done"]
