"""Cover as it is typed: who is away, when, and who stands in.

"from 21 Sep to 25 Sep by Tom Beckett", "Dorothy Okafor tomorrow by Tom Beckett", "tomorrow by nobody".
"""

import re
from dataclasses import dataclass
from datetime import date

from apbot.domain.dates import Unclear, read_days

EXAMPLE = "/ap cover from 21 Sep to 25 Sep by Tom Beckett"

ME = "me"
"""Whoever typed it."""

_FILLER = frozenset({"for", "is", "away", "off", "i'm", "i’m"})
_ME = frozenset({"me", "myself", "i", "self"})
_NOBODY = frozenset({"nobody", "none", "no-one", "noone", "no one"})
_BY = re.compile(r"\b(?:covered )?by\b", re.IGNORECASE)
_MARK = "\N{SECTION SIGN}by"


@dataclass(frozen=True)
class Cover:
    """Who is away on which days, both included, and who stands in: names as typed, `ME`, or None for nobody."""

    of: str
    by: str | None
    starts_on: date
    ends_on: date


def read_cover(text: str, today: date) -> Cover:
    """The cover that `text` describes. Raises `Unclear`, saying what is missing."""
    days = read_days(_BY.sub(f" {_MARK} ", text), today)
    if days.rest.count(_MARK) != 1:
        raise Unclear(f"Who stands in? Write it like this, or “by nobody”: {EXAMPLE}")
    at = days.rest.index(_MARK)
    of, by = _name(days.rest[:at]), _name(days.rest[at + 1 :])
    if not by:
        raise Unclear(f"Who stands in? Write a name after “by”, or “by nobody”: {EXAMPLE}")
    return Cover(of or ME, None if by.lower() in _NOBODY else by, days.starts_on, days.ends_on)


def _name(words: tuple[str, ...]) -> str:
    kept = [word for word in words if word.lower() not in _FILLER]
    if any(re.fullmatch(r"[ap]\.?m\.?|morning|afternoon", word, re.IGNORECASE) for word in kept):
        raise Unclear("Cover is for whole days. Leave out am and pm.")
    return ME if " ".join(kept).lower() in _ME else " ".join(kept)
