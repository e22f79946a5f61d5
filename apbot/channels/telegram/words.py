"""Text as Telegram takes it: counted in UTF-16 units, escaped, and pupils by reference alone."""

import re
from dataclasses import replace
from html import escape

from apbot.cards import Button, Card, Row

INITIALS = r"(?:[^\s.]\.[^\s.]?|\.[^\s.])\."
"""As labels have them: "J.W.", and "J.." or ".W." where one of the names is not known."""

AT_THE_END = re.compile(rf"(?<=\S) {INITIALS}$")
AFTER_A_REFERENCE = re.compile(rf"\b(?=[^\s.,:;]*[A-Z0-9])(?![A-Z]?[a-z]+\b)([^\s.,:;]+) {INITIALS}(?!\w)")
"""A reference has a capital or a digit, and is no ordinary word: "CD34 J.S.", and not "by J.R. Hartley"."""


def references_only(card: Card) -> Card:
    """The card without pupils' initials: on Telegram the reference alone says who is meant."""
    labels = {each for row in card.rows for each in (row.heading, *(b.describes for b in row.buttons))}
    labelled = {each: AT_THE_END.sub("", each) for each in labels if AT_THE_END.search(each)}

    def plain(text: str) -> str:
        if "." not in text:
            return text
        for label, reference in labelled.items():
            text = text.replace(label, reference)
        return AFTER_A_REFERENCE.sub(r"\1", text)

    def button(each: Button) -> Button:
        return replace(each, label=plain(each.label), describes=AT_THE_END.sub("", each.describes))

    return replace(
        card,
        heading=plain(card.heading),
        lines=tuple(map(plain, card.lines)),
        rows=tuple(
            Row(plain(AT_THE_END.sub("", row.heading)), plain(row.text), row.tone, tuple(map(button, row.buttons)))
            for row in card.rows
        ),
        buttons=tuple(map(button, card.buttons)),
        footer=plain(card.footer),
    )


def reference(label: str) -> str:
    """A pupil's label without the initials."""
    return AFTER_A_REFERENCE.sub(r"\1", AT_THE_END.sub("", label))


def units(text: str) -> int:
    """The length as Telegram counts it: an emoji beyond the first plane is two."""
    return len(text) + sum(each > "\uffff" for each in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` units of `text`; what is cut off ends in an ellipsis."""
    if units(text) <= limit:
        return text
    kept, left = [], limit - 1
    for each in text:
        left -= 2 if each > "\uffff" else 1
        if left < 0:
            break
        kept.append(each)
    return "".join(kept).rstrip() + "…"


def html(text: str) -> str:
    """Escaped for Telegram's HTML."""
    return escape(text, quote=False)


def unescaped_units(marked_up: str) -> int:
    """The length of HTML that was made here, after its entities are read."""
    text = re.sub(r"<[^>]*>", "", marked_up)
    return units(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
