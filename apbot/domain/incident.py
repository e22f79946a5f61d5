"""An incident at a provider: what kind, whether the parents know, who is told, and when it calls for a review."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from apbot.domain.calling import Calling
from apbot.domain.roles import Role


class Kind(StrEnum):
    """What has happened. There is no other word for it in the chat: what it was belongs in the school's record."""

    BEHAVIOUR = "poor behaviour"
    DAMAGE = "damage"
    SUBSTANCE = "substance"
    ACCIDENT = "accident"
    LEFT_SITE = "left site"
    """Recorded on the register, which alerts the school: it is no incident of its own."""
    OTHER = "other"

    @property
    def is_behaviour(self) -> bool:
        """Whether it counts towards an emergency review (service agreement: "poor behaviour")."""
        return self in (Kind.BEHAVIOUR, Kind.DAMAGE, Kind.SUBSTANCE)


class ParentsTold(StrEnum):
    """Whether the pupil's parents know of it."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not yet"


AT_ONCE = (Role.ATTENDANCE_CONTACT, Role.DSL)
LATER = (*AT_ONCE, Role.DEPUTY_DSL, Role.HEAD, Role.NAMED_LEAD)
CALLING = Calling(AT_ONCE, LATER)

CALLS_FOR_A_REVIEW = 3
"""So many in one half term of the home school's."""


def calls_for_a_review(since_the_last: int, *, is_open: bool) -> bool:
    """Whether an emergency review is to be opened now.

    `since_the_last` are the incidents of poor behaviour in this half term since the last emergency review, if there
    was one; while one is open no other is opened.
    """
    return not is_open and since_the_last >= CALLS_FOR_A_REVIEW


@dataclass(frozen=True)
class Typed:
    """What somebody typed of an incident, as far as it is certain. `at` is "10:15" or ""; `words` is what is left."""

    kind: Kind | None = None
    at: str = ""
    parents: ParentsTold | None = None
    words: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing has to be asked, and nothing was left over. That a pupil has left site can't wait."""
        return not self.words and (self.kind is Kind.LEFT_SITE or (self.kind is not None and self.parents is not None))


_KINDS = {
    Kind.BEHAVIOUR: r"(?:poor )?behaviour",
    Kind.DAMAGE: r"damaged?",
    Kind.SUBSTANCE: r"substances?",
    Kind.ACCIDENT: r"accident",
    Kind.LEFT_SITE: r"left (?:the )?site",
    Kind.OTHER: r"other",
}
_WHO = r"(?:their |the )?(?:parents?|mum|dad|carers?|home)"
_PARENTS = {
    ParentsTold.NOT_YET: rf"{_WHO} not (?:told |informed )?yet|not (?:yet )?told {_WHO} yet|not yet told {_WHO}",
    ParentsTold.NO: rf"{_WHO} (?:not (?:told|informed)|no)|not told {_WHO}",
    ParentsTold.YES: rf"{_WHO} (?:have been |has been |were |was )?(?:told|informed|yes|knows?)|told {_WHO}",
}
_AT = re.compile(r"(?<![\d:./])(?:at )?([01]?\d|2[0-3])[:.]([0-5]\d)(?![\d:./])")
_FILLER = frozenset({"a", "an", "the", "at", "and", "of", "in", "incident", "with", "was", "is"})


def read_typed(text: str) -> Typed:
    """What a line like "behaviour 10:15 parents told" says; what it says twice in two ways is left to be asked."""
    left = " ".join(text.lower().split())
    parents, left = _only(_PARENTS, left)
    kind, left = _only(_KINDS, left)
    times = {f"{int(found[1]):02}:{found[2]}" for found in _AT.finditer(left)}
    left = _AT.sub(" ", left)
    words = [word for word in re.findall(r"[^\s,;.]+", left) if word not in _FILLER]
    if len(times) > 1:
        words.append("times")
    return Typed(kind, times.pop() if len(times) == 1 else "", parents, " ".join(words))


K = TypeVar("K", Kind, ParentsTold)


def _only(known: Mapping[K, str], said: str) -> tuple[K | None, str]:
    """The one of `known` that is said, or None, and the other words."""
    found: list[K] = []
    for each, words in known.items():
        said, count = re.subn(rf"(?<![\w'-])(?:{words})(?![\w'-])", " ", said)
        if count:
            found.append(each)
    return (found[0] if len(found) == 1 else None), said
