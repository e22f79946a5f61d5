"""A card as plain text."""

from apbot.cards import Button, Card, Row, Tone
from apbot.messages.plain import as_text


def test_everything_but_the_buttons_is_told_and_urgency_by_a_sign() -> None:
    card = Card(
        "Not arrived",
        Tone.ALERT,
        ("A line.",),
        (Row("CD34 J.S.", "Oak Farm", Tone.ALERT), Row("AB12 J.W.", tone=Tone.DONE)),
        (Button("Acknowledge", "acknowledge", 1),),
        "Hillcrest",
    )
    assert as_text(card) == "[!] Not arrived\nA line.\n  [!] CD34 J.S.\n      Oak Farm\n  AB12 J.W.\nHillcrest"


def test_long_lines_are_wrapped_and_nothing_is_cut() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    text = as_text(Card("Heading", rows=(Row("Row", words),)), width=40)
    assert all(len(line) <= 40 for line in text.splitlines())
    assert text.split()[2:] == words.split()
