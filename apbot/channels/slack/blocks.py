"""Cards as Slack's blocks, within Slack's limits, and what a button carries."""

import base64
import binascii
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson

from apbot.cards import Button, Card, Input, Row, Style, Tone, card_from_json
from apbot.channels.parts import clip, split

Block = dict[str, Any]

BLOCKS_MOST = 50
HEADER_MOST = 150
SECTION_MOST = 3000
LABEL_MOST = 75
VALUE_MOST = 2000
BUTTONS_MOST = 25
CONTEXT_MOST = 2000
WORDS_MOST = 12_000
"""Characters of one message in all: Slack refuses long messages, and does not say from where on."""
TEXT_MOST = 3000

ACTION = "press"
"""What the identifier of each of apbot's buttons begins with."""

PACKED = "~"
"""What the value of a button that asks for something begins with."""

UNPACKED_MOST = 100_000

SIGNS = {Tone.PLAIN: "", Tone.ASK: "❓ ", Tone.ALERT: "🚨 ", Tone.DONE: "✅ "}


@dataclass(frozen=True)
class Pressed:
    """What a button carries."""

    verb: str
    subject: int
    value: str = ""
    describes: str = ""
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Part:
    """A card, or a part of one, as one message."""

    card: Card
    text: str
    blocks: Sequence[Block]

    @property
    def fits(self) -> bool:
        """Whether Slack takes it."""
        return len(self.blocks) <= BLOCKS_MOST and sum(map(_length, self.blocks)) <= WORDS_MOST


def in_parts(card: Card) -> list[Part]:
    """The card in as few messages as Slack takes."""
    card = _without_too_many_words(card)
    whole = part_of(card)
    return [whole] if whole.fits else [part_of(each) for each in split(card, fits)]


def fits(card: Card) -> bool:
    """Whether the card goes into one message."""
    return part_of(card).fits


def part_of(card: Card) -> Part:
    """The card as it is: for one that is known to fit."""
    return Part(card, text_of(card), blocks_of(card))


def blocks_of(card: Card) -> list[Block]:
    """The card's blocks; the words of each are cut to what Slack takes."""
    blocks: list[Block] = [{"type": "header", "text": plain(SIGNS[card.tone] + card.heading, HEADER_MOST)}]
    blocks += [section(text) for text in _packed(card.lines)]
    for number, row in enumerate(card.rows):
        blocks += _row(row, number)
    blocks += _actions(card.buttons, "all")
    if card.page is not None:
        blocks.append(section(f"<{card.page.path}|{escaped(card.page.words, LABEL_MOST)}>"))
    if card.footer:
        blocks.append({"type": "context", "elements": [_words(card.footer, CONTEXT_MOST)]})
    return blocks


def text_of(card: Card) -> str:
    """What a lock screen and a screen reader get first: the heading and the lines; no pupil's row."""
    return escaped((SIGNS[card.tone] + "\n".join([card.heading, *card.lines])).strip() or "apbot", TEXT_MOST)


def whole_text(card: Card) -> str:
    """All of the card's words, for when Slack does not take its blocks."""
    rows = (row.line for row in card.rows)
    lines = [SIGNS[card.tone] + card.heading, *card.lines, *rows, card.footer]
    return escaped("\n".join(line for line in lines if line), WORDS_MOST)


def _without_too_many_words(card: Card) -> Card:
    """What stands before the rows in at most three blocks, so that a row always fits beside it."""
    packed = _packed(card.lines)
    if sum(map(len, packed)) <= 2 * SECTION_MOST:
        return card
    return replace(card, lines=tuple(clip(each, SECTION_MOST // 2) for each in card.lines[:3]))


def _row(row: Row, number: int) -> Iterator[Block]:
    heading = f"{SIGNS[row.tone]}*{escaped(row.heading, LABEL_MOST * 2)}*"
    yield section(f"{heading}\n{escaped(row.text, SECTION_MOST - units(heading) - 1)}" if row.text else heading)
    yield from _actions(row.buttons, str(number))


def _actions(buttons: Sequence[Button], where: str) -> Iterator[Block]:
    for start in range(0, len(buttons), BUTTONS_MOST):
        some = buttons[start : start + BUTTONS_MOST]
        elements = [_button(button, f"{ACTION}:{where}:{start + at}") for at, button in enumerate(some)]
        yield {"type": "actions", "elements": elements}


def _button(button: Button, action_id: str) -> Block:
    element: Block = {
        "type": "button",
        "text": plain(button.label, LABEL_MOST),
        "action_id": action_id,
        "value": packed_button(button),
    }
    if button.style is not Style.PLAIN:
        element["style"] = button.style.value
    if button.describes:
        element["accessibility_label"] = plain(f"{button.label}, {button.describes}", LABEL_MOST)["text"]
    return element


def packed_button(button: Button) -> str:
    """The button, with what it asks, in the 2000 characters that come back with a press."""
    if not button.inputs:
        return button.token[:VALUE_MOST]
    is_about = orjson.dumps([button.verb, button.subject, button.value, button.describes]).decode()
    packed = f"{PACKED}{_packed_inputs(button.inputs)}{PACKED}{is_about}"
    if len(packed) > VALUE_MOST:  # so many choices that they can't be carried: they are asked for in words
        inputs = tuple(replace(each, choices=()) for each in button.inputs)
        return packed_button(replace(button, inputs=inputs)) if inputs != button.inputs else button.token[:VALUE_MOST]
    return packed


@lru_cache(maxsize=1000)
def _packed_inputs(inputs: tuple[Input, ...]) -> str:
    """What is asked: the same few things for every pupil."""
    asked = Card("", buttons=(Button("-", "-", 0, inputs=inputs),)).to_json()
    return base64.urlsafe_b64encode(zlib.compress(orjson.dumps(asked), 9)).decode()


def unpacked_button(value: str) -> Pressed | None:
    """What `packed_button` packed, or None for what apbot did not make."""
    try:
        if not value.startswith(PACKED):
            verb, subject, rest = value.split(":", 2)
            return Pressed(verb, int(subject), rest)
        _, packed, is_about = value.split(PACKED, 2)
        asked = orjson.loads(zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed), UNPACKED_MOST))
        (button,) = card_from_json(asked).buttons
        verb, subject, rest, describes = orjson.loads(is_about)
        return Pressed(str(verb), int(subject), str(rest), str(describes), button.inputs)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, zlib.error):
        return None


def _packed(lines: Sequence[str]) -> list[str]:
    """The lines in as few texts as sections take."""
    texts: list[str] = []
    for line in lines:
        cut = escaped(line, SECTION_MOST)
        if texts and units(texts[-1]) + 1 + units(cut) <= SECTION_MOST:
            texts[-1] = f"{texts[-1]}\n{cut}"
        elif cut:
            texts.append(cut)
    return texts


def section(text: str) -> Block:
    """A paragraph of words that are escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _words(text: str, most: int) -> Block:
    return {"type": "mrkdwn", "text": escaped(text, most), "verbatim": True}


def plain(text: str, most: int) -> Block:
    """Words without any marks, on one line, cut to what Slack takes."""
    line = clip(" ".join(text.split()) or "–", most)
    while units(line) > most:
        line = clip(line, len(line) - 1)
    return {"type": "plain_text", "text": line, "emoji": True}


def escaped(text: str, most: int) -> str:
    """Words as they are: nothing in them calls anybody or leads anywhere."""
    cut = text
    while True:
        escaped = cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        over = units(escaped) - most
        if over <= 0:
            return escaped
        cut = clip(cut, max(1, len(cut) - max(1, over if escaped == cut else over // 5)))


def units(text: str) -> int:
    """How long Slack takes the text to be at most: an emoji counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _length(block: Block) -> int:
    if block["type"] in ("header", "section"):
        return units(block["text"]["text"])
    return sum(units(each["text"]) for each in block["elements"] if each["type"] == "mrkdwn")
