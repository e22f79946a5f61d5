"""Real payloads with something wrong in them: a value of another kind, one too many, one too few, one too large."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**400,
    1.5,
    1e308,
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e\u200b",
    "9" * 5000,
    "<@U0>" * 300,
    "A" * 20_000,
    "../../etc/passwd",
    "'; DROP TABLE pupils; --",
    "{{7*7}}",
    "٣٤",
    "²",
    "1e5",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59-14:00",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"type": {}},
    ["x"] * 500,
]
"""What stands in no real payload."""


SIGNS = ["\x00", "\u0301", "😀", ":", "-", "/", '"', "\n", "&", "%", "９", "ß", " "]


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at]
    if isinstance(value, dict):
        for key, each in value.items():
            found += _paths(each, (*at, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            found += _paths(each, (*at, number))
    return found


def _holder(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    return _holder(value, path)[path[-1]] if path else value


def mutated(payload: Any, chance: random.Random) -> Any:
    """`payload` with one to four things wrong."""
    value = copy.deepcopy(payload)
    for _ in range(chance.randint(1, 4)):
        paths = [each for each in _paths(value) if each]
        if not paths:
            break
        path = chance.choice(paths)
        holder = _holder(value, path)
        match chance.randrange(7):
            case 0:
                del holder[path[-1]]
            case 1 | 2:
                holder[path[-1]] = copy.deepcopy(chance.choice(ODD))
            case 3:
                holder[path[-1]] = copy.deepcopy(_at(value, chance.choice(paths)))
            case 4 if isinstance(holder, list):
                holder += [copy.deepcopy(holder[path[-1]])] * chance.choice((1, 100))
            case 5:
                deep: Any = "deep"
                for _ in range(chance.choice((3, 200))):
                    deep = [deep] if chance.random() < 0.5 else {"x": deep}
                holder[path[-1]] = deep
            case _:
                text = holder[path[-1]]
                holder[path[-1]] = garbled(text, chance) if isinstance(text, str) else str(text)
    return value


def garbled(text: str, chance: random.Random) -> str:
    """A text with letters changed, doubled, left out or put in."""
    letters = list(text)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(letters) + 1)
        match chance.randrange(4):
            case 0:
                letters[at:at] = chance.choice(SIGNS)
            case 1:
                del letters[at : at + chance.randint(1, 5)]
            case 2:
                letters[at:at] = letters[max(0, at - 8) : at] * chance.choice((1, 50))
            case _:
                if at < len(letters):
                    letters[at] = chr(chance.choice((chance.randrange(32, 127), chance.randrange(0x20, 0xD7FF))))
    return "".join(letters)


def as_json(value: Any) -> bytes:
    """As a platform would write it; what JSON has no words for is left as Python writes it, which is wrong JSON."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def bytes_of(data: bytes, chance: random.Random) -> bytes:
    """Bytes cut, changed or doubled."""
    raw = bytearray(data)
    change: list[Callable[[], None]] = [
        lambda: raw.__setitem__(slice(chance.randrange(len(raw) + 1), None), b""),
        lambda: raw.__setitem__(slice(0, 0), bytes(chance.randrange(256) for _ in range(8))),
    ]
    for _ in range(chance.randint(1, 10)):
        if not raw:
            break
        if chance.random() < 0.05:
            chance.choice(change)()
        else:
            raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)
