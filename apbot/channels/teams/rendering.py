"""From a card to an adaptive card (version 1.5), within what Teams takes.

A button without inputs is an `Action.Execute`; one with inputs opens a part of the card with them in it. What a
button's action carries (`data`) is its verb, subject and value, and the key under which its inputs stand.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from apbot.cards import Button, Card, Input, InputKind, Picture, Row, Style, Tone
from apbot.channels.parts import clip, split

MOST = 25_000
"""Characters of a message as JSON: the limit is 28 KB, and Teams adds some of its own."""

WORDS = 1200
"""Characters of one line. Cut shorter where a message would not fit otherwise."""

HEADING = 200
TITLE = 80
IN_A_SET = 6
"""Buttons in one set: Teams shows no more of them side by side."""

ADAPTIVE = "application/vnd.microsoft.card.adaptive"

_SIGNS = {Tone.ALERT: "🔴 Alert: ", Tone.ASK: "🟠 ", Tone.DONE: "🟢 ", Tone.PLAIN: ""}
_CONTAINERS = {Tone.ALERT: "attention", Tone.ASK: "warning", Tone.DONE: "good", Tone.PLAIN: "default"}
_STYLES = {Style.PRIMARY: "positive", Style.DANGER: "destructive"}
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\*_[]`"})


def pages(card: Card) -> list[Card]:
    """The card in as few parts as fit one message each."""
    if not _fits(replace(card, rows=(), buttons=())):  # a long list in its lines: these may be divided as rows are
        card = replace(card, lines=(), rows=(*(Row("", line) for line in card.lines), *card.rows))
    return split(card, _fits)


def adaptive_card(card: Card) -> dict[str, Any]:
    """The card as Teams takes it. What is too long for one message even so is cut."""
    for words in (WORDS, 400, 120, 40):
        made = _made(card, words)
        if _size(made) <= MOST:
            return made
    return _made(replace(card, rows=(), lines=(), footer="This message was too long to be shown."), 40)


REFRESH = {"action": {"type": "Action.Execute", "title": "Refresh", "verb": "refresh", "data": {"action": "refresh"}}}
"""Teams asks for the card as it is now whenever somebody looks at it: where an edit failed nobody sees the old one."""


def refreshing(card: Card) -> dict[str, Any]:
    """The card of a message that is kept up to date."""
    return {**adaptive_card(card), "refresh": REFRESH}


def message(card: Card, *, is_new: bool = True, is_kept: bool = False) -> dict[str, Any]:
    """The activity that shows the card; `summary` is what a notification and a client without cards show.

    `is_kept`: it is in the outbox, and brought up to date.
    """
    shown: dict[str, Any] = {
        "type": "message",
        "summary": clip(_SIGNS[card.tone] + card.heading, HEADING),
        "attachments": [{"contentType": ADAPTIVE, "content": refreshing(card) if is_kept else adaptive_card(card)}],
    }
    if is_new and card.tone is Tone.ALERT:
        shown["importance"] = "high"
        shown["channelData"] = {"notification": {"alert": True}}
    return shown


def picture_message(png: bytes, picture: Picture) -> dict[str, Any] | None:
    """The activity that shows a picture, inside a card of its own; None for one that does not fit."""
    image = {
        "type": "Image",
        "url": f"data:image/png;base64,{base64.b64encode(png).decode()}",
        "altText": clip(picture.alt, WORDS),
        "size": "stretch",
    }
    card = {**_card(picture.title), "body": [image]}
    if _size(card) > MOST:
        return None
    attachments = [{"contentType": ADAPTIVE, "content": card}]
    return {"type": "message", "summary": clip(picture.title, HEADING), "attachments": attachments}


def as_words(card: Card) -> str:
    """A short answer in plain text."""
    return clip("\n".join([card.heading, *card.lines, *(f"{row.heading} {row.text}" for row in card.rows)]), 2000)


def _fits(card: Card) -> bool:
    return _size(_made(card, WORDS)) <= MOST


def _size(made: Mapping[str, Any]) -> int:
    # With everything beyond ASCII as escapes: however Teams counts, it counts no more than this.
    return len(json.dumps(made, separators=(",", ":")))


def _made(card: Card, words: int) -> dict[str, Any]:
    numbers = count(1)
    body: list[dict[str, Any]] = [
        {
            "type": "TextBlock",
            "text": _text(_SIGNS[card.tone] + card.heading, min(words, HEADING)),
            "size": "medium",
            "weight": "bolder",
            "wrap": True,
            "style": "heading",
        }
    ]
    body += [{"type": "TextBlock", "text": _text(line, words), "wrap": True} for line in card.lines]
    if card.tone is Tone.ALERT:
        body += _action_sets(card.buttons, numbers)
    body += [_row(row, words, numbers) for row in card.rows]
    if card.tone is not Tone.ALERT:
        body += _action_sets(card.buttons, numbers)
    if card.page is not None:
        opens = {"type": "Action.OpenUrl", "title": clip(card.page.words, TITLE), "url": card.page.path}
        body.append({"type": "ActionSet", "actions": [opens]})
    if card.footer:
        body.append(
            {
                "type": "TextBlock",
                "text": _text(card.footer, words),
                "size": "small",
                "isSubtle": True,
                "wrap": True,
            }
        )
    return {**_card(card.heading), "body": body}


def _card(fallback: str) -> dict[str, Any]:
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "fallbackText": clip(fallback, HEADING),
        "msteams": {"width": "Full"},
    }


def _row(row: Row, words: int, numbers: "count[int]") -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    if row.heading:
        heading = _text(_SIGNS[row.tone] + row.heading, words)
        items.append({"type": "TextBlock", "text": heading, "weight": "bolder", "wrap": True})
    if row.text:
        items.append({"type": "TextBlock", "text": _text(row.text, words), "wrap": True, "spacing": "none"})
    if not items:
        items.append({"type": "TextBlock", "text": " "})
    items += _action_sets(row.buttons, numbers)
    return {"type": "Container", "style": _CONTAINERS[row.tone], "separator": True, "items": items}


def _text(text: str, words: int) -> str:
    return clip(text, words).translate(_MARKDOWN)


def _action_sets(buttons: tuple[Button, ...], numbers: "count[int]") -> list[dict[str, Any]]:
    return [
        {"type": "ActionSet", "actions": [_action(each, numbers) for each in buttons[at : at + IN_A_SET]]}
        for at in range(0, len(buttons), IN_A_SET)
    ]


def _action(button: Button, numbers: "count[int]") -> dict[str, Any]:
    look: dict[str, Any] = {"title": clip(button.label, TITLE)}
    if button.describes:
        look["tooltip"] = clip(f"{button.label}, {button.describes}", TITLE)
    if button.style in _STYLES:
        look["style"] = _STYLES[button.style]
    data: dict[str, Any] = {"action": button.verb, "subject": button.subject}
    if button.value:
        data["value"] = button.value
    press = {"type": "Action.Execute", "verb": button.verb, "data": data}
    if not button.inputs:
        return {**press, **look, "associatedInputs": "none"}
    # An input's name must be the only one in the whole card, so it ends in the number of its form.
    data["form"] = form = str(next(numbers))
    asked = [_input(each, form) for each in button.inputs]
    return {
        "type": "Action.ShowCard",
        **look,
        "card": {"type": "AdaptiveCard", "body": asked, "actions": [{**press, **look}]},
    }


def _input(each: Input, form: str) -> dict[str, Any]:
    made: dict[str, Any] = {"id": f"{each.name}.{form}", "label": clip(each.label, TITLE)}
    if each.value:
        made["value"] = each.value
    if not each.optional:
        made |= {"isRequired": True, "errorMessage": clip(f"Needed: {each.label}", TITLE)}
    match each.kind:
        case InputKind.TIME:
            return {"type": "Input.Time", **made}
        case InputKind.DATE:
            return {"type": "Input.Date", **made}
        case InputKind.CHOICE:
            choices = [{"title": clip(one.label, TITLE), "value": one.value} for one in each.choices]
            return {"type": "Input.ChoiceSet", **made, "choices": choices}
        case InputKind.TEXT:
            return {"type": "Input.Text", **made, "maxLength": each.max_length, "isMultiline": each.max_length > 200}


def inputs_of(data: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in: the inputs of the pressed button's own form, by their names."""
    form = data.get("form")
    if not isinstance(form, str):
        return {}
    ending = f".{form}"
    return {
        name.removesuffix(ending): "" if value is None else str(value)
        for name, value in data.items()
        if name.endswith(ending) and isinstance(value, (str, int, float, bool, type(None)))
    }
