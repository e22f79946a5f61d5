"""What a provider has to show, and for how long it holds."""

from dataclasses import dataclass
from datetime import date

ASSURANCE = "letter of assurance"
QUALITY_VISIT = "quality visit"


@dataclass(frozen=True)
class Kind:
    """One kind of document, training or check. `years` is how long it holds from its date, where that is agreed."""

    name: str
    years: int | None = None
    is_training: bool = False


KINDS = (
    Kind(ASSURANCE, 1),
    Kind("public liability insurance", 1),
    Kind("safeguarding policy", 1),
    Kind("safeguarding training level 2", 1, is_training=True),
    Kind("safeguarding training level 3", 2, is_training=True),
    Kind("safeguarding training level 4", 2, is_training=True),
    Kind("fire drill", 1),
    Kind("first aid", 3, is_training=True),
    Kind("health and safety policy", 1),
    Kind(QUALITY_VISIT, 1),
)
"""Those that commissioning documents ask for: levels 2 yearly, 3 and 4 every two years, the fire drill yearly."""

BY_NAME = {each.name: each for each in KINDS}

ASKED_OF_ALL = (ASSURANCE, "public liability insurance", "safeguarding policy")
"""What every provider must have shown before a placement starts."""


def expiry(kind: str, dated_on: date | None, expires_on: date | None) -> date | None:
    """The last day on which it holds: as it says, else its date and the agreed years; None where neither is known."""
    years = BY_NAME[kind].years if kind in BY_NAME else None
    if expires_on is not None or dated_on is None or years is None:
        return expires_on
    try:
        return dated_on.replace(year=dated_on.year + years)
    except ValueError:  # 29 February
        return dated_on.replace(year=dated_on.year + years, day=28)
