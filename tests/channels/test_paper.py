"""The contract, held against messages on paper: a contract that can't be kept would be no use."""

import pytest

from apbot.cards import Card
from apbot.channels.parts import clip, split
from tests.channels.contract import EditContract, OutwardContract
from tests.channels.contract_inward import PressContract, TypeContract
from tests.channels.paper import ROWS, PaperStand
from tests.channels.samples import plain_card
from tests.channels.stand import Stand


class TestPaper(OutwardContract, EditContract, PressContract, TypeContract):
    """Everything that the contract asks."""

    @pytest.fixture
    def stand(self) -> Stand:
        return PaperStand()


class TestPaperThatAnybodyMayFind(OutwardContract, EditContract, PressContract, TypeContract):
    """The same, by reference alone."""

    @pytest.fixture
    def stand(self) -> Stand:
        return PaperStand(references_only=True)


def fits(card: Card) -> bool:
    return len(card.rows) <= ROWS


def test_a_card_that_fits_is_left_as_it_is() -> None:
    assert split(plain_card(ROWS), fits) == [plain_card(ROWS)]


def test_parts_hold_every_row_once_in_order_and_are_counted() -> None:
    whole = plain_card(60)
    parts = split(whole, fits)
    assert [row for part in parts for row in part.rows] == list(whole.rows)
    assert all(fits(part) for part in parts)
    assert [part.heading[-8:] for part in parts] == ["(1 of 3)", "(2 of 3)", "(3 of 3)"]
    assert [bool(part.buttons) for part in parts] == [False, False, True]
    assert [part.footer for part in parts] == ["", "", whole.footer]


def test_an_alerts_buttons_stand_in_its_first_part() -> None:
    from dataclasses import replace

    from apbot.cards import Tone

    parts = split(replace(plain_card(60), tone=Tone.ALERT), fits)
    assert [bool(part.buttons) for part in parts] == [True, False, False]


def test_a_row_that_never_fits_is_not_lost() -> None:
    parts = split(plain_card(2), lambda card: not card.rows)
    assert [len(part.rows) for part in parts] == [1, 1]


@pytest.mark.parametrize(("text", "limit", "right"), [("short", 5, "short"), ("rather long", 7, "rather…")])
def test_clip(text: str, limit: int, right: str) -> None:
    assert clip(text, limit) == right
    assert len(clip(text, limit)) <= limit
