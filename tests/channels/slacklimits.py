"""Slack's documented limits, held against everything that apbot sends."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

BUTTON_KEYS = {"type", "text", "action_id", "value", "style", "accessibility_label"}
OPTIONS = 100


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def wrong_in_message(payload: Mapping[str, Any]) -> Iterator[str]:
    """What Slack would not take of a message."""
    text = payload.get("text")
    if not text:
        yield "a message without text for notifications"
    elif len(text) > (4000 if payload.get("blocks") else 40_000):
        yield f"text of {len(text)} characters"
    blocks = payload.get("blocks", [])
    if len(blocks) > 50:
        yield f"{len(blocks)} blocks in a message"
    yield from wrong_in_blocks(blocks)
    if sum(units(str(each.get("text", {}).get("text", ""))) for each in blocks if each["type"] == "section") > 13_000:
        yield "so many words that Slack refuses the message"


def wrong_in_view(view: Mapping[str, Any]) -> Iterator[str]:
    """What Slack would not take of a form or a page."""
    blocks = view.get("blocks", [])
    if not 1 <= len(blocks) <= 100:
        yield f"{len(blocks)} blocks in a view"
    yield from wrong_in_blocks(blocks)
    if view["type"] == "modal":
        for name in ("title", "submit", "close"):
            yield from _plain(view[name], 24, name)
        if len(view.get("private_metadata", "")) > 3000:
            yield "private_metadata"
        if len(view.get("callback_id", "")) > 255:
            yield "callback_id"
        if any(each["type"] == "input" for each in blocks) and "submit" not in view:
            yield "a form with inputs that can't be sent"


def wrong_in_blocks(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """What Slack would not take of blocks."""
    block_ids = [each["block_id"] for each in blocks if "block_id" in each]
    if len(set(block_ids)) != len(block_ids):
        yield "two blocks with one block_id"
    for block in blocks:
        if len(block.get("block_id", "")) > 255:
            yield "block_id"
        match block["type"]:
            case "header":
                yield from _plain(block["text"], 150, "header")
            case "section":
                yield from _marked(block["text"], 3000, "section")
            case "context":
                if not 1 <= len(block["elements"]) <= 10:
                    yield "elements of a context"
                for each in block["elements"]:
                    yield from _marked(each, 2000, "context")
            case "actions":
                yield from _actions(block["elements"])
            case "input":
                yield from _plain(block["label"], 2000, "label")
                yield from _element(block["element"])
            case "divider":
                pass
            case other:
                yield f"a block of the kind {other}"


def _actions(elements: list[dict[str, Any]]) -> Iterator[str]:
    if not 1 <= len(elements) <= 25:
        yield f"{len(elements)} elements in actions"
    names = [each["action_id"] for each in elements]
    if len(set(names)) != len(names):
        yield "two buttons with one action_id in a block"
    for each in elements:
        if set(each) - BUTTON_KEYS:
            yield f"a button with {set(each) - BUTTON_KEYS}"
        if not 1 <= len(each["action_id"]) <= 255:
            yield "action_id"
        if len(each.get("value", "")) > 2000:
            yield "value"
        if "accessibility_label" in each and not 1 <= units(each["accessibility_label"]) <= 75:
            yield "accessibility_label"
        if each.get("style") not in (None, "primary", "danger"):
            yield "style"
        yield from _plain(each["text"], 75, "button")


def _element(element: dict[str, Any]) -> Iterator[str]:
    match element["type"]:
        case "static_select":
            options = element["options"]
            if not 1 <= len(options) <= OPTIONS:
                yield f"{len(options)} options"
            for option in options:
                yield from _plain(option["text"], 75, "option")
                if not 1 <= len(option["value"]) <= 75:
                    yield "an option's value"
            if len({each["value"] for each in options}) != len(options):
                yield "two options with one value"
            if "initial_option" in element and element["initial_option"] not in options:
                yield "an initial option that is none of the options"
        case "plain_text_input":
            if not 1 <= element.get("max_length", 1) <= 3000:
                yield "max_length"
        case "timepicker" | "datepicker":
            pass
        case other:
            yield f"an element of the kind {other}"


def _plain(text: Mapping[str, Any], most: int, what: str) -> Iterator[str]:
    if text["type"] != "plain_text":
        yield f"{what}: must be plain text"
    if not 1 <= units(text["text"]) <= most:
        yield f"{what}: {units(text['text'])} characters"


def _marked(text: Mapping[str, Any], most: int, what: str) -> Iterator[str]:
    if text["type"] not in ("mrkdwn", "plain_text"):
        yield f"{what}: {text['type']}"
    if not 1 <= units(text["text"]) <= most:
        yield f"{what}: {units(text['text'])} characters"
    words = re.sub(r"<https?://[^<>|\s]+\|[^<>|]+>", "", text["text"])  # a link with its words
    if text["type"] == "mrkdwn" and ("<" in words or ">" in words):
        yield f"{what}: words that are not escaped"
