"""Cards as Telegram messages: HTML above, an inline keyboard below with a row of keys for each pupil."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from apbot.cards import Button, Card, Row, Tone
from apbot.channels.parts import split
from apbot.channels.telegram.words import cut, html, unescaped_units, units

LONGEST = 4096
"""Units of a message's text, after its entities are read."""
MOST_KEYS = 90
"""Telegram takes a hundred keys, and about ten thousand bytes for all of them."""
LONGEST_DATA = 64
"""Bytes that a key gives back."""
LONGEST_KEY = 60
NARROW = 14
"""So much is legible on one of three keys side by side on a telephone."""

LINE_LIMITS = (1000, 500, 250, 120, 60)
MOST_LINES = 40

SIGNS = {Tone.PLAIN: "", Tone.ASK: "❔ ", Tone.ALERT: "🚨 ", Tone.DONE: "✅ "}
ROW_SIGNS = {Tone.PLAIN: "▫️ ", Tone.ASK: "❔ ", Tone.ALERT: "❗ ", Tone.DONE: "☑️ "}

WITH_INPUTS, BY_HASH, BY_NUMBER = "+", "#", "="
"""How a key's data begins where it is not simply the button's token: it asks something first; it is too long, and
found again by its hash; or it is kept under a number."""

DataOf = Callable[[Button], str]


@dataclass(frozen=True)
class Rendered:
    """One message."""

    text: str
    keyboard: InlineKeyboardMarkup | None


def parts_of(card: Card) -> list[Card]:
    """The card in as few messages as Telegram takes."""
    return split(card, _fits)


def render(card: Card, data_of: DataOf | None = None) -> Rendered:
    """One part as a message. Words that are too long for any message are cut."""
    for limit in LINE_LIMITS:
        text = _text(card, limit)
        if unescaped_units(text) <= LONGEST:
            break
    return Rendered(text, keyboard(card, data_of or data_for))


def plain_text(card: Card) -> str:
    """The card in plain words, for a notice that pops up."""
    rows = (row.line for row in card.rows)
    return "\n".join(each for each in (card.heading, *card.lines, *rows, card.footer) if each)


def data_for(button: Button) -> str:
    """What a key of a message from the outbox gives back; it names no pupil."""
    data = f"{WITH_INPUTS if button.inputs else ''}{button.token}"
    return data if len(data.encode()) <= LONGEST_DATA else f"{BY_HASH}{hash_of(button)}"


def hash_of(button: Button) -> str:
    """A button by a few characters, to be found again among those of its card."""
    return hashlib.sha256(button.token.encode()).hexdigest()[:24]


def keyboard(card: Card, data_of: DataOf) -> InlineKeyboardMarkup | None:
    """A row of keys for each of the card's rows, and the card's own one below the other; an alert's come first."""
    pupils = [keys for row in card.rows if row.buttons for keys in _keys(row, data_of)]
    own = [[_key(each.label, data_of(each))] for each in card.buttons]
    rows = [*own, *pupils] if card.tone is Tone.ALERT else [*pupils, *own]
    return InlineKeyboardMarkup(rows) if rows else None


def _keys(row: Row, data_of: DataOf) -> list[list[InlineKeyboardButton]]:
    """The first key says who is meant; those beside it mean the same pupil.

    Of what is to be done for somebody the first key is a line of its own: beside others only the pupil could be read.
    """
    first, *others = row.buttons
    beside = [_key(each.label, data_of(each)) for each in others]
    if first.describes and ":" in row.heading and others:
        return [[_key(f"{first.describes}: {first.label}", data_of(first))], beside]
    label = f"{row.heading} {first.label}" if first.describes else f"{first.label}: {row.heading}"
    if first.describes and len(others) > 1 and units(label) > NARROW and first.verb == "arrived":
        label = f"{row.heading} ✓"
    return [[_key(label, data_of(first)), *beside]]


def _key(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(cut(label, LONGEST_KEY), callback_data=data)


def _fits(card: Card) -> bool:
    keys = len(card.buttons) + sum(len(row.buttons) for row in card.rows)
    room = LONGEST - 20  # for the number of the part
    return keys <= MOST_KEYS and unescaped_units(_text(card, LINE_LIMITS[0])) <= room


def _text(card: Card, limit: int) -> str:
    blocks = [f"{SIGNS[card.tone]}<b>{_words(card.heading or 'apbot', 300)}</b>"]
    blocks += [_words(each, limit) for each in card.lines[:MOST_LINES]]
    rows = [_row(each, limit) for each in card.rows]
    blocks += ["", *rows] if rows else []
    blocks += ["", f'<a href="{html(card.page.path)}">{_words(card.page.words, 200)}</a>'] if card.page else []
    blocks += ["", f"<i>{_words(card.footer, 400)}</i>"] if card.footer else []
    return "\n".join(blocks)


def _row(row: Row, limit: int) -> str:
    heading = f"{ROW_SIGNS[row.tone]}<b>{_words(row.heading, min(limit, 200))}</b>"
    return f"{heading}{row.between}{_words(row.text, limit)}" if row.text else heading


def _words(text: str, limit: int) -> str:
    return html(cut(text, limit))


def lines_of(blocks: Iterable[str]) -> str:
    """Blocks one below the other, without those that are empty."""
    return "\n".join(each for each in blocks if each)
