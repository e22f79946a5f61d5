"""Logging what was done in seconds: contact, visit, review, report; in one line, or with the one button."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.cards import Button, Card
from apbot.domain.duties.registry import KINDS
from apbot.domain.roles import Role
from apbot.messages.duties import inputs_of
from apbot.store.tables import audit, chat_lines, covers, duties, duty_records, people, placements, plannings
from tests.day import Day, text_of
from tests.stories.cast import answered, hire, stranger

CONTACT = "phoned named contact, fine"
VISIT = "seen alone, happy there, wellbeing good, progress mixed, next 12 Oct"
REVIEW = "goes on as it is, parents told, governors not yet, next 12 Oct"
LATER = date(2026, 10, 12)


@pytest.fixture
def friday() -> Iterator[Day]:
    """The last school day of a week, on which contacts are due."""
    a_day = Day(date(2026, 9, 18))
    yield a_day
    a_day.close()


async def asks(day: Day, person: str, command: str) -> Card:
    """The card that a command is answered with."""
    return answered(await day.person(person).types(f"/ap {command}"))


def kept(day: Day, *conditions: sa.ColumnElement[bool]) -> list[sa.Row]:
    """What has been written down."""
    return list(day.rows(sa.select(duty_records).where(*conditions).order_by(duty_records.c.id)))


def state(day: Day, kind: str, reference: str = "CD34") -> list[str]:
    """What has become of the duties of this kind."""
    found = day.rows(
        sa.select(duties.c.state)
        .where(duties.c.kind == kind, duties.c.placement_id == day.ids[f"{reference} placement"])
        .order_by(duties.c.id)
    )
    return [row.state for row in found]


def log(day: Day, kind: str, reference: str = "CD34") -> Button:
    """The button that logs something for a placement."""
    return Button("Log", "duty_log", day.ids[f"{reference} placement"], kind, inputs=inputs_of(KINDS[kind]))


async def test_a_contact_in_one_line_is_recorded_read_back_and_settles_this_weeks(friday: Day) -> None:
    await friday.until("08:30")
    assert state(friday, "contact") == ["open"]
    card = await asks(friday, "Kit Lowry", f"contact CD34 {CONTACT}")
    assert card.heading == "Recorded: CD34 J.S.: contact with the provider"
    assert "Fri 18 Sep 2026: named contact, telephone, attendance: fine." in card.lines
    assert state(friday, "contact") == ["done"]
    friday.person("Kit Lowry").sees("CD34 J.S.: contact with the provider", "done by Kit Lowry")
    (row,) = kept(friday)
    assert (row.made_by_id, row.made_as) == (friday.ids["Kit Lowry"], "key worker")


async def test_a_visit_in_one_line_books_the_next_one(day: Day) -> None:
    await day.until("08:30")
    card = await asks(day, "Kit Lowry", f"visit CD34 {VISIT}")
    assert "The next one is booked for Mon 12 Oct 2026." in card.lines
    (row,) = kept(day)
    assert row.given == {
        "seen": "yes, alone",
        "view": "happy there",
        "words": "",
        "wellbeing": "good",
        "progress": "mixed",
    }
    assert (row.happened_on, row.next_on) == (day.date, LATER)


async def test_what_is_missing_is_asked_with_a_form_that_has_what_was_understood(day: Day) -> None:
    await day.until("08:30")
    card = await asks(day, "Kit Lowry", "visit CD34 seen alone, good, Joana likes the goats")
    assert card.heading == "Not recorded yet: CD34 J.S., visit to the pupil"
    assert "Not all of that was understood. What was is filled in." in card.lines
    assert "Still to say: The pupil's view; Wellbeing; Progress; The next one is on." in card.lines
    assert kept(day) == []
    kit = day.person("Kit Lowry")
    assert {each.name: each.value for each in kit.button("Log visit", "CD34").inputs}["seen"] == "yes, alone"
    await kit.taps("Log visit", "CD34", view="unsure", wellbeing="good", progress="good", next_on=LATER.isoformat())
    assert [row.given["seen"] for row in kept(day)] == ["yes, alone"]


async def test_the_command_alone_gives_the_one_button_whether_or_not_it_is_due(day: Day) -> None:
    await day.until("08:30")
    card = await asks(day, "Kit Lowry", "contact CD34")
    assert [button.verb for button in card.buttons_everywhere()] == ["duty_done"]
    await asks(day, "Kit Lowry", f"contact CD34 {CONTACT}")
    card = await asks(day, "Kit Lowry", "contact CD34")
    assert [button.verb for button in card.buttons_everywhere()] == ["duty_log", "duty_amend"]
    assert "nothing is due: it is kept all the same" in text_of(card)
    assert "last on Thu 17 Sep 2026: named contact, telephone, attendance: fine (Kit Lowry)" in text_of(card)
    await day.person("Kit Lowry").taps("Log contact", "CD34", whom="other staff", how="email")
    assert len(kept(day)) == 2


async def test_it_can_have_been_on_another_day_but_not_on_one_to_come(day: Day) -> None:
    await asks(day, "Kit Lowry", f"contact CD34 {CONTACT}, yesterday")
    assert [row.happened_on for row in kept(day)] == [day.date - timedelta(days=1)]
    kit = day.person("Kit Lowry")
    answer = await kit.presses(log(day, "contact"), whom="other staff", how="email", on="2026-09-18")
    assert "has not come yet" in text_of(answered(answer))
    answer = await kit.presses(log(day, "contact"), whom="other staff", how="email", on="2025-09-18")
    assert "Is the year right?" in text_of(answered(answer))
    assert len(kept(day)) == 1


async def test_typed_twice_it_is_recorded_once(day: Day) -> None:
    await asks(day, "Kit Lowry", f"contact CD34 {CONTACT}")
    card = await asks(day, "Kit Lowry", f"contact CD34 {CONTACT}")
    assert "Recorded already" in card.heading
    assert len(kept(day)) == 1


async def test_the_school_logs_for_its_pupils_and_the_key_worker_for_theirs(day: Day) -> None:
    hire(day, "Another Key Worker", Role.KEY_WORKER, "Hillcrest")
    for person in ("Kit Lowry", "Dorothy Okafor", "Helen Marsh", "Ada Quill"):
        assert "Recorded" in (await asks(day, person, f"contact CD34 {CONTACT}")).heading, person
    for person in ("Zainab Malik", "Another Key Worker", "Gary Stone"):
        assert "No pupil of yours" in (await asks(day, person, f"contact CD34 {CONTACT}")).heading, person
    answer = await day.person("Another Key Worker").presses(log(day, "contact"), whom="other staff", how="email")
    assert "not yours to log" in text_of(answered(answer))
    assert "not linked" in text_of(answered(await stranger(day).types(f"/ap contact CD34 {CONTACT}")))
    assert len(kept(day)) == 4


async def test_whoever_was_handed_a_duty_logs_it_too_and_nothing_else(friday: Day) -> None:
    hire(friday, "Nuala Byrne", Role.SENCO, "Hillcrest")
    await friday.until("08:30")
    assert "No pupil of yours" in (await asks(friday, "Nuala Byrne", f"contact CD34 {CONTACT}")).heading
    kit = friday.person("Kit Lowry")
    hands = next(
        button
        for row in kit.cards[-1].rows
        for button in row.buttons
        if row.heading == "CD34 J.S.: contact with the provider" and button.verb == "duty_hand"
    )
    await kit.presses(Button("Hand over", hands.verb, hands.subject, inputs=hands.inputs), whom="Nuala Byrne")
    assert "Recorded" in (await asks(friday, "Nuala Byrne", f"contact CD34 {CONTACT}")).heading
    assert "No pupil of yours" in (await asks(friday, "Nuala Byrne", f"visit CD34 {VISIT}")).heading


async def test_who_stands_in_for_a_key_worker_answers_their_list_and_logs_for_their_pupils(friday: Day) -> None:
    hire(friday, "Nuala Byrne", Role.KEY_WORKER, "Hillcrest")
    await friday.person("Kit Lowry").types("/ap cover today by Nuala Byrne")
    await friday.until("08:30")
    nuala = friday.person("Nuala Byrne")
    nuala.sees("CD34 J.S.: contact with the provider")
    answer = await nuala.taps("Log contact", "CD34", whom="named contact", how="telephone")
    assert "Recorded: CD34 J.S." in text_of(answered(answer))
    assert "Recorded" in (await asks(friday, "Nuala Byrne", f"contact AB12 {CONTACT}")).heading
    assert "No pupil of yours" in (await asks(friday, "Nuala Byrne", f"contact GH78 {CONTACT}")).heading
    friday.change(covers, sa.true(), ends_on=friday.date - timedelta(days=1))
    assert "No pupil of yours" in (await asks(friday, "Nuala Byrne", f"contact AB12 {CONTACT}")).heading


async def test_provider_staff_log_their_own_report_and_nothing_else(day: Day) -> None:
    card = await asks(day, "Sam Taylor", "report CD34 by email")
    assert "Recorded: CD34 J.S.: provider's report" in card.heading
    (row,) = kept(day)
    assert (row.kind, row.made_as) == ("report", "named contact")
    for command in (f"contact CD34 {CONTACT}", f"visit CD34 {VISIT}", f"review CD34 {REVIEW}"):
        assert "The pupil's key worker and the school log that" in (await asks(day, "Sam Taylor", command)).heading
    assert "No pupil of yours" in (await asks(day, "Gary Stone", "report CD34 by email")).heading
    answer = await day.person("Sam Taylor").presses(log(day, "contact"), whom="other staff", how="email")
    assert "not yours to log" in text_of(answered(answer))
    assert len(kept(day)) == 1


async def test_a_slip_is_amended_and_the_first_entry_is_kept(day: Day) -> None:
    await asks(day, "Kit Lowry", f"visit CD34 {VISIT}")
    kit = day.person("Kit Lowry")
    button = kit.button("Amend", "CD34")
    answer = answered(await kit.presses(button, wellbeing="mixed", next_on="2026-10-14"))
    assert answer.heading == "Amended: CD34 J.S.: visit to the pupil"
    first, second = kept(day)
    assert (first.given["wellbeing"], second.given["wellbeing"]) == ("good", "mixed")
    assert (first.amends_id, second.amends_id) == (None, first.id)
    assert second.duty_id == first.duty_id
    assert "(Kit Lowry, amended)" in text_of(await asks(day, "Kit Lowry", "visit CD34"))
    answer = answered(await kit.presses(button, wellbeing="good"))
    assert "has been amended since, by Kit Lowry" in answer.heading
    assert len(kept(day)) == 2
    assert "not yours to amend" in text_of(answered(await day.person("Sam Taylor").presses(button)))


async def test_an_amended_day_for_the_next_one_is_the_one_that_is_booked(day: Day) -> None:
    await day.until("08:30")
    await asks(day, "Kit Lowry", f"visit CD34 {VISIT}")
    await day.person("Kit Lowry").taps("Amend", "CD34", next_on="2026-10-05")
    day.change(duties, duties.c.kind == "visit", key=duties.c.key + " before")
    day.change(plannings, plannings.c.day == day.date, next_at=day.clock.now())
    await day.app.tick()
    booked = day.rows(
        sa.select(duties.c.booked_on).where(
            duties.c.kind == "visit", duties.c.state == "open", duties.c.placement_id == day.ids["CD34 placement"]
        )
    )
    assert [row.booked_on for row in booked] == [date(2026, 10, 5)]


async def test_the_last_visit_of_a_placement_that_ends_books_no_next_one(day: Day) -> None:
    await day.until("08:30")
    given = {"seen": "yes, alone", "view": "happy there", "wellbeing": "good", "progress": "good"}
    kit = day.person("Kit Lowry")
    await asks(day, "Kit Lowry", "visit CD34")
    asked = kit.button("Log visit", "CD34")
    assert "When is the next one?" in text_of(answered(await kit.presses(asked, **given)))
    assert kept(day) == []
    day.change(placements, placements.c.id == day.ids["CD34 placement"], ends_on=day.date + timedelta(days=7))
    await asks(day, "Kit Lowry", "visit CD34")
    asked = kit.button("Log visit", "CD34")
    assert [each.label for each in asked.inputs if each.optional and each.name == "next_on"] == [
        "The next one is on (empty: this was the last)"
    ]
    assert "Recorded: CD34 J.S.: visit to the pupil" in text_of(answered(await kit.presses(asked, **given)))
    assert [row.next_on for row in kept(day)] == [None]


async def test_the_school_and_the_key_worker_amend_what_others_wrote_and_a_provider_only_its_own(day: Day) -> None:
    await asks(day, "Dorothy Okafor", "report CD34 by email")
    button = day.person("Dorothy Okafor").button("Amend", "CD34")
    assert "not yours to amend" in text_of(answered(await day.person("Sam Taylor").presses(button, how="on paper")))
    assert "Amended" in text_of(answered(await day.person("Kit Lowry").presses(button, how="on paper")))
    await asks(day, "Sam Taylor", "report AB12 by email")
    own = day.person("Sam Taylor").button("Amend", "AB12")
    assert "Amended" in text_of(answered(await day.person("Sam Taylor").presses(own, how="on paper")))


async def test_who_has_yet_to_be_told_of_a_review_is_a_duty_until_they_are(day: Day) -> None:
    await day.until("08:30")
    await asks(day, "Kit Lowry", f"review CD34 {REVIEW}")
    amend = day.person("Kit Lowry").button("Amend", "CD34")
    assert state(day, "review told") == ["open"]
    assert "tell them of the review (governors)" in text_of(await asks(day, "Kit Lowry", "status CD34")).lower()
    await day.person("Kit Lowry").presses(amend, governors="yes")
    assert state(day, "review told") == ["done"]
    assert "tell them" not in text_of(await asks(day, "Kit Lowry", "status CD34")).lower()


async def test_a_review_of_which_everybody_knows_leaves_nothing_to_do(day: Day) -> None:
    await asks(day, "Kit Lowry", "review CD34 goes on, both told, next 12 Oct")
    assert state(day, "review told") == []
    assert [row.given["governors"] for row in kept(day)] == ["yes"]


async def test_a_worry_is_recorded_and_offers_a_call(day: Day) -> None:
    card = await asks(day, "Kit Lowry", "contact CD34 phoned named contact, attendance a worry")
    assert "Recorded" in card.heading
    assert [button.label for button in card.buttons] == ["Amend", "Raise a concern"]
    await day.person("Kit Lowry").taps("Raise a concern")
    day.dsl("Hillcrest").sees("Kit Lowry at Hillcrest asks you to telephone now")


async def test_words_that_could_be_a_concern_are_kept_neither_typed_nor_in_a_form(day: Day) -> None:
    answer = await day.person("Kit Lowry").types(f"/ap contact CD34 {CONTACT}, bruises on her arm")
    assert not answer.words_kept
    assert "Is this a safeguarding concern?" in text_of(answered(answer))
    assert kept(day) == []
    card = answered(
        await day.person("Kit Lowry").presses(
            log(day, "contact"), whom="named contact", how="telephone", follow_up="ask about the bruises"
        )
    )
    assert "was not kept: it could be a concern" in text_of(card)
    assert [button.label for button in card.buttons] == ["Amend", "Raise a concern"]
    for table in (duty_records, audit, chat_lines):
        assert "bruises" not in str(day.rows(sa.select(table)))


async def test_the_pupils_name_is_kept_in_no_words(day: Day) -> None:
    answer = await day.person("Kit Lowry").presses(
        log(day, "contact"), whom="named contact", how="telephone", follow_up="Ask Joana's tutor for the timetable"
    )
    assert "takes no names" in text_of(answered(answer))
    assert answer.wrong_input == "follow_up"
    assert kept(day) == []


async def test_of_several_placements_it_is_asked_which(day: Day) -> None:
    def second(transaction):
        row = transaction.row(sa.select(placements).where(placements.c.id == day.ids["CD34 placement"]))._asdict()
        row.pop("id")
        return transaction.insert(placements, **{**row, "ref": "CD34-2", "provider_id": day.ids["The Garage"]})

    other = day.database.run(second)
    card = await asks(day, "Kit Lowry", f"contact CD34 {CONTACT}")
    assert "There is more than one that it could be: choose which." in card.lines
    assert {row.heading for row in card.rows} == {"CD34 J.S., Oak Farm", "CD34 J.S., The Garage"}
    button = next(each for each in card.buttons_everywhere() if "The Garage" in each.describes)
    await day.person("Kit Lowry").presses(button)
    assert [row.placement_id for row in kept(day)] == [other]
    assert [row.given["how"] for row in kept(day)] == ["telephone"]


async def test_a_placement_that_has_not_begun_has_nothing_to_log(day: Day) -> None:
    day.change(placements, placements.c.id == day.ids["CD34 placement"], starts_on=date(2026, 10, 5))
    card = await asks(day, "Kit Lowry", f"contact CD34 {CONTACT}")
    assert "CD34 J.S. starts at Oak Farm on Mon 5 Oct 2026: not yet." in card.heading


async def test_whoever_has_left_logs_nothing(day: Day) -> None:
    day.change(people, people.c.name == "Kit Lowry", leaves_on=day.date - timedelta(days=1))
    assert "not linked" in text_of(await asks(day, "Kit Lowry", f"contact CD34 {CONTACT}"))


async def test_every_look_and_every_entry_stands_in_the_audit_log(day: Day) -> None:
    await asks(day, "Kit Lowry", f"contact CD34 {CONTACT}")
    await day.person("Kit Lowry").taps("Amend", "CD34", how="email")
    rows = day.rows(sa.select(audit.c.what, audit.c.subject).where(audit.c.person_id == day.ids["Kit Lowry"]))
    assert [tuple(row) for row in rows] == [
        ("contact read", f"pupil:{day.ids['CD34']}"),
        ("contact recorded", "record:1"),
        ("contact amended", "record:2"),
    ]


GARBAGE = ("", " ", "�" * 300, "x" * 5000, "'; DROP TABLE duties; --", "0", "2026-13-45", "next next next", "1/1 2/2")


@pytest.mark.parametrize("what", GARBAGE)
async def test_garbage_is_answered_and_nothing_is_recorded(day: Day, what: str) -> None:
    kit = day.person("Kit Lowry")
    for command in ("contact", "visit", "review", "report"):
        answered(await kit.types(f"/ap {command} {what}"))
        answered(await kit.types(f"/ap {command} CD34 {what}"))
    for kind in ("contact", "visit"):
        button = log(day, kind)
        filled = {each.name: what for each in button.inputs}
        answered(await kit.presses(button, **filled))
    for verb, subject, value in (
        ("duty_log", day.ids["CD34 placement"], "target end date"),
        ("duty_log", day.ids["CD34 placement"], what[:60]),
        ("duty_log", 99_999, "contact"),
        ("duty_amend", 99_999, ""),
    ):
        assert "not yours" in text_of(answered(await kit.presses(Button("", verb, subject, value))))
    assert kept(day) == []
