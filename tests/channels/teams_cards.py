"""Adaptive cards as Teams's clients have them: checked, shown as text, and filled in."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = json.loads((Path(__file__).parent / "adaptive_card.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
LIMIT = 28 * 1024
ADAPTIVE = "application/vnd.microsoft.card.adaptive"


def problems_of(card: Any) -> list[str]:
    """What the schema, or a client, would not take."""
    return list(_problems_of(json.dumps(card)))


@cache  # most of a morning's cards are the same in every test, and the schema is slow
def _problems_of(words: str) -> tuple[str, ...]:
    card = json.loads(words)
    found = [f"{list(each.absolute_path)}: {each.message[:300]}" for each in VALIDATOR.iter_errors(card)]
    names = [each["id"] for each in everything(card) if str(each.get("type", "")).startswith("Input.")]
    if len(set(names)) != len(names):
        found.append("two inputs have the same id")
    for each in everything(card):
        if each.get("isRequired") and not each.get("errorMessage"):
            found.append("a required input without an error message")
        if each.get("type") == "Input.ChoiceSet" and each.get("value"):
            offered = {choice["value"] for choice in each["choices"]}
            found += [] if each["value"] in offered else ["a choice that is not offered is filled in"]
    return tuple(found)


def problems_of_message(activity: Mapping[str, Any]) -> list[str]:
    """What Teams would not take as a message."""
    found = []
    if len(json.dumps(activity).encode()) > LIMIT:
        found.append("more than 28 KB")
    if activity.get("type") != "message" or not activity.get("summary"):
        found.append("not a message with a summary")
    attachments = activity.get("attachments") or []
    if len(attachments) != 1 or attachments[0].get("contentType") != ADAPTIVE:
        found.append("not one adaptive card")
    return found + [problem for each in attachments for problem in problems_of(each.get("content"))]


def everything(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in a card, the outermost first."""
    if isinstance(part, dict):
        yield part
        for each in part.values():
            yield from everything(each)
    elif isinstance(part, list):
        for each in part:
            yield from everything(each)


def text_of(card: Any) -> str:
    """What a person reads."""
    return "\n".join(
        re.sub(r"\\(.)", r"\1", each["text"]) for each in everything(card) if each.get("type") == "TextBlock"
    )


def actions_of(card: Any) -> list[dict[str, Any]]:
    """What can be pressed at once; not what a pressed button opens."""
    found = []
    for each in card.get("body", []):
        found += each.get("actions", []) if each.get("type") == "ActionSet" else []
        found += actions_of({"body": each.get("items", [])}) if each.get("type") == "Container" else []
    return found + card.get("actions", [])


def press(card: Any, label: str, about: str, inputs: Mapping[str, str]) -> dict[str, Any] | None:
    """The action that a client sends for this button, filled in; None where there is no such button."""
    for action in actions_of(card):
        if action["title"].startswith(label) and about in action.get("tooltip", ""):
            if action["type"] == "Action.Execute":
                return _sent(action, {})
            shown = action["card"]
            filled = {}
            for each in (e for e in shown["body"] if e["type"].startswith("Input.")):
                value = inputs.get(each["id"].partition(".")[0], each.get("value", ""))
                assert value or not each.get("isRequired"), f"the client would ask for {each['id']}"
                if each["type"] == "Input.ChoiceSet" and value:
                    assert value in {choice["value"] for choice in each["choices"]}, f"{value} is not offered"
                if value or each["type"] == "Input.Text":
                    filled[each["id"]] = value
            return _sent(shown["actions"][0], filled)
    return None


def _sent(action: Mapping[str, Any], filled: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "Action.Execute", "verb": action["verb"], "data": {**action["data"], **filled}}
