"""A form that is refused says so where something has to be mended."""

from typing import Any

from apbot.cards import Choice, Input, InputKind
from apbot.channels.slack.blocks import Pressed
from apbot.channels.slack.modal import Asked, field_for_errors, view_of

INPUTS = (
    Input("fact", "It should say", InputKind.CHOICE, (Choice("late", "Late"),)),
    Input("at", "At", InputKind.TIME, optional=True),
    Input("why", "Why the correction", InputKind.CHOICE, (Choice("mistake", "Marked by mistake"),)),
)


def filled(**values: str) -> dict[str, Any]:
    view = view_of(Pressed("correct", 1, "", "CD34 J.S.", INPUTS), "Correct", Asked("correct", 1))
    kinds = {"at": "selected_time"}
    state = {
        f"asked:{name}": {
            name: {kinds[name]: value} if name in kinds else {"selected_option": {"value": value} if value else None}
        }
        for name, value in values.items()
    }
    return {**view, "state": {"values": state}}


def test_what_had_to_be_filled_in_and_was_left_empty_is_where_the_reason_stands() -> None:
    assert field_for_errors(filled(fact="late", at="", why="")) == "asked:why"
    assert field_for_errors(filled(fact="", at="09:50", why="")) == "asked:fact"


def test_where_nothing_is_missing_it_is_the_time() -> None:
    assert field_for_errors(filled(fact="late", at="09:50", why="mistake")) == "asked:at"
