"""A morning, from the prompt to the alert."""

from datetime import date

import sqlalchemy as sa

from apbot.domain.timetable import Hours, Pattern
from apbot.store.tables import audit, closures, entries, marks, messages, openings, placements, registers
from tests.day import Day


async def test_the_prompt_comes_at_the_sessions_start_and_not_before(day: Day) -> None:
    await day.until("09:29")
    day.provider("Oak Farm").sees_nothing()
    await day.until("09:30")
    day.provider("Oak Farm").sees("Register: Oak Farm, am", "AB12 J.W.", "CD34 J.S.", "GH78 E.D.")
    day.provider("The Garage").does_not_see("CD34")


async def test_an_answer_is_shown_in_the_same_message_with_who_gave_it(day: Day) -> None:
    await day.until("09:31")
    oak_farm = day.provider("Oak Farm")
    await oak_farm.taps("Arrived", pupil="AB12")
    assert len(oak_farm.cards) == 1
    oak_farm.sees("AB12 J.W.: Arrived · Sam Taylor, 09:31", "2 left")


async def test_all_arrived_answers_only_for_those_of_whom_nothing_was_said(day: Day) -> None:
    await day.until("09:32")
    oak_farm = day.provider("Oak Farm")
    await oak_farm.taps("Not arrived", pupil="CD34", reason="ill")
    await oak_farm.taps("The other 2 arrived")
    oak_farm.sees("AB12 J.W.: Arrived", "CD34 J.S.: Not arrived: ill", "All answered")


async def test_a_pupil_who_never_arrives_reaches_the_dsl_at_thirty_minutes(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("09:59")
    day.dsl("Hillcrest").sees_nothing()
    await day.until("10:00")
    day.dsl("Hillcrest").sees("not arrived", "CD34")
    day.attendance_contact("Hillcrest").sees("not arrived", "CD34")
    day.dsl("Hillcrest").does_not_see("AB12")


async def test_a_silent_register_is_a_non_arrival_of_everyone_on_it(day: Day) -> None:
    await day.until("10:00")
    day.dsl("Hillcrest").sees("Not arrived: 2 pupils, Oak Farm, am", "AB12", "CD34", "has said nothing")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil, The Garage, am", "EF56")
    assert len(day.dsl("Hillcrest").cards) == 2, "one message for each provider, however many pupils it names"


async def test_each_school_is_told_of_its_own_pupils_only(day: Day) -> None:
    await day.until("10:30")
    day.dsl("Marsh Lane").sees("GH78")
    day.dsl("Marsh Lane").does_not_see("AB12", "CD34", "EF56")
    day.dsl("Hillcrest").does_not_see("GH78")


async def test_the_alert_says_what_the_provider_said_the_transport_and_who_calls_home(day: Day) -> None:
    await day.until("09:40")
    await day.provider("Oak Farm").taps("Not arrived", pupil="CD34", reason="transport did not come")
    await day.provider("Oak Farm").taps("The other 2 arrived")
    await day.until("10:00")
    day.dsl("Hillcrest").sees(
        "CD34 J.S.",
        "Not arrived: transport did not come",
        "Transport: taxi 12",
        "Calls home: Priya Nair",
        "has answered",
    )


async def test_no_card_ever_holds_a_pupils_name(day: Day) -> None:
    await day.until("11:00")
    shown = "\n".join(posted.card.heading + str(posted.card.to_json()) for posted in day.recorder.posted.values())
    for name in ("Joana", "Silva", "Ward", "Hassan", "Ellie", "Dunn"):
        assert name not in shown


async def test_silence_is_nudged_after_fifteen_minutes_to_the_contact_and_the_deputy(day: Day) -> None:
    await day.until("09:40")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("09:44")
    day.person("Sam Taylor").sees_nothing()
    await day.until("09:45")
    for contact in ("Sam Taylor", "Bea Whitlock"):
        day.person(contact).sees("Register not answered", "CD34", "GH78", "At 10:00 their school is told")
        day.person(contact).does_not_see("AB12")


async def test_an_answered_register_is_not_nudged_and_a_nudge_that_is_answered_says_so(day: Day) -> None:
    await day.until("09:33")
    await day.provider("The Garage").taps("All arrived")
    await day.until("09:46")
    day.person("Gary Stone").sees_nothing()
    await day.person("Sam Taylor").taps("All of these arrived")
    day.person("Bea Whitlock").sees("Register answered")


async def test_late_keeps_the_time_of_arrival_and_is_no_alert(day: Day) -> None:
    await day.until("09:55")
    await day.provider("Oak Farm").taps("Late", pupil="CD34", at="09:50")
    await day.provider("Oak Farm").taps("The other 2 arrived")
    day.provider("Oak Farm").sees("CD34 J.S.: Arrived late at 09:50 (20 minutes)")
    await day.until("10:30")
    day.dsl("Hillcrest").does_not_see("CD34")


async def test_a_time_that_has_not_come_yet_is_refused_and_nothing_is_recorded(day: Day) -> None:
    await day.until("09:35")
    answer = await day.provider("Oak Farm").taps("Late", pupil="CD34", at="10:50")
    assert answer.card is not None
    assert "10:50 has not come yet" in answer.card.heading
    assert not day.rows(sa.select(marks))


async def test_left_site_is_escalated_at_once(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("All arrived")
    await day.until("10:47")
    await day.provider("Oak Farm").taps("Left site", pupil="CD34", at="10:45")
    day.dsl("Hillcrest").sees("Left site: 1 pupil, Oak Farm, am", "CD34 J.S.", "Left site at 10:45")
    day.attendance_contact("Hillcrest").sees("Left site")
    day.dsl("Marsh Lane").sees_nothing()


async def test_a_session_that_does_not_run_is_told_to_every_school_at_once(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Session not running", reason="site closed")
    day.dsl("Hillcrest").sees("Session not running: 2 pupils expected")
    day.dsl("Marsh Lane").sees("Session not running: 1 pupil expected")
    await day.until("10:05")
    day.dsl("Marsh Lane").does_not_see("Not arrived: 1 pupil")


async def test_the_log_keeps_why_a_session_does_not_run_and_no_other_words(day: Day) -> None:
    await day.until("09:31")
    await day.provider("The Garage").taps("Session not running", reason="staff")
    await day.provider("Oak Farm").taps("Session not running", reason="Joana da Silva has run away")
    noted = day.rows(sa.select(audit.c.detail).where(audit.c.what == "session not running").order_by(audit.c.id))
    assert [row.detail for row in noted] == [{"why": "staff"}, {"why": ""}]


async def test_a_mark_is_corrected_only_with_a_reason_and_the_first_is_kept(day: Day) -> None:
    await day.until("09:31")
    oak_farm = day.provider("Oak Farm")
    await oak_farm.taps("All arrived")
    await day.until("09:50")
    await oak_farm.taps("Correct", pupil="CD34", fact="not arrived", reason="ill", because="marked by mistake")
    oak_farm.sees("CD34 J.S.: Not arrived: ill")
    kept = day.rows(
        sa.select(marks.c.fact, marks.c.amends_because)
        .join(entries)
        .where(entries.c.placement_id == day.ids["CD34 placement"])
        .order_by(marks.c.id)
    )
    assert [tuple(row) for row in kept] == [("arrived", ""), ("not arrived", "marked by mistake")]
    await day.until("10:00")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil", "CD34")


async def test_a_correction_after_thirty_minutes_reaches_the_school_at_once(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("All arrived")
    await day.until("10:40")
    await day.provider("Oak Farm").taps("Correct", pupil="CD34", fact="not arrived", because="wrong pupil")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil", "CD34")


async def test_the_same_tap_twice_changes_nothing_and_is_answered_the_same(day: Day) -> None:
    await day.until("09:31")
    oak_farm = day.provider("Oak Farm")
    button = oak_farm.button("Arrived", "CD34")
    first = await oak_farm.presses(button, event_id="tap-1")
    second = await oak_farm.presses(button, event_id="tap-1")
    assert first == second
    assert len(day.rows(sa.select(marks))) == 1


async def test_the_same_tick_again_owes_nothing_again(day: Day) -> None:
    await day.until("10:00")
    before = len(day.rows(sa.select(messages)))
    for _ in range(5):
        await day.app.tick()
    assert len(day.rows(sa.select(messages))) == before


async def test_a_stranger_gets_a_way_to_be_linked_and_nothing_else(day: Day) -> None:
    await day.until("09:31")
    button = day.provider("Oak Farm").button("Arrived", "CD34")
    answer = await day.provider("Oak Farm", "A stranger").presses(button)
    assert answer.card is not None
    assert "not linked" in answer.card.heading
    assert not day.rows(sa.select(marks))


async def test_staff_of_another_provider_can_mark_nobody_here(day: Day) -> None:
    await day.until("09:31")
    button = day.provider("Oak Farm").button("Arrived", "CD34")
    await day.provider("The Garage").presses(button)
    assert not day.rows(sa.select(marks))


async def test_a_bot_that_was_down_sends_its_alerts_late_and_says_by_how_much(day: Day) -> None:
    await day.until("09:20")
    await day.jump("10:40")
    day.dsl("Hillcrest").sees("Not arrived: 2 pupils, Oak Farm", "40 minutes late", "due at 10:00")
    day.provider("Oak Farm").sees("Register: Oak Farm, am")
    await day.dsl("Hillcrest").taps("Acknowledge: I am dealing with it")
    day.dsl("Hillcrest").sees("Acknowledged by", "40 minutes late")


async def test_a_prompt_dies_with_its_session_but_the_alert_does_not(day: Day) -> None:
    await day.jump("12:30")
    day.provider("Oak Farm").sees_nothing()
    day.dsl("Hillcrest").sees("Not arrived: 2 pupils, Oak Farm, am", "could not be asked")


async def test_a_placement_added_at_ten_is_expected_from_then(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("All arrived")
    await day.provider("The Garage").taps("All arrived")
    await day.until("10:00")

    def add(transaction: sa.Connection) -> None:
        now = day.clock.now()
        transaction.execute(
            sa.insert(placements).values(
                ref="EF56-OAK",
                pupil_id=day.ids["EF56"],
                provider_id=day.ids["Oak Farm"],
                starts_on=day.date,
                pattern=Pattern.from_json(["thu am"]).to_json(),
                hours=Hours().to_json(),
                touched_at=now,
            )
        )
        transaction.execute(sa.update(openings).values(next_at=now))

    day.database.run(lambda transaction: add(transaction.connection))
    await day.app.tick()
    day.provider("Oak Farm").sees("EF56 M.H.", "the one left")
    await day.until("10:29")
    day.dsl("Hillcrest").sees_nothing()
    await day.until("10:30")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil, Oak Farm, am", "EF56")


async def test_a_placement_ended_at_half_past_nine_is_no_longer_asked_for(day: Day) -> None:
    await day.until("09:30")
    day.change(placements, placements.c.id == day.ids["CD34 placement"], ends_on=date(2026, 9, 16))
    day.change(openings, sa.true(), next_at=day.clock.now())
    await day.app.tick()
    day.provider("Oak Farm").does_not_see("CD34")
    await day.until("10:05")
    day.dsl("Hillcrest").does_not_see("CD34")


async def test_opening_the_day_again_and_again_changes_nothing(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    before = day.rows(sa.select(entries)), day.rows(sa.select(registers))
    for _ in range(3):
        day.change(openings, sa.true(), next_at=day.clock.now())
        await day.app.tick()
    assert (day.rows(sa.select(entries)), day.rows(sa.select(registers))) == before


async def test_nothing_is_asked_on_a_day_when_either_place_is_closed(day: Day) -> None:
    day.database.run(
        lambda t: t.insert(
            closures, provider_id=day.ids["The Garage"], starts_on=day.date, ends_on=day.date, kind="training day"
        )
    )
    day.database.run(
        lambda t: t.insert(
            closures, school_id=day.ids["Marsh Lane"], starts_on=day.date, ends_on=day.date, kind="INSET day"
        )
    )
    await day.until("11:00")
    day.provider("The Garage").sees_nothing()
    day.provider("Oak Farm").does_not_see("GH78")
    day.dsl("Marsh Lane").sees_nothing()
    day.dsl("Hillcrest").does_not_see("The Garage")


async def test_there_are_two_sessions_a_day_and_each_is_asked_for(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("All arrived")
    await day.until("13:00")
    day.provider("Oak Farm").sees("Register: Oak Farm, pm", "CD34")
    await day.until("13:30")
    day.dsl("Hillcrest").sees("Not arrived: 2 pupils, Oak Farm, pm")
