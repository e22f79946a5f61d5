"""What people type in answer to an alert: "on it" takes it on; what seems to state an outcome is never guessed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.cards import Button
from apbot.domain.roles import Role
from apbot.store.tables import audit, concerns, escalated, escalations, people, roles
from tests.day import Day, text_of
from tests.stories.cast import answered, hire


@pytest.fixture
async def alert(day: Day) -> Day:
    """It is ten o'clock; at Oak Farm nobody has said anything, at the Garage everybody is there."""
    await day.until("09:31")
    await day.provider("The Garage").taps("All arrived")
    await day.until("10:00")
    return day


@pytest.fixture
async def two(day: Day) -> Day:
    """It is ten o'clock, and neither provider has said anything."""
    await day.until("10:00")
    return day


def states(day: Day, school: str = "Hillcrest") -> list[str]:
    rows = day.rows(
        sa.select(escalations.c.state).where(escalations.c.school_id == day.ids[school]).order_by(escalations.c.id)
    )
    return [row.state for row in rows]


def outcomes(day: Day) -> int:
    return len(day.rows(sa.select(escalated).where(escalated.c.outcome.is_not(None))))


@pytest.mark.parametrize("words", ["on it", "I'll deal with it", "got this", "ack", "On it, ringing mum now"])
async def test_saying_that_one_deals_with_it_acknowledges_it(alert: Day, words: str) -> None:
    said = answered(await alert.dsl("Hillcrest").types(words))
    assert said.heading == "Acknowledged"
    assert "Not arrived: 2 pupils, Oak Farm, am" in said.lines
    assert states(alert) == ["acknowledged"]
    alert.attendance_contact("Hillcrest").sees("Acknowledged by Dorothy Okafor at 10:00")
    assert alert.rows(sa.select(audit).where(audit.c.what == "escalation acknowledged"))
    assert states(alert, "Marsh Lane") == ["open"], "another school's"


@pytest.mark.parametrize(
    "words", ["I can't deal with it", "not on it", "who is on it?", "Tom is on it", "on it?", "please deal with it"]
)
async def test_anything_else_acknowledges_nothing_and_is_answered_with_the_buttons(alert: Day, words: str) -> None:
    dsl = alert.dsl("Hillcrest")
    said = text_of(answered(await dsl.types(words)))
    assert "did nothing" in said
    assert "Oak Farm was asked and has said nothing" in said
    assert states(alert) == ["open"]
    await dsl.taps("Acknowledge")
    assert states(alert) == ["acknowledged"]


@pytest.mark.parametrize("words", ["CD34 is at home, mum confirmed", "cd34 safe at home", "on it, CD34 is at home"])
async def test_words_that_state_an_outcome_close_nothing_and_lead_to_the_button(alert: Day, words: str) -> None:
    dsl = alert.dsl("Hillcrest")
    said = answered(await dsl.types(words))
    assert said.heading == "Nothing was recorded yet: choose what is established"
    assert [row.heading for row in said.rows] == ["CD34 J.S."]
    assert states(alert) == ["open"]
    assert outcomes(alert) == 0
    await dsl.taps("Record outcome", "CD34", outcome="at home ill, confirmed with a parent")
    assert outcomes(alert) == 1


async def test_an_outcome_without_a_name_offers_every_pupil(alert: Day) -> None:
    said = answered(await alert.dsl("Hillcrest").types("safe at home"))
    assert [row.heading for row in said.rows] == ["AB12 J.W.", "CD34 J.S."]
    assert outcomes(alert) == 0


async def test_where_several_are_open_it_is_asked_which_one(two: Day) -> None:
    dsl = two.dsl("Hillcrest")
    said = answered(await dsl.types("on it"))
    assert said.heading.startswith("Which one?")
    assert sorted(row.heading for row in said.rows) == [
        "Not arrived: 1 pupil, The Garage, am",
        "Not arrived: 2 pupils, Oak Farm, am",
    ]
    assert states(two) == ["open", "open"]
    await dsl.presses(next(row for row in said.rows if "Garage" in row.heading).buttons[0])
    assert sorted(states(two)) == ["acknowledged", "open"]
    assert answered(await dsl.types("on it")).heading == "Acknowledged", "one is left"
    assert states(two) == ["acknowledged", "acknowledged"]


async def test_a_reply_to_one_of_several_alerts_is_about_that_one(two: Day) -> None:
    await two.dsl("Hillcrest").types("on it", replying_to="Garage")
    taken = two.rows(sa.select(escalations.c.register_id).where(escalations.c.state == "acknowledged"))
    assert len(taken) == 1
    two.dsl("Hillcrest").sees("Not arrived: 1 pupil, The Garage", "Acknowledged by Dorothy Okafor")


async def test_a_reference_says_which_one_is_meant(two: Day) -> None:
    said = answered(await two.dsl("Hillcrest").types("I'm on EF56"))
    assert said.lines[0] == "Not arrived: 1 pupil, The Garage, am"
    assert sorted(states(two)) == ["acknowledged", "open"]


async def test_what_a_colleague_has_taken_on_is_said_with_their_name(alert: Day) -> None:
    await alert.attendance_contact("Hillcrest").types("on it")
    said = text_of(answered(await alert.dsl("Hillcrest").types("on it")))
    assert "Somebody has acknowledged it already" in said
    assert "Acknowledged by Priya Nair at 10:00" in said
    asked = text_of(answered(await alert.dsl("Hillcrest").types("who is on it?")))
    assert "Acknowledged by Priya Nair at 10:00" in asked


@pytest.mark.parametrize("words", ["ok", "thanks", "noted"])
async def test_a_mere_ok_is_not_taken_for_an_acknowledgement_and_says_so(alert: Day, words: str) -> None:
    dsl = alert.dsl("Hillcrest")
    assert answered(await dsl.types(words)).heading == "Nobody has acknowledged it yet"
    assert states(alert) == ["open"]
    await dsl.taps("Acknowledge")
    assert (await dsl.types(words)).card is None, "somebody deals with it: nothing is to be said"


async def test_the_same_words_told_of_again_are_answered_the_same(alert: Day) -> None:
    dsl = alert.dsl("Hillcrest")
    first = await dsl.types("on it", event_id="words")
    assert await dsl.types("on it", event_id="words") == first


@pytest.mark.parametrize("who", ["Tom Beckett", "Zainab Malik", "Kit Lowry", "Sam Taylor"])
async def test_who_was_not_asked_acknowledges_nothing_by_words(alert: Day, who: str) -> None:
    """The deputy has not been told yet, another school's DSL has an alert of her own, a key worker a copy."""
    await alert.person(who).types("on it")
    assert states(alert) == ["open"]


async def test_what_is_said_in_a_providers_conversation_is_about_its_register(alert: Day) -> None:
    also = {"role": Role.PROVIDER_STAFF.value, "provider_id": alert.ids["Oak Farm"]}
    alert.database.run(lambda t: t.insert(roles, person_id=alert.ids["Dorothy Okafor"], **also))
    await alert.provider("Oak Farm", "Dorothy Okafor").types("on it")
    assert states(alert) == ["open"]
    await alert.dsl("Hillcrest").types("on it")
    assert states(alert) == ["acknowledged"], "in her own conversation it is about the alert"


async def test_after_it_is_settled_a_reply_says_that_nothing_is_left(alert: Day) -> None:
    await alert.provider("Oak Farm").types("all in")
    said = answered(await alert.dsl("Hillcrest").types("on it", replying_to="Stood down"))
    assert said.heading == "Nothing is left to do there"


async def test_a_leaver_takes_nothing_on(alert: Day) -> None:
    alert.change(people, people.c.name == "Dorothy Okafor", leaves_on=alert.date - timedelta(days=1))
    assert "not linked" in text_of(answered(await alert.dsl("Hillcrest").types("on it")))
    assert states(alert) == ["open"]


async def test_a_worry_typed_to_an_alert_offers_the_call_and_the_outcome(alert: Day) -> None:
    said = await alert.dsl("Hillcrest").types("CD34 is in hospital")
    assert not said.words_kept
    text = text_of(answered(said))
    assert "Is this a safeguarding concern?" in text
    assert "[Record outcome]" in text
    assert states(alert) == ["open"]


async def test_on_it_answers_a_concern_where_that_is_all_there_is(day: Day) -> None:
    await day.until("08:00")
    await day.person("Sam Taylor").presses(Button("Ask", "concern", day.ids["Hillcrest"]))
    said = answered(await day.dsl("Hillcrest").types("on it"))
    assert "You have told Sam Taylor that you are telephoning" in said.heading
    assert day.rows(sa.select(concerns.c.acknowledged_by_id))[0].acknowledged_by_id == day.ids["Dorothy Okafor"]


@pytest.mark.parametrize("words", ["hello", "Hi!", "good morning"])
async def test_a_greeting_is_answered_in_short_with_what_one_can_do(day: Day, words: str) -> None:
    school = text_of(answered(await day.dsl("Hillcrest").types(words)))
    assert "on it" in school
    assert "all in except" not in school
    provider = text_of(answered(await day.person("Sam Taylor").types(words)))
    assert "all in except" in provider
    assert "/ap help" in provider
    assert len(provider) < 300


@pytest.mark.parametrize("words", ["help", "Help!", "?", "help please"])
async def test_help_needs_no_ap(day: Day, words: str) -> None:
    for who in ("Dorothy Okafor", "Sam Taylor"):
        assert "/ap today" in text_of(answered(await day.person(who).types(words)))


async def test_a_greeting_among_colleagues_gets_no_answer(day: Day) -> None:
    await day.until("09:31")
    for words in ("hello", "good morning", "morning all", "thanks"):
        assert (await day.provider("Oak Farm").types(words)).card is None


async def test_help_at_a_governors(day: Day) -> None:
    governor = hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    assert "/ap help" in text_of(answered(await governor.types("hello")))
