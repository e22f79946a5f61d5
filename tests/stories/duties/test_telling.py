"""When a duty is spoken of: on one list each morning, until it is done or somebody knows."""

from datetime import date

import sqlalchemy as sa

from apbot.store.tables import closures, documents, duties, messages, placements, plannings, pupils
from tests.day import Day, text_of
from tests.marks import WEEKS_ON_END
from tests.stories.duties.weeks import DOROTHY, HELEN, KIT, PRIYA, SAM, button_about, lists, next_half_term, on, states


async def test_on_the_last_day_of_the_week_the_key_worker_is_reminded_of_the_contact(calm: Day) -> None:
    await on(calm, date(2026, 9, 18))
    (text,) = lists(calm.person(KIT))
    assert "1 thing to do for your pupils" in text
    assert "CD34 J.S.: contact with the provider: Oak Farm · due today" in text
    for other in (DOROTHY, PRIYA, HELEN, SAM):
        assert lists(calm.person(other)) == []


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


async def test_everything_of_one_morning_is_one_message(day: Day) -> None:
    day.change(placements, sa.true(), pattern=["mon am"])
    await on(day, date(2026, 9, 18))
    (text,) = lists(day.person(KIT))
    assert "3 things to do" in text
    assert all(each in text for each in ("AB12", "CD34", "EF56"))
    assert "GH78" not in text, "another school's"


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
    calm.database.run(lambda t: next_half_term(t, calm))
    await on(calm, date(2026, 11, 2))
    assert any("provider's report" in text and "not been done in time" in text for text in lists(calm.person(KIT)))
    reply = await calm.person(SAM).presses(button_about(calm.person(SAM), "Report is there", "report"), how="email")
    assert not reply.is_refusal


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
    calm.database.run(lambda t: next_half_term(t, calm))
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
