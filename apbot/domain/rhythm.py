"""How often a school wants what it owes a placed pupil: contacts, visits, reviews, reports.

Commissioning documents disagree, so each school sets its own, and each placement may differ; where nobody has said
anything the strictest of them holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Every(StrEnum):
    """How often something is due. School weeks, half terms and terms are the school's own."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    HALF_TERM = "half term"
    TERM = "term"
    NEVER = "never"


CONTACT, VISIT, REVIEW, REPORT = "contact", "visit", "review", "report"

CHOICES: Mapping[str, tuple[Every, ...]] = {
    CONTACT: (Every.WEEK, Every.FORTNIGHT),
    VISIT: (Every.HALF_TERM, Every.TERM),
    REVIEW: (Every.HALF_TERM, Every.TERM),
    REPORT: (Every.HALF_TERM, Every.TERM, Every.NEVER),
}
"""What may be set, the strictest first: that is the default. A contact, a visit and a review are always owed."""


@dataclass(frozen=True)
class Rhythms:
    """How often each is due, where that has been said."""

    contact: Every | None = None
    visit: Every | None = None
    review: Every | None = None
    report: Every | None = None

    def over(self, below: "Rhythms") -> "Rhythms":
        """These where they say something, else those `below`: a placement's over its school's."""
        return Rhythms(**{what: getattr(self, what) or getattr(below, what) for what in CHOICES})

    def every(self, what: str) -> Every:
        """How often `what` ("visit") is due; the strictest where nobody has said."""
        said: Every | None = getattr(self, what)
        return said or CHOICES[what][0]

    def to_json(self) -> dict[str, Any] | None:
        """{"visit": "term"}; None where nothing is said."""
        return {what: every.value for what in CHOICES if (every := getattr(self, what))} or None

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> "Rhythms":
        """The rhythms that `to_json` gave."""
        return Rhythms(**{what: Every(every) for what, every in (data or {}).items()})
