"""The weeks: what a key worker owes a placed pupil, on one list each morning, until it is done or somebody knows."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.channels.port import Outcome, Receipt
from apbot.domain.duties.registry import KINDS
from apbot.domain.roles import Role
from apbot.store.audit import SCHEDULE
from apbot.store.duties.writing import open_duty
from apbot.store.tables import (
    audit,
    closures,
    documents,
    duties,
    duty_records,
    messages,
    people,
    placements,
    plannings,
    pupils,
    roles,
)
from tests import school
from tests.day import Conversation, Day, text_of
from tests.marks import WEEKS_ON_END
from tests.stories.cast import hire, is_list

KIT, DOROTHY, PRIYA, HELEN, SAM = "Kit Lowry", "Dorothy Okafor", "Priya Nair", "Helen Marsh", "Sam Taylor"


async def on(day: Day, date_: date, at: str = "08:20") -> None:
    """Time goes by until `at` on that day; whoever is expected on a day in between arrives."""
    while day.date < date_:
        await _morning(day)
        await day.until("23:30")
        day.date += timedelta(days=1)
    if at > "09:31":
        await _morning(day)
    await day.until(at)


async def _morning(day: Day) -> None:
    if day.date.weekday() == 0 and day.date <= school.TERM[1]:
        await day.until("09:31")
        await day.provider("Oak Farm").types("all in")


@pytest.fixture
def calm(day: Day) -> Day:
    """The weeks without the days: registers are nobody's concern here."""
    day.change(placements, sa.true(), pattern=["mon am"])
    day.change(placements, placements.c.ref.not_like("CD34%"), ends_on=date(2026, 9, 2))
    return day


def lists(person: Conversation) -> list[str]:
    """The morning's lists that stand in somebody's chat, as text."""
    return [text_of(card) for card in person.cards if is_list(card)]


def states(day: Day, kind: str) -> list[str]:
    """What has become of the duties of one kind, in order."""
    query = sa.select(duties.c.state).where(duties.c.kind == kind).order_by(duties.c.due_on, duties.c.id)
    return [row.state for row in day.rows(query)]


async def test_on_the_last_day_of_the_week_the_key_worker_is_reminded_of_the_contact(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    (text,) = lists(calm.person(KIT))
    assert "1 thing to do for your pupils" in text
    assert "CD34 J.S.: contact with the provider: Oak Farm · due today" in text
    for other in (DOROTHY, PRIYA, HELEN, SAM):
        assert lists(calm.person(other)) == []


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


async def test_a_contact_that_is_not_made_is_in_front_of_the_lead_on_the_next_school_day(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    assert lists(calm.person(HELEN)) == []
    await on(calm, date(2026, 9, 21))
    assert "1 overdue" in lists(calm.person(KIT))[-1]
    (text,) = lists(calm.person(HELEN))
    assert text.startswith("1 thing that others have to do, 1 overdue")
    assert "CD34 J.S." in text
    assert "key worker Kit Lowry · you are told because it has not been done in time" in text


async def test_a_contact_that_is_never_made_is_kept_as_missed(calm: Day) -> None:
    await on(calm, date(2026, 9, 28))
    assert states(calm, "contact")[:2] == ["missed", "open"]
    assert lists(calm.person(KIT))[0].startswith("Nothing is left to do on this list: 1 missed")


async def test_one_contact_makes_up_for_the_week_before(calm: Day) -> None:
    await on(calm, date(2026, 9, 23))
    await calm.person(KIT).taps("Log contact", whom="named contact", how="telephone")
    assert states(calm, "contact") == ["done", "done"]


async def test_everything_of_one_morning_is_one_message(day: Day) -> None:
    day.change(placements, sa.true(), pattern=["mon am"])
    await on(day, date(2026, 9, 18))
    (text,) = lists(day.person(KIT))
    assert "3 things to do" in text
    assert all(each in text for each in ("AB12", "CD34", "EF56"))
    assert "GH78" not in text, "another school's"


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


@WEEKS_ON_END
async def test_a_visit_is_booked_and_then_asked_about_around_its_day(calm: Day) -> None:
    await on(calm, date(2026, 10, 2))
    kit = calm.person(KIT)
    assert any("visit to the pupil" in text for text in lists(kit))
    await kit.presses(_button(kit, "Book it", "visit to the pupil"), on="2026-10-14")
    await on(calm, date(2026, 10, 12))
    assert not any("visit" in text and "12 Oct" in text for text in lists(kit))
    await on(calm, date(2026, 10, 13))
    assert "booked for Wed 14 Oct 2026" in lists(kit)[-1]


@WEEKS_ON_END
async def test_a_visit_is_logged_with_the_pupils_view_and_the_next_date_which_books_the_next(calm: Day) -> None:
    await on(calm, date(2026, 10, 2))
    kit = calm.person(KIT)
    button = _button(kit, "Log visit", "visit to the pupil")
    given = {"seen": "yes, alone", "view": "happy there", "wellbeing": "good", "progress": "mixed"}
    refused = await kit.presses(button, **given)
    assert refused.is_refusal, "the next date is required"
    await kit.presses(button, **given, next_on="2026-11-12")
    assert states(calm, "visit") == ["done"]
    calm.database.run(lambda t: _next_half_term(t, calm))
    await on(calm, date(2026, 11, 3))
    (row,) = calm.rows(sa.select(duties).where(duties.c.kind == "visit", duties.c.state == "open"))
    assert row.booked_on == date(2026, 11, 12)


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
    button = _button(calm.person(KIT), "Log contact", "contact")
    for stranger in (SAM, "Alan Pugh", "Gary Stone", "Zainab Malik"):
        reply = await calm.person(stranger).presses(button, whom="named contact", how="email")
        assert reply.is_refusal, stranger
    assert states(calm, "contact") == ["open"]


async def test_the_same_press_again_records_nothing_twice(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    kit = calm.person(KIT)
    button = _button(kit, "Log contact", "contact")
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


@WEEKS_ON_END
async def test_in_the_holidays_nobody_hears_of_anything(calm: Day) -> None:
    await on(calm, date(2026, 10, 23), "23:00")
    before = len(calm.rows(sa.select(messages).where(messages.c.kind == "duties")))
    await on(calm, date(2026, 11, 1), "23:00")
    assert len(calm.rows(sa.select(messages).where(messages.c.kind == "duties"))) == before


async def test_a_closure_that_is_added_later_moves_what_is_due(calm: Day) -> None:
    await on(calm, date(2026, 9, 17))
    calm.database.run(
        lambda t: t.insert(
            closures,
            school_id=calm.ids["Hillcrest"],
            starts_on=date(2026, 9, 18),
            ends_on=date(2026, 9, 18),
            kind="INSET day",
        )
    )
    calm.change(plannings, sa.true(), next_at=calm.clock.now())
    await on(calm, date(2026, 9, 17), "08:30")
    (row,) = calm.rows(sa.select(duties).where(duties.c.kind == "contact"))
    assert row.due_on == date(2026, 9, 17)
    assert len(lists(calm.person(KIT))) == 1, "today is the last day now"


async def test_what_a_placement_that_has_ended_owed_is_withdrawn(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    calm.change(placements, sa.true(), ends_on=date(2026, 9, 11))
    calm.change(plannings, sa.true(), next_at=calm.clock.now())
    await on(calm, date(2026, 9, 18), "09:00")
    assert set(states(calm, "visit")) == {"withdrawn"}


async def test_apbot_that_was_down_in_the_morning_tells_later_and_in_the_evening_not_before_the_next_day(
    calm: Day,
) -> None:
    calm.date = date(2026, 9, 18)
    await calm.jump("11:00")
    assert len(lists(calm.person(KIT))) == 1
    calm.date = date(2026, 9, 23)
    await calm.jump("19:30")
    assert len(lists(calm.person(KIT))) == 1
    await on(calm, date(2026, 9, 24))
    assert len(lists(calm.person(KIT))) == 2


@WEEKS_ON_END
async def test_the_providers_contact_is_asked_for_the_report_and_the_key_worker_chases_it(calm: Day) -> None:
    await on(calm, date(2026, 10, 9))
    (text,) = lists(calm.person(SAM))
    assert "CD34 J.S.: provider's report" in text
    await on(calm, date(2026, 10, 23))
    calm.database.run(lambda t: _next_half_term(t, calm))
    await on(calm, date(2026, 11, 2))
    assert any("provider's report" in text and "not been done in time" in text for text in lists(calm.person(KIT)))
    reply = await calm.person(SAM).presses(_button(calm.person(SAM), "Report is there", "report"), how="email")
    assert not reply.is_refusal


async def test_who_leads_is_the_named_lead_where_there_is_one(calm: Day) -> None:
    calm.change(roles, roles.c.role == Role.HEAD.value, role=Role.NAMED_LEAD.value)
    await on(calm, date(2026, 9, 21))
    assert len(lists(calm.person(HELEN))) == 1


async def test_what_is_missing_before_a_start_is_named_until_it_is_there(calm: Day) -> None:
    calm.change(
        placements,
        placements.c.id == calm.ids["CD34 placement"],
        starts_on=date(2026, 9, 28),
        authorised_by="Helen Marsh",
        aims="two days a week towards a first certificate",
    )
    await on(calm, date(2026, 9, 21))
    text = lists(calm.person(KIT))[-1]
    assert "missing before the start" in text
    assert "no commissioning agreement" in text
    assert "authorised" not in text
    assert "no commissioning agreement" in text_of((await calm.person(KIT).types("/ap week")).card)
    calm.change(placements, sa.true(), agreement_on=date(2026, 9, 21))
    calm.change(plannings, sa.true(), next_at=calm.clock.now())
    await on(calm, date(2026, 9, 24))
    text = lists(calm.person(KIT))[-1]
    assert "no commissioning agreement" not in text


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


@WEEKS_ON_END
async def test_a_duty_handed_over_is_on_the_list_of_the_next_school_day(calm: Day) -> None:
    await on(calm, date(2026, 10, 2))
    kit = calm.person(KIT)
    await kit.presses(_button(kit, "Hand over", "visit to the pupil"), whom="Priya")
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
    button = _button(rosa, "Log contact", "contact")
    calm.change(people, people.c.id == calm.ids["Rosa Bell"], leaves_on=date(2026, 9, 17))
    assert (await rosa.presses(button, whom="named contact", how="email")).is_refusal
    calm.change(people, people.c.id == calm.ids["Rosa Bell"], leaves_on=None)
    assert not (await rosa.presses(button, whom="named contact", how="email")).is_refusal
    assert states(calm, "contact") == ["done"]


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
    await kit.presses(_button(kit, "Log review", "emergency review"), **given)
    (row,) = calm.rows(sa.select(duties).where(duties.c.kind == "review", duties.c.state == "open"))
    assert row.booked_on == date(2026, 10, 20)


@WEEKS_ON_END
async def test_a_date_that_has_passed_is_set_already_or_is_no_date_here_is_no_new_target_end_date(calm: Day) -> None:
    await on(calm, date(2026, 10, 16))
    kit = calm.person(KIT)
    button = _button(kit, "Set the date", "target end date")
    for wrong in ("2026-10-01", "soon", "2026-10-23", "9999-12-31"):
        assert (await kit.presses(button, target=wrong, why="return planned")).is_refusal, wrong
    await kit.presses(button, target="2027-03-26", why="return planned")
    assert states(calm, "target end date") == ["done"]


async def test_two_trainings_that_begin_alike_are_two_duties(calm: Day) -> None:
    for about in ("Alexandra Fairweather", "Alexandra Fairbrother"):
        calm.database.run(
            lambda t, about=about: t.insert(
                documents,
                provider_id=calm.ids["Oak Farm"],
                kind="safeguarding training level 2",
                about=about,
                expires_on=date(2026, 10, 1),
            )
        )
    await on(calm, date(2026, 9, 24))
    text = "\n".join(lists(calm.person(HELEN)))
    assert "Fairweather" in text
    assert "Fairbrother" in text


@WEEKS_ON_END
async def test_what_is_owed_when_the_calendar_ends_is_spoken_of_again_once_it_goes_on(calm: Day) -> None:
    await on(calm, date(2026, 10, 23))
    await calm.until("20:00")
    (row,) = calm.rows(sa.select(duties).where(duties.c.kind == "target end date"))
    assert row.next_at is None, "no school day is known after it"
    calm.database.run(lambda t: _next_half_term(t, calm))
    await on(calm, date(2026, 11, 2))
    assert any("target end date" in text and "overdue" in text for text in lists(calm.person(KIT)))


async def test_who_is_off_the_roll_is_owed_nothing_more(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    calm.change(pupils, pupils.c.ref == "CD34", ends_on=date(2026, 9, 18))
    calm.database.run(lambda t: t.execute(sa.update(plannings).values(next_at=t.now)))
    await on(calm, date(2026, 9, 21))
    await calm.person(KIT).taps("Log contact", whom="named contact", how="email", on="2026-09-18")
    await on(calm, date(2026, 9, 30))
    assert states(calm, "contact") == ["done"], "the week in which the pupil left"
    assert states(calm, "end of placement") == ["open"]


def _button(person: Conversation, label: str, about: str):  # type: ignore[no-untyped-def]
    """The newest button with this label in a row that is about this."""
    for card in reversed(person.cards):
        for row in card.rows:
            for button in row.buttons:
                if button.label == label and about in row.heading:
                    return button
    raise AssertionError(f"no {label!r} about {about!r}:\n{person.text}")


def _next_half_term(transaction, day: Day) -> None:  # type: ignore[no-untyped-def]
    from apbot.store.tables import terms

    for place in ("Hillcrest", "Marsh Lane"):
        transaction.insert(
            terms,
            school_id=day.ids[place],
            name="Autumn 2",
            starts_on=date(2026, 11, 2),
            ends_on=date(2026, 12, 18),
        )
