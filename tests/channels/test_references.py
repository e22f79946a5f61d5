"""Pupils named by their reference alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.cards import Button, Card, Choice, Input, InputKind, Row
from apbot.channels.references import references_only, without_initials
from tests.channels.contract import plain_card
from tests.day import text_of


def test_no_initials_are_left_anywhere_on_a_card() -> None:
    asked = Input("who", "Who is it, CD34 Á.Ø.?", InputKind.CHOICE, (Choice("1", "EF56 M.H."),))
    card = Card(
        heading="Arrived: AB12 J.W. at Oak Farm",
        lines=("Oak Farm has said nothing about AB12 J.W., CD34 Á.Ø.", "am: GH78 E.D., IJ90 '.A."),
        rows=(
            Row("AB12 J.W.", "Not arrived", buttons=(Button("Arrived, AB12 J.W.", "arrived", 1, inputs=(asked,)),)),
            Row("CD34 Á.Ø., Hillcrest", "Calls home: Priya Nair"),
        ),
        buttons=(Button("Late", "late", 2, describes="KL12 a.m."),),
        footer="Seen by the school with KL12 a.m. today.",
        news="AB12 J.W. is safe",
    )
    plain = references_only(card)
    said = str(plain.to_json())
    for initials in ("J.W.", "Á.Ø.", "M.H.", "E.D.", "'.A.", "KL12 a.m."):
        assert initials not in said
    assert plain.heading == "Arrived: AB12 at Oak Farm"
    assert plain.lines[0] == "Oak Farm has said nothing about AB12, CD34"
    assert plain.rows[1].heading == "CD34, Hillcrest"
    assert "KL12 today" in plain.footer


def test_what_a_button_does_is_left_as_it_is() -> None:
    before, after = plain_card(3), references_only(plain_card(3))
    assert [each.token for each in after.buttons_everywhere()] == [each.token for each in before.buttons_everywhere()]
    assert "AB03" in text_of(after)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("AB12 J.W.", "AB12"),
        ("AB12 .W.", "AB12"),
        ("AB12 J..", "AB12"),
        ("AB12\u00a0J.W.: late", "AB12: late"),
        ("1234 ش.م.", "1234"),
        ("AB12 J.W. J.W.", "AB12"),
        ("at 9.30 a.m. by taxi", "at 9.30 a.m. by taxi"),
        ("Wait ... and see", "Wait ... and see"),
        ("Taxi 12. Ring 01632 960101.", "Taxi 12. Ring 01632 960101."),
        ("", ""),
    ],
)
def test_without_initials(text: str, right: str) -> None:
    assert without_initials(text) == right


NAMES = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)


@given(first=NAMES, last=NAMES, words=st.text(max_size=30))
def test_no_pupils_initials_survive_whatever_the_name(first: str, last: str, words: str) -> None:
    label = f"AB12 {first[:1]}.{last[:1]}."
    card = Card(f"Arrived: {label}", lines=(f"{words} {label}, {label} {words}",), rows=(Row(label),))
    plain = references_only(card)
    assert (plain.heading, plain.rows[0].heading) == ("Arrived: AB12", "AB12")
    assert label not in plain.lines[0]
    assert "AB12" in plain.lines[0]
