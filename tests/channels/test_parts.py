"""A card in several parts: each says what must not be missed."""

from dataclasses import replace

from apbot.cards import Card, Row
from apbot.channels.parts import split
from apbot.channels.port import Outgoing

CARD = Card(heading="80 things to do", rows=tuple(Row(heading=f"AB{number}") for number in range(8)), footer="The Hill")


def fits(card: Card) -> bool:
    """Three rows to a message."""
    return len(card.rows) <= 3


def test_each_part_of_a_possible_repeat_says_that_it_may_be_one() -> None:
    parts = split(Outgoing(1, "person:1", CARD, maybe_repeat=True).marked, fits)
    assert [each.footer for each in parts] == ["May be a repeat.", "May be a repeat.", "The Hill May be a repeat."]


def test_what_stands_below_a_card_stands_below_the_last_part_alone() -> None:
    parts = split(CARD, fits)
    assert [each.footer for each in parts] == ["", "", "The Hill"]
    assert [row for each in parts for row in each.rows] == list(CARD.rows)
    assert split(replace(CARD, rows=CARD.rows[:3]), fits) == [replace(CARD, rows=CARD.rows[:3])]
