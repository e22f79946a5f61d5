"""An incident at a provider: fixed choices, the school told at once, and the third in a half term opens a review."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.cards import Button, Reply
from apbot.domain.incident import Kind
from apbot.domain.roles import Role
from apbot.messages.incident import inputs
from apbot.store.tables import (
    audit,
    chat_lines,
    duties,
    escalations,
    events,
    incidents,
    messages,
    people,
    placements,
    terms,
)
from tests.day import Day, text_of
from tests.stories.cast import answered, hire, stranger


@pytest.fixture
async def morning(day: Day) -> Day:
    """It is 10:20, and everybody is there."""
    await day.until("09:31")
    for provider in ("Oak Farm", "The Garage"):
        await day.provider(provider).taps("All arrived")
    await day.until("10:20")
    return day


@pytest.fixture
def tuesday() -> Iterator[Day]:
    """The second day of a week: a review within two school days is due on Thursday."""
    a_day = Day(date(2026, 9, 22))
    yield a_day
    a_day.close()


def button(day: Day, reference: str = "CD34") -> Button:
    """The button that reports an incident of a placement."""
    return Button("Report it", "incident", day.ids[f"{reference} placement"], inputs=inputs())


async def reported(day: Day, kind: str = "poor behaviour", by: str = "Sam Taylor", **given: str) -> Reply:
    """Somebody reports one of CD34."""
    return await day.person(by).presses(button(day), **{"kind": kind, "parents": "not yet", **given})


def kept(day: Day) -> list[Any]:
    """The incidents that are kept."""
    return list(day.rows(sa.select(incidents).order_by(incidents.c.id)))


def reviews(day: Day) -> list[Any]:
    """The emergency reviews that were opened."""
    return list(day.rows(sa.select(duties).where(duties.c.kind == "emergency review").order_by(duties.c.id)))


async def test_the_registers_button_tells_the_school_at_once(morning: Day) -> None:
    asked = morning.provider("Oak Farm").button("Incident")
    assert [choice.value for choice in asked.inputs[0].choices] == ["AB12", "CD34", "GH78"]
    answer = await morning.provider("Oak Farm").presses(asked, pupil="CD34", kind="accident", at="10:15", parents="no")
    text = text_of(answered(answer))
    assert "Hillcrest is told: accident" in text
    assert "CD34 J.S., Oak Farm, at 10:15. The parents have not been told: that is for the school." in text
    for person in ("Priya Nair", "Dorothy Okafor"):
        morning.person(person).sees("Incident: accident at Oak Farm", "CD34 J.S.", "Telephone 01632 960201")
    for person in ("Tom Beckett", "Helen Marsh", "Kit Lowry", "Zainab Malik"):
        morning.person(person).sees_nothing()


async def test_one_line_is_enough(morning: Day) -> None:
    answer = await morning.person("Sam Taylor").types("/ap incident CD34 behaviour 10:15 parents not told yet")
    assert "Hillcrest is told: poor behaviour" in text_of(answered(answer))
    (row,) = kept(morning)
    assert (row.kind, row.parents_told, row.raised_as) == ("poor behaviour", "not yet", "named contact")


async def test_what_is_missing_is_asked_with_what_was_understood(morning: Day) -> None:
    answer = await morning.person("Sam Taylor").types("/ap incident CD34 damage to a gate at 10:15")
    card = answered(answer)
    assert card.heading == "Not reported yet: CD34 J.S."
    (asked,) = card.buttons_everywhere()
    assert [each.value for each in asked.inputs] == ["damage", "10:15", ""]
    assert kept(morning) == []
    await morning.person("Sam Taylor").taps("Report it", "CD34", parents="yes")
    assert [row.kind for row in kept(morning)] == ["damage"]


async def test_it_is_repeated_until_somebody_takes_it_and_then_all_see_who(morning: Day) -> None:
    await reported(morning)
    await morning.until("10:31")
    morning.dsl("Hillcrest").sees("Told again: nobody has taken it since 10:20")
    morning.person("Tom Beckett").sees_nothing()
    await morning.until("10:41")
    morning.person("Tom Beckett").sees("Incident: poor behaviour at Oak Farm")
    answer = await morning.person("Priya Nair").taps("Acknowledge: I am dealing with it", "CD34")
    assert "Yours: CD34 J.S., poor behaviour" in text_of(answered(answer))
    for person in ("Priya Nair", "Dorothy Okafor", "Tom Beckett"):
        assert all("Priya Nair has taken it" in card.heading for card in morning.person(person).cards), person
    before = len(morning.dsl("Hillcrest").cards)
    await morning.until("11:30")
    assert len(morning.dsl("Hillcrest").cards) == before


async def test_the_second_to_take_it_is_told_who_was_first_and_typed_words_take_it_too(morning: Day) -> None:
    await reported(morning)
    pressed = morning.dsl("Hillcrest").button("Acknowledge")
    await morning.person("Priya Nair").types("on it")
    answer = await morning.dsl("Hillcrest").presses(pressed)
    assert "Priya Nair took it at 10:20" in text_of(answered(answer))


async def test_that_a_pupil_has_left_site_goes_the_way_of_the_register(morning: Day) -> None:
    answer = await morning.person("Sam Taylor").types("/ap incident CD34 left site 10:18")
    assert "CD34 J.S.: left site at 10:18" in text_of(answered(answer))
    morning.dsl("Hillcrest").sees("Left site: 1 pupil, Oak Farm, am")
    assert kept(morning) == []
    assert [row.kind for row in morning.rows(sa.select(escalations))] == ["left site"]


async def test_where_no_register_has_the_pupil_who_left_site_the_schools_number_is_given(day: Day) -> None:
    await day.until("08:30")
    answer = await reported(day, Kind.LEFT_SITE.value)
    assert "No register of today has CD34 J.S.. Telephone Hillcrest now: 01632 960101." in text_of(answered(answer))


async def test_the_third_of_poor_behaviour_opens_an_emergency_review_and_tells_of_it_at_once(tuesday: Day) -> None:
    hire(tuesday, "Ngozi Eze", Role.NAMED_LEAD, "Hillcrest")
    for at in ("10:00", "10:30"):
        await tuesday.until(at)
        await reported(tuesday)
    await tuesday.until("11:00")
    await reported(tuesday, "accident")
    assert reviews(tuesday) == []
    await tuesday.until("11:30")
    answer = text_of(answered(await reported(tuesday, "damage")))
    assert "It is number 3 of poor behaviour in this half term." in answer
    assert "An emergency review is due by Thu 24 Sep 2026. The key worker and the lead are told." in answer
    (review,) = reviews(tuesday)
    assert (review.due_on, review.state) == (date(2026, 9, 24), "open")
    for person in ("Kit Lowry", "Ngozi Eze"):
        tuesday.person(person).sees("CD34 J.S.: emergency review after three incidents", "due Thu 24 Sep 2026")
    tuesday.person("Ngozi Eze").sees("emergency review", "Key worker: Kit Lowry.")
    tuesday.person("Kit Lowry").does_not_see("Key worker: ")
    await tuesday.until("12:00")
    await reported(tuesday)
    assert len(reviews(tuesday)) == 1


async def test_a_review_that_is_held_settles_it_and_the_count_begins_anew(tuesday: Day) -> None:
    for at in ("10:00", "10:10", "10:20"):
        await tuesday.until(at)
        await reported(tuesday)
    kit = tuesday.person("Kit Lowry")
    await kit.taps(
        "Log review", "CD34", outcome="goes on, changed", parents="yes", governors="yes", next_on="2026-10-12"
    )
    kit.sees("CD34 J.S.: emergency review after three incidents", "done by Kit Lowry")
    for at in ("11:00", "11:10"):
        await tuesday.until(at)
        await reported(tuesday)
    assert [row.state for row in reviews(tuesday)] == ["done"]
    await tuesday.until("11:20")
    await reported(tuesday)
    assert [row.state for row in reviews(tuesday)] == ["done", "open"]


async def test_a_review_logged_by_command_asks_which_while_an_emergency_review_is_open(tuesday: Day) -> None:
    for at in ("10:00", "10:10", "10:20"):
        await tuesday.until(at)
        await reported(tuesday)
    card = answered(await tuesday.person("Kit Lowry").types("/ap review CD34 goes on, changed, both told, next 12 Oct"))
    assert "There is more than one that it could be: choose which." in card.lines
    assert [row.heading for row in card.rows] == [
        "CD34 J.S., Oak Farm: Emergency review after three incidents",
        "CD34 J.S., Oak Farm",
    ]


async def test_each_half_term_and_each_placement_counts_for_itself(tuesday: Day) -> None:
    tuesday.database.run(
        lambda transaction: transaction.insert(
            terms,
            school_id=tuesday.ids["Hillcrest"],
            name="Summer",
            starts_on=date(2026, 6, 1),
            ends_on=date(2026, 7, 20),
        )
    )
    for at in ("10:00", "10:10"):
        await tuesday.until(at)
        await reported(tuesday)
    tuesday.change(incidents, incidents.c.id == 1, happened_at=tuesday.clock.now() - timedelta(days=90))
    await tuesday.until("10:20")
    await tuesday.person("Sam Taylor").presses(button(tuesday, "AB12"), kind="poor behaviour", parents="yes")
    await tuesday.until("10:30")
    await reported(tuesday)
    assert reviews(tuesday) == []
    card = answered(await tuesday.person("Dorothy Okafor").types("/ap status CD34"))
    assert "Incidents this half term: 2 · 2 of poor behaviour" in text_of(card)
    assert "Incidents" not in text_of(answered(await tuesday.person("Gary Stone").types("/ap status EF56")))


async def test_reported_by_mistake_it_counts_no_more_and_everybody_sees_that(morning: Day) -> None:
    await reported(morning)
    mistake = morning.person("Sam Taylor").button("Reported by mistake", "CD34")
    assert "not yours to withdraw" in text_of(answered(await morning.person("Bea Whitlock").presses(mistake)))
    assert "Withdrawn: CD34 J.S." in text_of(answered(await morning.person("Sam Taylor").presses(mistake)))
    morning.dsl("Hillcrest").sees("Withdrawn, reported by mistake: poor behaviour at Oak Farm")
    await morning.until("11:00")
    assert len(morning.dsl("Hillcrest").cards) == 1
    (row,) = kept(morning)
    assert row.withdrawn_by_id == morning.ids["Sam Taylor"]
    assert "Incidents" not in text_of(answered(await morning.person("Priya Nair").types("/ap status CD34")))
    await reported(morning)
    assert len(kept(morning)) == 2


async def test_reported_twice_it_is_one(morning: Day) -> None:
    await reported(morning, at="10:15")
    answer = await reported(morning, by="Bea Whitlock", at="10:15")
    assert "Reported already: poor behaviour" in text_of(answered(answer))
    assert len(kept(morning)) == 1
    assert len(morning.dsl("Hillcrest").cards) == 1


async def test_the_school_and_the_key_worker_report_what_they_hear_and_no_other_provider(morning: Day) -> None:
    for at, person in (("10:01", "Priya Nair"), ("10:05", "Kit Lowry"), ("10:09", "Helen Marsh")):
        assert "is told" in text_of(answered(await reported(morning, by=person, at=at))), person
    for person in ("Gary Stone", "Zainab Malik"):
        assert "not on a register of yours" in text_of(answered(await reported(morning, by=person)))
        answer = await morning.person(person).types("/ap incident CD34 behaviour parents told")
        assert "No pupil of yours" in text_of(answered(answer))
    assert "not linked" in text_of(answered(await stranger(morning).presses(button(morning))))
    morning.change(people, people.c.name == "Sam Taylor", leaves_on=morning.date - timedelta(days=1))
    assert "not linked" in text_of(answered(await reported(morning)))
    assert len(kept(morning)) == 3


@pytest.mark.parametrize("person", ["Sam Taylor", "Kit Lowry", "Zainab Malik", "Gary Stone"])
async def test_only_those_who_answer_for_the_school_take_it(morning: Day, person: str) -> None:
    await reported(morning)
    pressed = morning.dsl("Hillcrest").button("Acknowledge")
    assert "not yours to take" in text_of(answered(await morning.person(person).presses(pressed)))
    assert kept(morning)[0].acknowledged_at is None


async def test_where_nobody_can_be_reached_the_number_is_given_at_once(morning: Day) -> None:
    for name in ("Zainab Malik", "Alan Pugh", "Ada Quill"):
        morning.unreachable(name)
    answer = await morning.person("Sam Taylor").presses(button(morning, "GH78"), kind="accident", parents="no")
    text = text_of(answered(answer))
    assert "Telephone Marsh Lane now" in text
    assert "01632 960102" in text


async def test_no_provider_can_suspend(morning: Day) -> None:
    helped = text_of(answered(await morning.person("Sam Taylor").types("/ap help")))
    assert "suspend" not in helped.lower()
    answer = await morning.person("Sam Taylor").types("/ap absence CD34 suspended today")
    assert "Only the pupil's school plans absences" in text_of(answered(answer))


async def test_what_sounds_like_a_concern_is_none_of_an_incidents_words(morning: Day) -> None:
    answer = await morning.person("Sam Taylor").types("/ap incident CD34 behaviour he punched somebody parents told")
    assert "Is this a safeguarding concern?" in text_of(answered(answer))
    assert not answer.words_kept
    for table in (incidents, audit, messages, events, chat_lines):
        assert "punched" not in str(morning.rows(sa.select(table)))


async def test_reporting_telling_taking_and_looking_stand_in_the_audit_log(morning: Day) -> None:
    await morning.person("Sam Taylor").types("/ap incident CD34 accident parents told")
    await morning.person("Priya Nair").taps("Acknowledge", "CD34")
    rows = morning.rows(
        sa.select(audit.c.what, audit.c.subject).where(audit.c.what.like("incident%")).order_by(audit.c.id)
    )
    assert [tuple(row) for row in rows] == [
        ("incident read", f"pupil:{morning.ids['CD34']}"),
        ("incident reported", "incident:1"),
        ("incident sent", "incident:1"),
        ("incident acknowledged", "incident:1"),
    ]


GARBAGE = ("", " ", "�" * 300, "x" * 5000, "'; DROP TABLE incidents; --", "25:99", "2026-09-17", "not yet not yet")


@pytest.mark.parametrize("what", GARBAGE)
async def test_garbage_is_answered_and_nothing_is_kept(morning: Day, what: str) -> None:
    sam = morning.person("Sam Taylor")
    answered(await sam.types(f"/ap incident {what}"))
    answered(await sam.types(f"/ap incident CD34 {what}"))
    good = {"kind": "accident", "at": "", "parents": "no"}
    for name in ("kind", "parents"):
        answer = await sam.presses(button(morning), **{**good, name: what})
        assert answer.wrong_input == name
    if what.strip():
        assert (await sam.presses(button(morning), **{**good, "at": what})).wrong_input == "at"
    on_register = morning.provider("Oak Farm").button("Incident")
    assert (await sam.presses(on_register, **{**good, "pupil": what})).wrong_input == "pupil"
    for verb in ("incident", "incident_at", "incident_acknowledge", "incident_withdraw"):
        assert "yours" in text_of(answered(await sam.presses(Button("", verb, 99_999, what[:60]))))
    assert kept(morning) == []


async def test_an_emergency_review_is_of_no_use_once_the_placement_is_over(tuesday: Day) -> None:
    for at in ("10:00", "10:10", "10:20"):
        await tuesday.until(at)
        await reported(tuesday)
    assert [row.state for row in reviews(tuesday)] == ["open"]
    tuesday.change(placements, placements.c.ref.like("CD34%"), ends_on=tuesday.date)
    tuesday.date += timedelta(days=1)
    await tuesday.until("08:30")
    assert [row.state for row in reviews(tuesday)] == ["withdrawn"]
