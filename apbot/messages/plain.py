"""A card as plain text: for the terminal, a log of the simulator, and whatever shows no buttons."""

import textwrap

from apbot.cards import Card, Row, Tone

_MARKS = {Tone.ALERT: "[!] ", Tone.ASK: "[?] ", Tone.DONE: "", Tone.PLAIN: ""}
"""Urgency is told by a sign as well: there is no colour in plain text."""


def as_text(card: Card, *, width: int = 100) -> str:
    """The card as lines of at most `width` characters; buttons are left out, for there is nothing to press."""
    blocks = [f"{_MARKS[card.tone]}{card.heading}", *(_wrapped(line, width) for line in card.lines)]
    blocks += [_row(row, width) for row in card.rows]
    if card.footer:
        blocks.append(_wrapped(card.footer, width))
    return "\n".join(blocks)


def _row(row: Row, width: int) -> str:
    heading = f"  {_MARKS[row.tone]}{row.heading}"
    return heading if not row.text else f"{heading}\n{_wrapped(row.text, width, indent='      ')}"


def _wrapped(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
