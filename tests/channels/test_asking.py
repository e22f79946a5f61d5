"""What people answer when they are asked for an input, as handlers take it."""

import pytest

from apbot.cards import Choice, Input, InputKind
from apbot.channels.asking import read

REASON = Input("reason", "Why", InputKind.CHOICE, (Choice("ill", "Unwell"), Choice("unknown", "Not known")))


@pytest.mark.parametrize(
    ("asked", "typed", "right"),
    [
        (Input("at", "At", InputKind.TIME), " 9:50 ", "09:50"),
        (Input("at", "At", InputKind.TIME), "9.50", "09:50"),
        (Input("at", "At", InputKind.TIME), "0950", "09:50"),
        (Input("on", "On", InputKind.DATE), "17/9/2026", "2026-09-17"),
        (Input("on", "On", InputKind.DATE), "17.09.2026", "2026-09-17"),
        (Input("on", "On", InputKind.DATE), "2026-09-17", "2026-09-17"),
        (Input("words", "Words"), "two\n words", "two words"),
        (Input("words", "Words", optional=True), " ", ""),
        (REASON, "unwell", "ill"),
        (REASON, "UNKNOWN", "unknown"),
    ],
)
def test_an_answer_is_read(asked: Input, typed: str, right: str) -> None:
    assert read(asked, typed) == right


@pytest.mark.parametrize(
    ("asked", "typed", "why"),
    [
        (Input("at", "At", InputKind.TIME), "9:5", "can't be read"),
        (Input("at", "At", InputKind.TIME), "25:00", "can't be read"),
        (Input("at", "At", InputKind.TIME), "", "needed"),
        (Input("on", "On", InputKind.DATE), "31/2/2026", "can't be read"),
        (Input("words", "Words", max_length=5), "longer", "6 characters; at most 5"),
        (REASON, "asleep", "Choose one"),
    ],
)
def test_an_answer_that_can_not_be_taken_says_why(asked: Input, typed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(asked, typed)
