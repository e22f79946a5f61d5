"""A possible safeguarding concern: the DSL is asked to telephone, until somebody says that they do."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.cards import Button, Reply
from apbot.channels.port import Outcome, Receipt
from apbot.domain.access import Actor, RoleAt
from apbot.domain.roles import Role
from apbot.store.concerns import schools_to_ask
from apbot.store.tables import (
    addresses,
    audit,
    channels,
    chat_lines,
    concerns,
    events,
    messages,
    people,
    placements,
    roles,
    schools,
)
from tests.day import Conversation, Day, text_of
from tests.stories.cast import answered, hire, stranger

WORDS = "CD34 told me that somebody at home hit her and she is scared"


def to_school(day: Day, place: str) -> Button:
    """The button that asks a school's DSL to telephone."""
    return Button("Ask", "concern", day.ids[place])


async def raised(day: Day, by: str = "Sam Taylor", place: str = "Hillcrest") -> Reply:
    """Somebody presses that button in their own conversation."""
    return await day.person(by).presses(to_school(day, place))


def kept(day: Day) -> list[sa.Row]:
    """The concerns that are kept."""
    return list(day.rows(sa.select(concerns).order_by(concerns.c.id)))


async def test_words_that_could_be_a_concern_lead_to_a_call_and_are_kept_nowhere(day: Day) -> None:
    await day.until("09:40")
    provider = day.provider("Oak Farm")
    offer = await provider.types(WORDS)
    assert not offer.words_kept
    reply = await provider.taps("Ask Hillcrest's DSL")
    assert "Hillcrest is to telephone you now" in text_of(answered(reply))
    for person in ("Dorothy Okafor", "Tom Beckett"):
        day.person(person).sees(
            "Sam Taylor at Oak Farm asks you to telephone now: a possible safeguarding concern",
            "Telephone Oak Farm: 01632 960201",
            "No details are kept here",
        )
    for table in (concerns, messages, audit, events, chat_lines):
        assert "scared" not in str(day.rows(sa.select(table)))
        assert "at home" not in str(day.rows(sa.select(table)))


async def test_it_goes_to_the_dsl_and_the_deputy_at_once_and_to_nobody_else(day: Day) -> None:
    await raised(day)
    for person in ("Dorothy Okafor", "Tom Beckett"):
        assert len(day.person(person).cards) == 1
    for person in ("Priya Nair", "Helen Marsh", "Kit Lowry", "Zainab Malik", "Ada Quill", "Gary Stone"):
        day.person(person).sees_nothing()


async def test_it_is_repeated_every_ten_minutes_and_the_head_is_asked_from_the_second_time_on(day: Day) -> None:
    await day.until("08:00")
    await raised(day)
    await day.until("08:09")
    assert len(day.dsl("Hillcrest").cards) == 1
    await day.until("08:10")
    assert len(day.dsl("Hillcrest").cards) == 2
    day.dsl("Hillcrest").sees("Asked again: nobody has answered since 08:00")
    day.person("Helen Marsh").sees_nothing()
    await day.until("08:20")
    assert len(day.dsl("Hillcrest").cards) == 3
    day.person("Helen Marsh").sees("Sam Taylor at Oak Farm asks you to telephone now")
    await day.until("09:20")
    assert len(day.dsl("Hillcrest").cards) == 9


async def test_whoever_takes_it_is_shown_to_all_and_to_whoever_raised_it(day: Day) -> None:
    await day.until("08:00")
    await raised(day)
    await day.until("08:12")
    reply = await day.person("Tom Beckett").taps("I am telephoning now")
    assert "Telephone Oak Farm: 01632 960201" in text_of(answered(reply))
    for person in ("Dorothy Okafor", "Tom Beckett"):
        assert all("Tom Beckett is telephoning Sam Taylor" in card.heading for card in day.person(person).cards)
    day.person("Sam Taylor").sees("Tom Beckett at Hillcrest is telephoning you", "01632 960101")
    await day.until("09:00")
    assert len(day.dsl("Hillcrest").cards) == 2
    assert kept(day)[0].next_at is None


async def test_the_second_to_answer_is_told_who_was_first(day: Day) -> None:
    await raised(day)
    button = day.person("Dorothy Okafor").button("I am telephoning now")
    await day.person("Tom Beckett").presses(button)
    reply = await day.person("Dorothy Okafor").presses(button)
    assert "Tom Beckett took it at 04:00" in text_of(answered(reply))
    assert kept(day)[0].acknowledged_by_id == day.ids["Tom Beckett"]


async def test_the_same_tap_twice_is_one_concern_and_one_message(day: Day) -> None:
    sam = day.person("Sam Taylor")
    first = await sam.presses(to_school(day, "Hillcrest"), event_id="tap")
    assert await sam.presses(to_school(day, "Hillcrest"), event_id="tap") == first
    assert len(kept(day)) == 1
    assert len(day.dsl("Hillcrest").cards) == 1


async def test_pressing_again_asks_again_and_opens_no_other(day: Day) -> None:
    await raised(day)
    assert "Asked again" in text_of(answered(await raised(day)))
    assert len(kept(day)) == 1
    assert len(day.dsl("Hillcrest").cards) == 2
    await day.dsl("Hillcrest").taps("I am telephoning now")
    assert text_of(answered(await raised(day))).startswith("Asked: ")
    assert len(kept(day)) == 2


async def test_two_people_and_two_schools_are_concerns_of_their_own(day: Day) -> None:
    await raised(day)
    await raised(day, by="Bea Whitlock")
    await raised(day, place="Marsh Lane")
    assert len(kept(day)) == 3
    day.person("Zainab Malik").sees("Sam Taylor at Oak Farm asks you to telephone now")


async def test_the_conversation_says_which_provider_it_comes_from(day: Day) -> None:
    day.database.run(
        lambda transaction: transaction.insert(
            roles, person_id=day.ids["Sam Taylor"], role=Role.PROVIDER_STAFF.value, provider_id=day.ids["The Garage"]
        )
    )
    await Conversation(day, f"provider:{day.ids['The Garage']}", "Sam Taylor").presses(to_school(day, "Hillcrest"))
    day.dsl("Hillcrest").sees("Sam Taylor at The Garage asks you to telephone now")


@pytest.mark.parametrize("person", ["Kit Lowry", "Priya Nair", "a SENCO", "a governor"])
async def test_anybody_at_the_school_may_raise_one(day: Day, person: str) -> None:
    hire(day, "a SENCO", Role.SENCO, "Hillcrest")
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    await raised(day, by=person)
    day.dsl("Hillcrest").sees(f"{person} at Hillcrest asks you to telephone now")


async def test_the_dsl_who_raises_one_is_not_asked_to_telephone_themselves(day: Day) -> None:
    await raised(day, by="Dorothy Okafor")
    day.dsl("Hillcrest").sees_nothing()
    day.person("Tom Beckett").sees("Dorothy Okafor at Hillcrest asks you to telephone now")


async def test_it_may_be_about_a_pupil_whose_placement_is_over(day: Day) -> None:
    day.change(placements, placements.c.ref == "EF56-THE", ends_on=day.date - timedelta(days=20))
    assert "Asked" in text_of(answered(await raised(day, by="Gary Stone")))


@pytest.mark.parametrize(("person", "place"), [("Gary Stone", "Marsh Lane"), ("Alan Pugh", "Hillcrest")])
async def test_nobody_raises_one_with_a_school_that_has_no_pupil_with_them(day: Day, person: str, place: str) -> None:
    assert "That school has no pupil with you" in text_of(answered(await raised(day, by=person, place=place)))
    assert kept(day) == []


async def test_a_stranger_and_a_leaver_raise_nothing(day: Day) -> None:
    day.change(people, people.c.name == "Sam Taylor", leaves_on=day.date - timedelta(days=1))
    for nobody in (stranger(day), day.person("Sam Taylor")):
        assert "not linked" in text_of(answered(await nobody.presses(to_school(day, "Hillcrest"))))
    assert kept(day) == []


@pytest.mark.parametrize("person", ["Sam Taylor", "Kit Lowry", "Zainab Malik", "Gary Stone"])
async def test_only_those_who_answer_for_the_school_take_it(day: Day, person: str) -> None:
    await raised(day)
    button = day.dsl("Hillcrest").button("I am telephoning now")
    assert "not yours to answer" in text_of(answered(await day.person(person).presses(button)))
    assert kept(day)[0].acknowledged_at is None


async def test_without_a_dsl_who_can_be_reached_the_next_in_line_is_asked(day: Day) -> None:
    day.unreachable("Dorothy Okafor")
    day.unreachable("Tom Beckett")
    await raised(day)
    day.person("Helen Marsh").sees("asks you to telephone now")


async def test_where_nobody_can_be_reached_whoever_raised_it_is_given_the_number_at_once(day: Day) -> None:
    for name in ("Zainab Malik", "Alan Pugh", "Ada Quill"):
        day.unreachable(name)
    reply = text_of(answered(await raised(day, place="Marsh Lane")))
    assert "Nobody at Marsh Lane can be reached by chat: telephone now" in reply
    assert "01632 960102" in reply
    assert [row.step for row in kept(day)] == [0]
    await day.until("04:20")
    assert [row.step for row in kept(day)] == [2]


async def test_where_nobody_can_be_reached_any_more_whoever_raised_it_must_telephone(day: Day) -> None:
    await raised(day, place="Marsh Lane")
    for name in ("Zainab Malik", "Alan Pugh", "Ada Quill"):
        day.unreachable(name)
    await day.until("04:09")
    day.person("Sam Taylor").does_not_see("can be reached by chat")
    await day.until("04:11")
    day.person("Sam Taylor").sees("Nobody at Marsh Lane can be reached by chat: telephone now", "01632 960102")


async def test_where_those_who_were_asked_are_not_reached_the_next_in_line_is_asked_at_once(day: Day) -> None:
    day.recorder.answers = [Receipt(Outcome.REFUSED, why="no such person")] * 2
    await raised(day)
    await day.until("04:01")
    day.person("Helen Marsh").sees("asks you to telephone now")


async def test_cover_holds_for_concerns_too(day: Day) -> None:
    await day.person("Dorothy Okafor").types("/ap cover today by Priya Nair")
    await raised(day)
    day.person("Priya Nair").sees("asks you to telephone now")


async def test_a_bot_that_was_down_asks_again_as_soon_as_it_is_up(day: Day) -> None:
    await raised(day)
    await day.jump("07:00")
    assert len(day.dsl("Hillcrest").cards) == 2


async def test_who_raised_was_asked_and_took_it_stands_in_the_audit_log(day: Day) -> None:
    await raised(day)
    await day.dsl("Hillcrest").taps("I am telephoning now")
    rows = day.rows(sa.select(audit).where(audit.c.subject == "concern:1").order_by(audit.c.id))
    assert [(row.what, row.person_id) for row in rows] == [
        ("concern raised", day.ids["Sam Taylor"]),
        ("concern sent", day.ids["Sam Taylor"]),
        ("concern acknowledged", day.ids["Dorothy Okafor"]),
    ]


async def test_an_admin_over_everything_may_ask_every_school(day: Day) -> None:
    admin = Actor(day.ids["Ada Quill"], "Ada Quill", (RoleAt(Role.ADMIN),), "web")
    assert day.database.run(schools_to_ask, admin) == {day.ids["Hillcrest"], day.ids["Marsh Lane"]}


async def test_a_concern_typed_where_there_is_no_register_still_offers_a_call(day: Day) -> None:
    for name in ("Sam Taylor", "Kit Lowry"):
        answer = await day.person(name).types("I am worried about bruises I have seen")
        assert answer.card is not None
        assert any(button.verb == "concern" for button in answer.card.buttons), name
        assert not answer.words_kept


async def test_a_concern_typed_after_a_command_is_not_kept_either(day: Day) -> None:
    answer = await day.person("Sam Taylor").types("/ap help she told me her uncle hit her")
    assert answer.card is not None
    assert any(button.verb == "concern" for button in answer.card.buttons)
    assert not answer.words_kept


async def test_every_register_has_the_button_and_asks_which_school_where_there_are_several(day: Day) -> None:
    await day.until("09:31")
    farm = day.provider("Oak Farm")
    card = answered(await farm.taps("Raise a concern"))
    assert card.heading == "Which school is the pupil from?"
    assert {button.label for button in card.buttons} == {
        "Ask Hillcrest's DSL to call me now",
        "Ask Marsh Lane's DSL to call me now",
    }
    assert kept(day) == []
    await farm.taps("Ask Marsh Lane's DSL")
    day.person("Zainab Malik").sees("Sam Taylor at Oak Farm asks you to telephone now")
    await farm.taps("All arrived")
    assert farm.button("Raise a concern")
    garage = day.provider("The Garage")
    assert "Asked: Hillcrest" in text_of(answered(await garage.taps("Raise a concern")))
    day.dsl("Hillcrest").sees("Gary Stone at The Garage asks you to telephone now")


async def test_on_a_register_that_is_not_theirs_it_asks_their_own_school(day: Day) -> None:
    await day.until("09:31")
    button = day.provider("The Garage").button("Raise a concern")
    card = answered(await day.person("Alan Pugh").presses(button))
    assert [each.label for each in card.buttons] == ["Ask Marsh Lane's DSL to call me now"]
    assert kept(day) == []


async def test_the_command_asks_at_once_where_it_is_certain_whom(day: Day) -> None:
    assert "Asked: Hillcrest" in text_of(answered(await day.person("Kit Lowry").types("/ap concern")))
    assert "Asked: Hillcrest" in text_of(answered(await day.person("Gary Stone").types("/ap concern")))
    card = answered(await day.person("Sam Taylor").types("/ap concern"))
    assert card.heading == "Whose DSL is to call you now?"
    assert len(card.buttons) == 2
    assert "Asked: Marsh Lane" in text_of(answered(await day.person("Sam Taylor").types("/ap concern marsh")))
    assert "Asked: Hillcrest" in text_of(answered(await day.person("Bea Whitlock").types("/ap concern CD34")))
    assert len(kept(day)) == 4


async def test_the_pupil_may_be_named_by_reference_and_never_has_to_be(day: Day) -> None:
    await day.person("Sam Taylor").types("/ap concern hillcrest")
    day.dsl("Hillcrest").does_not_see("CD34")
    await day.person("Sam Taylor").types("/ap concern CD34")
    assert len(kept(day)) == 1
    day.dsl("Hillcrest").sees("About CD34 J.S.")
    assert kept(day)[0].pupil_id == day.ids["CD34"]


async def test_a_reference_that_is_not_theirs_offers_their_schools_and_keeps_nothing_of_what_was_typed(
    day: Day,
) -> None:
    answer = await day.person("Gary Stone").types("/ap concern AB12 zzyzx")
    assert not answer.words_kept
    assert [button.label for button in answered(answer).buttons] == ["Ask Hillcrest's DSL to call me now"]
    assert kept(day) == []
    for table in (audit, events, chat_lines):
        assert "zzyzx" not in str(day.rows(sa.select(table)))


async def test_of_very_many_schools_it_is_asked_to_write_which(day: Day) -> None:
    def more(transaction):
        for number in range(12):
            transaction.insert(schools, ref=f"S{number}", name=f"School {number}", telephone="01632 960199")

    day.database.run(more)
    card = answered(await day.person("Ada Quill").types("/ap concern"))
    assert card.buttons == ()
    assert "There are 14 schools. Write which: /ap concern NAME" in card.lines
    assert "School 7: 01632 960199" in text_of(answered(await day.person("Ada Quill").types("/ap concern school 7")))


async def test_it_goes_to_every_channel_that_they_have_and_taken_in_one_it_shows_in_all(day: Day) -> None:
    dorothy = day.ids["Dorothy Okafor"]

    def two_more(transaction):
        for rank, channel in enumerate(("slack", "sms"), start=1):
            transaction.insert(channels, name=channel)
            transaction.insert(addresses, person_id=dorothy, channel=channel, address=f"{channel}-1", rank=rank)

    day.database.run(two_more)
    await raised(day)
    to_dorothy = sa.select(messages).where(messages.c.person_id == dorothy, messages.c.kind == "concern")
    assert {row.channel for row in day.rows(to_dorothy)} == {"web", "slack", "sms"}
    day.change(messages, messages.c.channel != "web", state="sent", next_at=None, sent_at=day.clock.now())
    await day.person("Tom Beckett").taps("I am telephoning now")
    assert all(row.wanted == 2 for row in day.rows(to_dorothy))
    assert {row.channel for row in day.rows(to_dorothy) if row.next_at is not None} == {"slack", "sms"}


async def test_the_dsls_side_adds_the_safeguarding_systems_reference(day: Day) -> None:
    await raised(day)
    await day.dsl("Hillcrest").taps("I am telephoning now")
    answer = await day.dsl("Hillcrest").taps("Add the safeguarding system's reference", reference="CPOMS-2026/0142")
    assert "concern 1 is CPOMS-2026/0142" in text_of(answered(answer))
    for person in ("Dorothy Okafor", "Tom Beckett"):
        day.person(person).sees("In the safeguarding system: CPOMS-2026/0142")
    await day.person("Tom Beckett").taps("Change the reference", reference="MC-77")
    assert kept(day)[0].reference == "MC-77"
    noted = day.rows(sa.select(audit.c.detail).where(audit.c.what == "concern reference").order_by(audit.c.id))
    assert [row.detail for row in noted] == [{"before": ""}, {"before": "CPOMS-2026/0142"}]


NO_REFERENCES = (
    *("", " ", "-", "Joana", "joana-1", "Silva-2026", "he told me that", "hit-her-at-home-2", "CPOMS", "a" * 41),
    *("12 34", "12;34", "<b>1</b>", "№12", "１２３", "12\n34", "😀1", "'; DROP TABLE concerns; --1"),
)


@pytest.mark.parametrize("given", NO_REFERENCES)
async def test_a_name_or_a_sentence_is_no_reference(day: Day, given: str) -> None:
    await raised(day)
    await day.dsl("Hillcrest").taps("I am telephoning now")
    answer = await day.dsl("Hillcrest").taps("Add the safeguarding system's reference", reference=given)
    assert answer.wrong_input == "reference"
    assert "Nothing was recorded" in text_of(answered(answer))
    assert kept(day)[0].reference == ""


async def test_nobody_else_adds_a_reference_and_not_before_it_is_answered(day: Day) -> None:
    await raised(day)
    button = Button("Add", "concern_reference", 1)
    answer = await day.dsl("Hillcrest").presses(Button("Add", "concern_reference", 1, inputs=()))
    assert "Nobody has answered that yet" in text_of(answered(answer))
    await day.dsl("Hillcrest").taps("I am telephoning now")
    for person in ("Sam Taylor", "Zainab Malik", "Kit Lowry"):
        assert "not yours to answer" in text_of(answered(await day.person(person).presses(button)))
    assert "not yours" in text_of(answered(await day.dsl("Hillcrest").presses(Button("", "concern_reference", 99))))
