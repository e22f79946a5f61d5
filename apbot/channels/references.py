"""A card for a platform where not even a pupil's initials belong: "AB12", not "AB12 J.W.".

A card names a pupil by `Entry.label`: the reference, a space, and two initials with a full stop after each. They are
taken off in two passes. First every label that a row or a button is about: those are known to be labels, so the same
text goes wherever it stands on the card. Then whatever else looks like one, in lines that name pupils without a row.
The second pass may take the initials off a member of staff who is written "J.P. Smith": that costs nothing, and a
pupil's initials that stayed would be kept by somebody else's computer for ever.
"""

import re
from dataclasses import replace

from apbot.cards import Button, Card, Choice, Input, Row

_INITIALS = r"(?!\.\.)[^\s.\d]?\.[^\s.\d]?\."
"""Either may be missing, as in "AB12 .W." of a pupil whose first name nobody has written down."""

_LABEL = re.compile(rf"(\S.*?) {_INITIALS}")
_LOOKS_LIKE_INITIALS = re.compile(rf"(?<=\S)[ \u00a0]{_INITIALS}(?![^\W_])")
_ORDINARY = frozenset({"a.m.", "p.m.", "e.g.", "i.e.", "n.b."})
"""Words that look like initials; a pupil's own are still found by the first pass."""


def references_only(card: Card) -> Card:
    """The card with each pupil named by the reference alone, everywhere on it, its buttons' descriptions included."""
    subjects = [row.heading for row in card.rows] + [button.describes for button in card.buttons_everywhere()]
    labels = {subject: found[1] for subject in subjects if (found := _LABEL.fullmatch(subject))}

    def plain(text: str) -> str:
        for label, reference in labels.items():
            text = text.replace(label, reference)
        return without_initials(text)

    def button(each: Button) -> Button:
        inputs = tuple(map(asked, each.inputs))
        return replace(each, label=plain(each.label), describes=plain(each.describes), inputs=inputs)

    def asked(each: Input) -> Input:
        choices = tuple(Choice(choice.value, plain(choice.label)) for choice in each.choices)
        return replace(each, label=plain(each.label), choices=choices)

    def row(each: Row) -> Row:
        buttons = tuple(map(button, each.buttons))
        return replace(each, heading=plain(each.heading), text=plain(each.text), buttons=buttons)

    return replace(
        card,
        heading=plain(card.heading),
        lines=tuple(map(plain, card.lines)),
        rows=tuple(map(row, card.rows)),
        buttons=tuple(map(button, card.buttons)),
        footer=plain(card.footer),
        news=plain(card.news),
    )


def without_initials(text: str) -> str:
    """The text without whatever looks like the initials after a reference."""
    return _LOOKS_LIKE_INITIALS.sub(lambda found: found[0] if found[0][1:] in _ORDINARY else "", text)
