"""Cards: kept as JSON and back, small enough for every platform, and fit for a lock screen."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from apbot.cards import (
    Action,
    Button,
    Card,
    Choice,
    Input,
    InputKind,
    Row,
    Style,
    Tone,
    card_from_json,
)
from apbot.handlers.dispatch import HANDLERS
from apbot.messages.registry import KINDS
from apbot.store.tables import messages
from tests import school
from tests.day import Day

WORDS = st.text(max_size=30)
LABELS = st.text(min_size=1, max_size=30)
INPUTS = st.builds(
    Input,
    name=LABELS,
    label=LABELS,
    kind=st.sampled_from(InputKind),
    choices=st.lists(st.builds(Choice, WORDS, WORDS), max_size=3).map(tuple),
    optional=st.booleans(),
    max_length=st.integers(1, 3000),
    value=WORDS,
)
BUTTONS = st.builds(
    Button,
    label=LABELS,
    verb=LABELS,
    subject=st.integers(0, 2**63 - 1),
    value=WORDS,
    style=st.sampled_from(Style),
    inputs=st.lists(INPUTS, max_size=2).map(tuple),
    describes=WORDS,
)
SOME_BUTTONS = st.lists(BUTTONS, max_size=2).map(tuple)
ROWS = st.builds(Row, heading=WORDS, text=WORDS, tone=st.sampled_from(Tone), buttons=SOME_BUTTONS)
CARDS = st.builds(
    Card,
    heading=WORDS,
    tone=st.sampled_from(Tone),
    lines=st.lists(WORDS, max_size=3).map(tuple),
    rows=st.lists(ROWS, max_size=2).map(tuple),
    buttons=SOME_BUTTONS,
    footer=WORDS,
)

ABOUT_PUPILS = {"register", "nudge", "escalation", "copy", "stand down", "stand down copy"}


def again(card: Card) -> Card:
    """The card after it was kept and read."""
    return card_from_json(json.loads(json.dumps(card.to_json())))


@settings(max_examples=60, deadline=None)
@given(CARDS)
def test_any_card_comes_back_from_json_as_it_was(card: Card) -> None:
    assert again(card) == card


def test_what_is_empty_takes_no_room() -> None:
    assert Card("Recorded").to_json() == {"heading": "Recorded"}
    assert card_from_json({"heading": "Recorded"}) == Card("Recorded")


def test_a_token_is_the_verb_the_subject_and_the_value() -> None:
    assert Button("Arrived", "arrived", 12).token == "arrived:12:"
    assert Button("Confirm", "codes_all", 3, "37").token == "codes_all:3:37"


async def a_long_day(day: Day) -> None:
    """Everything happens that can happen to a register and to an alert."""
    oak_farm, garage = day.provider("Oak Farm"), day.provider("The Garage")
    priya, dorothy = day.person("Priya Nair"), day.person("Dorothy Okafor")
    await day.until("09:46")
    await oak_farm.taps("Late", pupil="AB12", at="09:40")
    await oak_farm.taps("Not arrived", pupil="CD34", reason="ill")
    await garage.taps("Session not running", reason="site closed")
    await day.until("10:21")
    await oak_farm.taps("Correct", pupil="AB12", fact="not arrived", reason="refused to come", because="wrong pupil")
    await oak_farm.taps("Here now", pupil="CD34")
    await dorothy.taps("Acknowledge")
    await oak_farm.taps("Left site", pupil="CD34", at="10:20")
    await day.until("11:40")
    await priya.taps("Record outcome", pupil="AB12", outcome="found safe", words="at the library")
    await priya.taps("Record outcome", pupil="CD34", outcome="welfare check asked of police or social care")
    await oak_farm.taps("Here now", pupil="CD34")
    await day.until("13:05")
    await oak_farm.taps("All arrived")
    await day.until("16:00")


def everything_shown(day: Day) -> Iterator[tuple[str, Card]]:
    """Every card that every message has shown, with its kind."""
    kinds = {row.id: row.kind for row in day.rows(sa.select(messages.c.id, messages.c.kind))}
    for posted in day.recorder.posted.values():
        for card in posted.history:
            yield kinds[posted.message_id], card


@pytest.fixture(scope="module")
def shown() -> Mapping[str, Sequence[Card]]:
    """Every card of a long day, by kind; "reply" for what was answered at once."""
    day = Day()
    found: dict[str, list[Card]] = defaultdict(list)
    handled = day.database.run

    def run(work: Any, *args: Any, **more: Any) -> Any:
        result = handled(work, *args, **more)
        if any(isinstance(each, Action) for each in args) and result.card is not None:
            found["reply"].append(result.card)
        return result

    day.database.run = run  # type: ignore[method-assign]
    asyncio.run(a_long_day(day))
    for kind, card in everything_shown(day):
        found[kind].append(card)
    day.close()
    return found


def buttons(cards: Mapping[str, Sequence[Card]]) -> list[Button]:
    """Every button of these cards."""
    return [button for some in cards.values() for card in some for button in card.buttons_everywhere()]


def test_the_long_day_shows_every_kind_that_is_about_pupils_and_more(shown: Mapping[str, Sequence[Card]]) -> None:
    assert shown.keys() >= ABOUT_PUPILS | {"reply"}
    assert shown.keys() - {"reply"} <= KINDS.keys()


def test_every_card_of_every_kind_comes_back_from_json_as_it_was(shown: Mapping[str, Sequence[Card]]) -> None:
    for cards in shown.values():
        for card in cards:
            assert again(card) == card


def test_every_button_has_a_handler_and_fits_into_64_bytes_whatever_the_number(
    shown: Mapping[str, Sequence[Card]],
) -> None:
    for button in buttons(shown):
        assert button.verb in HANDLERS
        assert len(replace(button, subject=2**63 - 1).token.encode()) <= 64
    for verb in HANDLERS:
        assert re.fullmatch(r"[a-z_]+", verb), "a colon would split a token in the wrong place"
        assert len(verb) <= 30


def test_every_button_beside_a_pupil_says_to_a_screen_reader_whom_it_is_about(
    shown: Mapping[str, Sequence[Card]],
) -> None:
    for kind in ABOUT_PUPILS:
        for card in shown[kind]:
            for row in card.rows:
                for button in row.buttons:
                    assert button.describes == row.heading


def test_every_choice_offered_can_be_given_back_and_what_is_filled_in_is_among_them(
    shown: Mapping[str, Sequence[Card]],
) -> None:
    for button in buttons(shown):
        for each in button.inputs:
            values = [choice.value for choice in each.choices]
            assert bool(values) == (each.kind is InputKind.CHOICE)
            assert len(set(values)) == len(values)
            assert all(values)
            if each.kind is InputKind.CHOICE and each.value:
                assert each.value in values


def test_a_heading_makes_sense_alone_and_is_short_enough_for_a_lock_screen(shown: Mapping[str, Sequence[Card]]) -> None:
    for kind, cards in shown.items():
        for card in cards:
            assert card.heading == " ".join(card.heading.split())
            assert 5 <= len(card.heading) <= 120
            assert re.match(r"[A-Z0-9]", card.heading)
            if kind in ABOUT_PUPILS:
                assert any(place in card.heading for place in school.PROVIDERS), "where"


def test_no_card_holds_a_pupils_name_anywhere_and_no_heading_a_persons(shown: Mapping[str, Sequence[Card]]) -> None:
    pupils = {name for _, first, last, _, _ in school.PUPILS for name in (first, last)}
    staff = {name for name, _, _ in school.STAFF}
    for kind, cards in shown.items():
        for card in cards:
            everything = json.dumps(card.to_json())
            assert not {name for name in pupils if re.search(rf"\b{name}\b", everything)}
            if kind in ABOUT_PUPILS:
                assert not {name for name in staff if name in card.heading}


def test_a_state_is_said_in_words_and_never_by_colour_alone(shown: Mapping[str, Sequence[Card]]) -> None:
    for kind in ABOUT_PUPILS:
        for card in shown[kind]:
            if card.tone is Tone.ALERT:
                assert re.search(r"[Nn]ot arrived|Left site|not running", card.heading)
            for row in card.rows:
                if row.tone is Tone.ALERT:
                    assert row.text


async def test_one_is_said_as_one(day: Day) -> None:
    await day.until("09:31")
    oak_farm = day.provider("Oak Farm")
    await oak_farm.types("CD34 late 9:31, AB12 here")
    oak_farm.sees(
        "CD34 J.S.", "Arrived late at 09:31 (1 minute)", "Please answer for the one left", "The other one arrived"
    )


async def test_initials_at_the_end_of_a_sentence_bring_one_full_stop(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").types("AB12 not in")
    await day.until("10:01")
    day.dsl("Hillcrest").sees("has said nothing about CD34 J.S. Telephone")
