"""Parameters of the API: what each may be, read from a request, and described for who reads the documentation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from apbot.web.api.problems import wrong

MOST = 200
"""Items on one page, at most."""

USUAL = 100
LONGEST_REFERENCE = 80
LARGEST_CURSOR = 2**53 - 1


class Kind(StrEnum):
    """What a parameter is."""

    DAY = "day"
    REFERENCE = "reference"
    CHOICE = "choice"
    LIMIT = "limit"
    CURSOR = "cursor"


@dataclass(frozen=True)
class Param:
    """One parameter of a query. `default` is said in words; what holds without it is up to the resource."""

    name: str
    kind: Kind
    words: str
    choices: Sequence[str] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        match self.kind:
            case Kind.DAY:
                return {"type": "string", "format": "date"}
            case Kind.REFERENCE:
                return {"type": "string", "minLength": 1, "maxLength": LONGEST_REFERENCE}
            case Kind.CHOICE:
                return {"type": "string", "enum": list(self.choices)}
            case Kind.LIMIT:
                return {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
            case Kind.CURSOR:
                return {"type": "integer", "minimum": 0, "maximum": LARGEST_CURSOR}

    def read(self, text: str) -> Any:
        """The value. Raises `Problem` for one that can't be used."""
        match self.kind:
            case Kind.DAY:
                return _day(self.name, text)
            case Kind.REFERENCE:
                if not 1 <= len(text) <= LONGEST_REFERENCE or "\x00" in text:
                    raise wrong(self.name, f"a reference of 1 to {LONGEST_REFERENCE} characters")
                return text
            case Kind.CHOICE:
                if text not in self.choices:
                    raise wrong(self.name, f"one of: {', '.join(self.choices)}")
                return text
            case Kind.LIMIT:
                return _number(self.name, text, 1, MOST)
            case Kind.CURSOR:
                return _number(self.name, text, 0, LARGEST_CURSOR)


FROM = Param("from", Kind.DAY, "The first day. Without it today.")
TO = Param("to", Kind.DAY, "The last day, which is included. Without it the first day.")
SCHOOL = Param("school", Kind.REFERENCE, "One school's reference. Without it every school of the key.")
PROVIDER = Param("provider", Kind.REFERENCE, "One provider's reference.")
LIMIT = Param("limit", Kind.LIMIT, "Items on one page.")
AFTER = Param("after", Kind.CURSOR, "Where the page before ended: take it from “next”.")
PAGED = (LIMIT, AFTER)


def read_params(given: Mapping[str, str], params: Sequence[Param]) -> dict[str, Any]:
    """The parameters that were given, by name. Raises `Problem`."""
    return {each.name: each.read(given[each.name]) for each in params if each.name in given}


def _day(name: str, text: str) -> date:
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise wrong(name, "a day such as 2026-09-17") from None


def _number(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 17 and least <= int(text) <= most):
        raise wrong(name, f"a whole number from {least} to {most}")
    return int(text)
