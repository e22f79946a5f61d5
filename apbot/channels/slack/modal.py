"""What is asked after a press: a form that opens above the conversation, and reading what was filled in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from apbot.cards import Input, InputKind
from apbot.channels.slack.blocks import Block, Pressed, escaped, plain, section
from apbot.channels.slack.payloads import mapping

CALLBACK = "asked"
TITLE_MOST = 24
OPTION_MOST = 75
OPTIONS_MOST = 100
TEXT_INPUT_MOST = 3000
LABEL_MOST = 2000
METADATA_MOST = 3000
BLOCK = "asked:"
"""What the identifier of an input's block begins with; its name follows."""


@dataclass(frozen=True)
class Asked:
    """What a form was opened for: the button, and where it was pressed."""

    verb: str
    subject: int
    value: str = ""
    place: str = ""
    channel: str = ""
    platform_ref: str = ""
    thread: str = ""
    response_url: str = ""

    def to_text(self) -> str:
        """As the form carries it."""
        return orjson.dumps(vars(self)).decode()


def asked_from(text: object) -> Asked | None:
    """What `Asked.to_text` gave, or None for what apbot did not make."""
    try:
        asked = Asked(**orjson.loads(text))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return asked if isinstance(asked.verb, str) and isinstance(asked.subject, int) else None


def view_of(pressed: Pressed, label: str, asked: Asked) -> dict[str, Any]:
    """The form."""
    about: list[Block] = [section(f"*{escaped(pressed.describes, OPTION_MOST)}*")] if pressed.describes else []
    metadata = asked.to_text()
    if len(metadata) > METADATA_MOST:
        metadata = Asked(asked.verb, asked.subject, asked.value[:200], asked.place, asked.channel).to_text()
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(label, TITLE_MOST),
        "submit": plain("Record", TITLE_MOST),
        "close": plain("Cancel", TITLE_MOST),
        "private_metadata": metadata,
        "blocks": [*about, *map(_input_block, pressed.inputs)],
    }


def _input_block(each: Input) -> Block:
    return {
        "type": "input",
        "block_id": f"{BLOCK}{each.name}",
        "label": plain(each.label, LABEL_MOST),
        "element": _element(each),
        "optional": each.optional,
    }


def _element(each: Input) -> Block:
    match each.kind:
        case InputKind.TIME:
            initial = {"initial_time": each.value} if each.value else {}
            return {"type": "timepicker", "action_id": each.name, **initial}
        case InputKind.DATE:
            initial = {"initial_date": each.value} if each.value else {}
            return {"type": "datepicker", "action_id": each.name, **initial}
        case InputKind.CHOICE if each.choices:
            return _select(each)
        case _:
            element = {
                "type": "plain_text_input",
                "action_id": each.name,
                "max_length": max(1, min(each.max_length, TEXT_INPUT_MOST)),
            }
            return {**element, "initial_value": each.value[:TEXT_INPUT_MOST]} if each.value else element


def _select(each: Input) -> Block:
    options = {
        choice.value: {"text": plain(choice.label, OPTION_MOST), "value": choice.value}
        for choice in each.choices[:OPTIONS_MOST]
    }
    element = {"type": "static_select", "action_id": each.name, "options": list(options.values())}
    return {**element, "initial_option": options[each.value]} if each.value in options else element


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by the inputs' names; what was left empty is ""."""
    filled = {}
    for block_id, elements in mapping(mapping(view.get("state")).get("values")).items():
        for name, element in mapping(elements).items():
            if str(block_id) == f"{BLOCK}{name}":
                filled[str(name)] = _given(mapping(element))
    return filled


def _given(element: Mapping[str, Any]) -> str:
    option = mapping(element.get("selected_option"))
    for found in (option.get("value"), *map(element.get, ("selected_time", "selected_date", "value"))):
        if isinstance(found, str):
            return found
    return ""


def field_for_errors(view: Mapping[str, Any]) -> str:
    """The block at which a refusal is shown: what had to be filled in and is empty, else a time's, else the first."""
    blocks = view.get("blocks")
    inputs = (
        [mapping(each) for each in blocks if mapping(each).get("type") == "input"] if isinstance(blocks, list) else []
    )
    filled = {f"{BLOCK}{name}" for name, value in values_of(view).items() if value}
    empty = [each for each in inputs if not each.get("optional") and each.get("block_id") not in filled]
    times = [each for each in inputs if mapping(each.get("element")).get("type") == "timepicker"]
    named = [str(each.get("block_id", "")) for each in (*empty, *times, *inputs)]
    return next((each for each in named if each), "") or next((f"{BLOCK}{name}" for name in values_of(view)), "")


def digest_of(view: Mapping[str, Any]) -> str:
    """The same for the same answers: a form that is sent twice with them is one event."""
    filled = orjson.dumps(values_of(view), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(filled).hexdigest()[:16]
