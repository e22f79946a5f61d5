"""Reading what people type in one cell: words, references, yes or no, minutes.

Every reader takes a cell's value as the spreadsheet holds it and raises `Unreadable` for what can't be meant.
Given its own result it gives the same again.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from apbot.domain.codes import MEANINGS
from apbot.domain.initials import UNREADABLE
from apbot.roster.problems import Unreadable

LONGEST = 32_767
"""No cell of a spreadsheet holds more characters than this."""

EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})

NOTHING = frozenset(
    {"", "-", "--", "n/a", "na", "n.a.", "none", "nil", "tbc", "tba", "tbd", "?", "unknown", "not known"}
)
"""What people write where they have nothing to write."""

_DASHES = str.maketrans("‐‑‒–—―−", "-" * 7)
_QUOTES = str.maketrans("‘’ʼ´`“”", "'''''\"\"")
_TEXT_MARK = re.compile(r"'(?=[0-9=+\-@(])")


def plain(value: object) -> str:
    """The cell as one line of text: spaces of every kind tidied, invisible characters gone. Dates are refused."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _tidy(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (datetime, date, time, timedelta)):
        raise Unreadable(
            "has been made a date or a time by the spreadsheet", "format the cell as Text and type it again"
        )
    return _tidy(str(value))


def display(value: object) -> str:
    """The cell as a person would recognise it in a message; anything at all can be shown."""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, str):
        value = value[:LONGEST]
    try:
        return plain(value)
    except Unreadable:
        return str(value)


def is_blank(value: object) -> bool:
    """Whether the cell looks empty."""
    if not isinstance(value, str):
        return value is None
    stripped = value.strip()
    return not stripped or not (stripped[0].isalnum() or _tidy(stripped[:LONGEST]))


def _tidy(value: str) -> str:
    if len(value) > LONGEST:
        raise Unreadable(f"is {len(value):,} characters long", "shorten it")
    if not (value.isascii() and value.isprintable()):
        value = unicodedata.normalize("NFC", value)
        value = "".join(" " if char.isspace() else char for char in value if _is_visible(char))
    value = " ".join(value.split())
    return value[1:].strip() if value[:1] == "'" and _TEXT_MARK.match(value) else value


def _is_visible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def words(value: object) -> str:
    """`plain` in small letters with straight quotes and dashes: for comparing with what is understood."""
    return plain(value).translate(_DASHES).translate(_QUOTES).casefold()


def text(limit: int) -> Callable[[object], str]:
    """A reader of free text of at most `limit` characters."""

    def read(value: object) -> str:
        found = plain(value)
        if found.upper() in EXCEL_ERRORS:
            raise Unreadable("is an error from the spreadsheet", "mend the formula, or type the value")
        if found == UNREADABLE:
            raise Unreadable("stands for what could not be decrypted", "type what it was, or put the missing key back")
        if len(found) > limit:
            raise Unreadable(f"is {len(found):,} characters long", f"write at most {limit}")
        return found

    return read


def optional_text(limit: int) -> Callable[[object], str]:
    """The same, where "n/a", "none", "-" and the like mean that there is nothing to say."""
    read_text = text(limit)

    def read(value: object) -> str:
        found = read_text(value)
        return "" if found.casefold() in NOTHING else found

    return read


_READ_REF = text(40)


def ref(value: object) -> str:
    """A reference of a school, provider or person, as its sheet spells it. 101.0 is 101."""
    return _READ_REF(_whole(value)).translate(_DASHES).translate(_QUOTES)


def optional_ref(value: object) -> str:
    """A reference, or "" for "none", "-" and the like."""
    found = ref(value)
    return "" if found.casefold() in NOTHING else found


def refs(value: object) -> tuple[str, ...]:
    """One or more references: "HILL", or "HILL; OAK"."""
    if isinstance(value, str):
        value = re.sub(r"[\n;,]+", ";", value)
    parts = [part.strip() for part in plain(value).split(";")]
    found = tuple(dict.fromkeys(ref(part) for part in parts if part))
    if not found:
        raise Unreadable("names no place", "write the ref of a school or provider")
    return found


def optional_refs(value: object) -> tuple[str, ...]:
    """The same, where "none", "-" and the like name no place."""
    return () if words(value) in NOTHING else refs(value)


def placement_ref(value: object) -> str:
    """A placement's reference: longer than others, since it is usually made of two."""
    return text(80)(_whole(value)).translate(_DASHES).translate(_QUOTES)


_PUPIL_REF = re.compile(r"[A-Z0-9][A-Z0-9-]*")
_CHAT_WORDS = frozenset(
    {"ALL", "AM", "PM", "NONE", "NIL", "YES", "NO", "OK", "HERE", "LATE", "ABSENT", "PRESENT", "DSL", "SENCO", "HELP"}
    | {code.upper() for code in MEANINGS}
)


def pupil_ref(value: object) -> str:
    """A pupil's short reference, such as CD34: what the chat shows instead of a name."""
    right = "write a short reference of letters and digits, such as CD34, at most 12 long"
    found = text(LONGEST)(_whole(value)).translate(_DASHES).upper()
    found = re.sub(r"^([A-Z]+) (?=\d+$)", r"\1", found)
    if len(found) > 12:
        raise Unreadable(f"is {len(found)} characters long", right)
    if " " in found:
        raise Unreadable("has a space in it", right)
    if not _PUPIL_REF.fullmatch(found):
        raise Unreadable("is not a reference", right)
    if found in _CHAT_WORDS or len(found) < 2 or (found.isdecimal() and len(found) < 3):
        raise Unreadable("means something else in the chat", right)
    return found


def _whole(value: object) -> object:
    """A number kept as text by another program, "101.0", is the number."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d+\.0\s*", value):
        return value.strip()[:-2]
    return value


_YES = frozenset({"yes", "y", "true", "t", "x", "1", "✓", "✔", "☑", "ye", "yeah", "on"})
_NO = frozenset({"no", "n", "false", "f", "0", "✗", "✘", "☐", "off", "nope"}) | NOTHING


def yes_no(value: object) -> bool:
    """Yes or no, however it is ticked."""
    found = words(value).rstrip(".")
    if found in _YES:
        return True
    if found in _NO:
        return False
    raise Unreadable("is neither yes nor no", "write yes or no")


_MINUTES = re.compile(r"(\d{1,4})(?:\.0)?(?: ?(?:m|min|mins|minute|minutes))?\.?")


def minutes(low: int, high: int) -> Callable[[object], int]:
    """A reader of a number of minutes from `low` to `high`."""
    right = f"write a number of minutes from {low} to {high}"

    def read(value: object) -> int:
        if isinstance(value, time):
            value = value.hour * 60 + value.minute
        found = _MINUTES.fullmatch(words(value))
        if not found:
            raise Unreadable("is not a number of minutes", right)
        if not low <= int(found[1]) <= high:
            raise Unreadable("is out of range", right)
        return int(found[1])

    return read


def one_of(meanings: Mapping[str, Any], right: str) -> Callable[[object], Any]:
    """A reader of one of a few words, each with what it means."""

    def read(value: object) -> Any:
        found = words(value).rstrip(".")
        if found in meanings:
            return meanings[found]
        raise Unreadable("is not understood", right)

    return read
