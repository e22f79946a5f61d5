"""An escalation, from the alert to the recorded outcome."""

import pytest
import sqlalchemy as sa

from apbot.channels.port import Outcome, Receipt
from apbot.domain.escalation import Policy
from apbot.store.tables import audit, escalations, messages, people, schools
from tests.day import Day, text_of


@pytest.fixture
async def alert(day: Day) -> Day:
    """It is ten o'clock, and CD34 alone has not arrived."""
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("Oak Farm").taps("Arrived", pupil="GH78")
    await day.provider("The Garage").taps("All arrived")
    await day.until("10:00")
    return day


def sent_to(day: Day, name: str) -> int:
    """How many alerts this person has been sent, edits not counted."""
    return sum("alert" in card.footer or "For information" in card.heading for card in day.person(name).cards)


async def test_nobody_else_is_told_while_the_first_two_have_ten_minutes(alert: Day) -> None:
    await alert.until("10:09")
    assert sent_to(alert, "Priya Nair") == sent_to(alert, "Dorothy Okafor") == 1
    assert sent_to(alert, "Tom Beckett") == sent_to(alert, "Helen Marsh") == 0


async def test_unacknowledged_it_goes_to_the_deputy_then_the_head_then_every_fifteen_minutes(alert: Day) -> None:
    await alert.until("10:10")
    assert (sent_to(alert, "Dorothy Okafor"), sent_to(alert, "Tom Beckett"), sent_to(alert, "Helen Marsh")) == (2, 1, 0)
    await alert.until("10:20")
    assert (sent_to(alert, "Dorothy Okafor"), sent_to(alert, "Tom Beckett"), sent_to(alert, "Helen Marsh")) == (3, 2, 1)
    await alert.until("10:34")
    assert sent_to(alert, "Helen Marsh") == 1
    await alert.until("10:35")
    assert sent_to(alert, "Helen Marsh") == 2
    await alert.until("10:50")
    assert sent_to(alert, "Helen Marsh") == 3
    alert.person("Helen Marsh").sees("Nobody has acknowledged it since 10:00")


async def test_whoever_acknowledges_is_shown_to_all_and_the_steps_stop(alert: Day) -> None:
    await alert.until("10:12")
    await alert.person("Tom Beckett").taps("Acknowledge")
    for name in ("Priya Nair", "Dorothy Okafor", "Tom Beckett"):
        alert.person(name).sees("Acknowledged by Tom Beckett at 10:12")
    await alert.until("10:45")
    assert sent_to(alert, "Helen Marsh") == 0
    assert sent_to(alert, "Dorothy Okafor") == 2


async def test_acknowledging_twice_names_who_was_first(alert: Day) -> None:
    await alert.until("10:03")
    button = alert.person("Priya Nair").button("Acknowledge")
    await alert.person("Dorothy Okafor").taps("Acknowledge")
    answer = await alert.person("Priya Nair").presses(button)
    assert answer.card is not None
    assert answer.card.heading == "Dorothy Okafor acknowledged it at 10:03"


async def test_the_outcome_closes_it_with_the_name_of_who_established_it(alert: Day) -> None:
    await alert.until("10:05")
    await alert.person("Priya Nair").taps("Acknowledge")
    await alert.until("10:15")
    await alert.person("Priya Nair").taps(
        "Record outcome", pupil="CD34", outcome="at home ill, confirmed with a parent"
    )
    alert.dsl("Hillcrest").sees("Closed", "at home ill, confirmed with a parent (Priya Nair, 10:15)")
    await alert.until("12:00")
    assert sent_to(alert, "Dorothy Okafor") == 1


async def test_recording_an_outcome_is_an_acknowledgement(alert: Day) -> None:
    await alert.until("10:05")
    await alert.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="in school")
    alert.attendance_contact("Hillcrest").sees("Closed", "Acknowledged by Dorothy Okafor", "in school")


async def test_found_safe_needs_to_say_where(alert: Day) -> None:
    answer = await alert.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="found safe")
    assert answer.card is not None
    assert "Say where" in answer.card.heading
    assert alert.rows(sa.select(escalations.c.state))[0].state == "open"
    await alert.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="found safe", words="at the library")
    alert.dsl("Hillcrest").sees("Closed", "found safe: at the library")


async def test_a_welfare_check_that_was_asked_for_keeps_the_alert_open_until_it_is_answered(alert: Day) -> None:
    asked = "welfare check asked of police or social care"
    await alert.until("10:20")
    await alert.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome=asked)
    alert.dsl("Hillcrest").sees("stays open", asked)
    before = sent_to(alert, "Dorothy Okafor")
    await alert.until("11:20")
    assert sent_to(alert, "Dorothy Okafor") == before + 1
    await alert.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="found safe", words="at home")
    alert.dsl("Hillcrest").sees("Closed")


async def test_acknowledged_without_an_outcome_it_is_reminded_after_an_hour_and_then_escalates_again(
    alert: Day,
) -> None:
    await alert.until("10:05")
    await alert.person("Priya Nair").taps("Acknowledge")
    await alert.until("11:04")
    assert sent_to(alert, "Priya Nair") == 1
    await alert.until("11:05")
    assert sent_to(alert, "Priya Nair") == 2
    await alert.until("11:20")
    alert.dsl("Hillcrest").sees("acknowledged earlier, but no outcome was recorded")
    assert alert.dsl("Hillcrest").button("Acknowledge")
    await alert.until("11:30")
    assert sent_to(alert, "Tom Beckett") == 1, "the steps begin anew"


async def test_a_pupil_who_arrives_late_stands_it_down_and_everybody_told_is_told(alert: Day) -> None:
    await alert.until("10:12")
    assert sent_to(alert, "Tom Beckett") == 1
    await alert.provider("Oak Farm").taps("Not arrived", pupil="CD34")
    await alert.until("10:20")
    await alert.provider("Oak Farm").taps("Here now", pupil="CD34")
    alert.provider("Oak Farm").sees("CD34 J.S.: Arrived late at 10:20 (50 minutes)")
    for name in ("Priya Nair", "Dorothy Okafor", "Tom Beckett", "Kit Lowry"):
        alert.person(name).sees("Arrived: CD34 J.S. at Oak Farm")
    alert.dsl("Hillcrest").sees("Stood down: arrived at Oak Farm, am", "arrived since")
    before = len(alert.dsl("Hillcrest").cards)
    await alert.until("11:30")
    assert len(alert.dsl("Hillcrest").cards) == before


async def test_one_of_two_arriving_keeps_the_alert_open_for_the_other(day: Day) -> None:
    await day.until("10:05")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    day.dsl("Hillcrest").sees("Not arrived: 1 pupil, Oak Farm", "AB12")
    day.dsl("Hillcrest").sees("Arrived: CD34", "Still not arrived: 1")


async def test_a_reason_that_comes_after_the_alert_is_shown_in_it(alert: Day) -> None:
    await alert.until("10:04")
    await alert.provider("Oak Farm").taps("Not arrived", pupil="CD34", reason="ill")
    alert.dsl("Hillcrest").sees("CD34 J.S.: Not arrived: ill", "has answered")


async def test_the_key_worker_gets_a_copy_of_their_own_pupils_and_nothing_to_press(alert: Day) -> None:
    alert.person("Kit Lowry").sees("For information", "CD34")
    assert not alert.person("Kit Lowry").cards[0].buttons_everywhere()


async def test_the_policy_is_frozen_when_it_opens(alert: Day) -> None:
    alert.change(schools, sa.true(), steps=Policy.standard(second=1, third=2, every=1).to_json())
    await alert.until("10:09")
    assert sent_to(alert, "Dorothy Okafor") == 1
    await alert.until("10:10")
    assert sent_to(alert, "Tom Beckett") == 1


async def test_a_school_sets_its_own_steps(day: Day) -> None:
    day.change(schools, sa.true(), steps=Policy.standard(second=5, third=8, every=20).to_json())
    await day.until("10:05")
    assert sent_to(day, "Tom Beckett") == 2, "one for each provider"
    await day.until("10:08")
    assert sent_to(day, "Helen Marsh") == 2


async def test_a_dsl_who_is_away_is_covered(day: Day) -> None:
    day.cover("Dorothy Okafor", by="Helen Marsh")
    await day.until("10:00")
    day.person("Dorothy Okafor").sees_nothing()
    day.person("Helen Marsh").sees("Not arrived: 2 pupils")


async def test_a_dsl_who_cannot_be_reached_is_passed_over_for_the_next_holder(day: Day) -> None:
    day.unreachable("Dorothy Okafor")
    await day.until("10:00")
    day.person("Tom Beckett").sees("Not arrived: 2 pupils")


async def test_a_dsl_who_has_left_is_told_nothing_from_the_day_after(day: Day) -> None:
    day.change(people, people.c.id == day.ids["Dorothy Okafor"], leaves_on=sa.func.date("2026-09-16"))
    await day.until("10:00")
    day.person("Dorothy Okafor").sees_nothing()
    day.person("Tom Beckett").sees("Not arrived: 2 pupils")


async def test_where_a_whole_school_is_unreachable_the_admin_over_everything_is_told(day: Day) -> None:
    for name in ("Priya Nair", "Dorothy Okafor", "Tom Beckett", "Helen Marsh"):
        day.unreachable(name)
    await day.until("10:00")
    day.person("Ada Quill").sees("Not arrived: 2 pupils")


EVERYBODY = ("Priya Nair", "Dorothy Okafor", "Tom Beckett", "Helen Marsh", "Ada Quill")


async def test_where_nobody_at_all_can_be_reached_the_provider_is_asked_to_ring_and_it_is_kept_as_trouble(
    day: Day,
) -> None:
    for name in EVERYBODY:
        day.unreachable(name)
    await day.until("10:00")
    assert day.rows(sa.select(audit).where(audit.c.what == "nobody can be reached"))
    farm = day.provider("Oak Farm")
    farm.sees("Nobody at Hillcrest can be reached by chat: ring them now", "01632 960101", "AB12", "CD34")
    ring = [card for card in farm.cards if "ring them now" in card.heading]
    assert len(ring) == 1
    assert "J.S." not in text_of(ring[0])
    await day.until("11:00")
    assert len([card for card in farm.cards if "ring them now" in card.heading]) == 1
    await farm.types("CD34 and AB12 just arrived")
    farm.sees("Settled: alert")
    farm.does_not_see("ring them now")


async def test_where_everybody_else_is_unreachable_who_is_away_without_cover_is_told_after_all(day: Day) -> None:
    await day.person("Dorothy Okafor").types("/ap cover today by nobody")
    for name in EVERYBODY:
        if name != "Dorothy Okafor":
            day.unreachable(name)
    await day.until("09:31")
    await day.provider("The Garage").taps("All arrived")
    await day.until("10:00")
    await day.person("Dorothy Okafor").taps("Acknowledge")
    day.provider("Oak Farm").sees("Dorothy Okafor has taken it on")


async def test_the_admins_are_told_at_once_of_an_alert_that_reached_none_of_those_it_was_for(day: Day) -> None:
    for name in ("Priya Nair", "Dorothy Okafor"):
        day.unreachable(name)
    await day.until("09:31")
    await day.provider("The Garage").taps("All arrived")
    await day.until("10:00")
    admin = day.person("Ada Quill")
    admin.sees(
        "An alert of Hillcrest's did not reach those it was meant for",
        "attendance contact, DSL",
        "Told instead: Tom Beckett",
        "Telephone Hillcrest: 01632 960101",
    )
    assert "J.S." not in admin.text
    day.provider("Oak Farm").does_not_see("ring them now")
    await day.person("Tom Beckett").taps("Acknowledge")
    admin.sees("Tom Beckett has taken it on: alert")
    admin.does_not_see("did not reach")


async def test_one_who_is_reached_is_enough_for_the_admins_not_to_be_troubled(day: Day) -> None:
    day.unreachable("Dorothy Okafor")
    await day.until("11:00")
    day.person("Ada Quill").does_not_see("did not reach those")


async def test_an_address_refused_while_the_alert_goes_out_is_told_to_the_admins_at_once(day: Day) -> None:
    day.unreachable("Priya Nair")
    await day.until("09:59")
    day.recorder.answers = [Receipt(Outcome.REFUSED, why="no such person")]
    await day.until("10:02")
    day.person("Ada Quill").sees("did not reach those it was meant for")


async def test_a_provider_cannot_acknowledge_or_record_an_outcome(alert: Day) -> None:
    button = alert.dsl("Hillcrest").button("Acknowledge")
    answer = await alert.person("Sam Taylor").presses(button)
    assert answer.card is not None
    assert "not yours" in answer.card.heading
    assert alert.rows(sa.select(escalations.c.state))[0].state == "open"


async def test_another_schools_dsl_cannot_either(alert: Day) -> None:
    button = alert.dsl("Hillcrest").button("Record outcome", "CD34")
    await alert.dsl("Marsh Lane").presses(button, outcome="in school")
    assert alert.rows(sa.select(escalations.c.state))[0].state == "open"


async def test_every_message_has_its_audit_entry_or_none_of_it_is_kept(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    await day.until("09:59")
    before = len(day.rows(sa.select(messages)))
    monkeypatch.setattr("apbot.store.escalations.note_all", fail)
    with pytest.raises(OSError, match="disk is full"):
        await day.until("10:00")
    assert len(day.rows(sa.select(messages))) == before
    assert not day.rows(sa.select(escalations))
    monkeypatch.undo()
    await day.app.tick()
    day.dsl("Hillcrest").sees("Not arrived")
