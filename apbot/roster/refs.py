"""References as people type them: which ones are the same, and which one was probably meant."""

from collections.abc import Iterable
from functools import lru_cache

CLOSE_ENOUGH = 60
"""How alike (of 100) a known reference must be to be offered in place of an unknown one."""


@lru_cache(maxsize=65_536)
def key(ref: str) -> str:
    """What makes two references the same one: neither capitals nor spaces, nor zeros that Excel ate."""
    found = "".join(ref.split()).casefold()
    return found.lstrip("0") or "0" if found.isdecimal() else found


def closest(ref: str, known: Iterable[str]) -> str | None:
    """The known reference that is most like `ref`, or None where none is like it."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(key(ref), {each: key(each) for each in known}, scorer=fuzz.ratio)
    return found[2] if found and found[1] >= CLOSE_ENOUGH else None
