"""A clause's words sorted by what they do: its verbs, each with its 'not', 'will' and time, and what is odd."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from apbot.domain.marks import Reason
from apbot.domain.replies.lexer import Item
from apbot.domain.replies.parts import HARMLESS, PREDICATES, SUBJECTS, Part
from apbot.domain.replies.times import When

_PRESENT = frozenset({Part.HERE, Part.CAME, Part.TICK, Part.YES, Part.HAVE_GOT})
_DENIABLE = frozenset({Part.HERE, Part.CAME, Part.COME, Part.COMING, Part.HAVE_GOT})
_WEAK = frozenset({Part.TICK, Part.YES, Part.NO, Part.SAME})
_ODD = frozenset({Part.UNKNOWN, Part.PERSON, Part.SAYS, Part.TRANSPORT, Part.DOUBT, Part.CAUSE, Part.OR, Part.ASK})
_CAN_BE_OWNED = frozenset({Part.PERSON, Part.UNKNOWN, Part.REMARK, Part.PLACE})


class Way(StrEnum):
    """Which way a verb points."""

    ON_SITE = "on site"
    LATE = "late"
    COMING = "still to come"
    ABSENT = "not there"
    LEFT = "left the site"
    LEAVING = "is going to leave"
    CLOSED = "no session"
    PUZZLE = "no telling"


_WAYS = {
    **dict.fromkeys(_PRESENT, Way.ON_SITE),
    **dict.fromkeys((Part.COME, Part.COMING), Way.COMING),
    **dict.fromkeys((Part.LEFT, Part.GONE), Way.LEFT),
    Part.LATE: Way.LATE,
    Part.LEAVING: Way.LEAVING,
    Part.CLOSED: Way.CLOSED,
    Part.UNSURE: Way.PUZZLE,
}
_WILL_BE = {
    Way.ON_SITE: Way.COMING,
    Way.LATE: Way.COMING,
    Way.LEFT: Way.LEAVING,
    Way.CLOSED: Way.PUZZLE,
}


@dataclass(slots=True)
class Verb:
    """One predicate with what belongs to it."""

    item: Item
    denied: bool = False
    future: bool = False
    just: bool = False
    when: When | None = None

    @property
    def part(self) -> Part:
        """The part its predicate plays."""
        return self.item.part

    @property
    def way(self) -> Way:
        """Which way it points, its 'not' and 'will' taken in."""
        if self.denied:
            return Way.ABSENT if self.part in _DENIABLE else Way.PUZZLE
        way = _WAYS.get(self.part, Way.ABSENT)
        return _WILL_BE.get(way, way) if self.future else way

    @property
    def is_plain_absence(self) -> bool:
        """Not being there is said in so many words, and does not follow from a reason only."""
        return self.part is Part.ABSENT or (self.denied and self.part in _DENIABLE)


@dataclass
class Sense:
    """The words of one clause, sorted."""

    items: Sequence[Item]
    verbs: list[Verb] = field(default_factory=list)
    loose_time: When | None = None  # a time that belongs to no verb
    puzzling: bool = False  # its 'not', 'will' or times do not fit together

    def __post_init__(self) -> None:
        self._parts = {item.part for item in self.items}
        denied = just = future = False
        for item, after in self._with_next():
            if item.part in (Part.NOT, Part.NEITHER):
                self.puzzling |= denied
                denied = True
                if after is Part.PUPIL and item.text in ("not", "without") and not self.has(*PREDICATES):
                    self.verbs.append(Verb(Item(Part.ABSENT)))
                    denied = False
            elif item.part is Part.NO and after is Part.PUPIL:
                self.verbs.append(Verb(Item(Part.ABSENT)))
            elif item.part is Part.NO and self.has(*(PREDICATES - {Part.NO})):
                self.puzzling = True
            elif item.part is Part.REMARK:
                denied = False  # 'not happy' denies nothing else
            elif item.part is Part.PLACE:
                self.puzzling |= denied
                if self.verbs and self.verbs[-1].denied:
                    self.verbs[-1] = Verb(Item(Part.UNSURE))  # 'not in the workshop' may be in the yard
            elif item.part is Part.JUST:
                just = after is not Part.PUPIL  # 'just Jay' is 'only Jay'
            elif item.part is Part.WILL:
                future = True
            elif item.part is Part.TIME:
                self._give_time(item.when)
            elif item.part in PREDICATES or (item.part is Part.HAVE_GOT and after in SUBJECTS):
                self.verbs.append(Verb(item, denied, future, just, self.loose_time))
                self.loose_time = None
                denied = just = future = False
        self.puzzling |= denied or future
        strong = [verb for verb in self.verbs if verb.part not in _WEAK]
        self.verbs = strong or self.verbs

    def _with_next(self) -> Iterator[tuple[Item, Part | None]]:
        return zip(self.items, [*(item.part for item in self.items[1:]), None], strict=False)

    def _give_time(self, when: When | None) -> None:
        last = self.verbs[-1] if self.verbs else None
        if last is None:
            self.puzzling |= self.loose_time is not None
            self.loose_time = when
        else:
            self.puzzling |= last.when is not None and last.when != when
            last.when = when

    def has(self, *parts: Part) -> bool:
        """Any of the parts occurs."""
        return not self._parts.isdisjoint(parts)

    def has_verb(self, *parts: Part) -> bool:
        """Any verb plays one of the parts."""
        return any(verb.part in parts for verb in self.verbs)

    @property
    def ways(self) -> list[Way]:
        """Where its verbs point, in order."""
        return [verb.way for verb in self.verbs]

    @property
    def when(self) -> When | None:
        """The time said, if any."""
        return next((verb.when for verb in self.verbs if verb.when), self.loose_time)

    @property
    def others(self) -> set[Part]:
        """The parts that are neither whom it is about nor harmless."""
        return self._parts - SUBJECTS - HARMLESS

    @property
    def is_doubted(self) -> bool:
        """Something in it says 'perhaps', or takes it back, or makes no sense."""
        return self.puzzling or self.has(Part.MAYBE, Part.DOUBT)

    @property
    def is_understood(self) -> bool:
        """Every word is known and does no harm."""
        return not self.is_doubted and not self.has(*_ODD)

    @property
    def is_excused_only(self) -> bool:
        """Nothing stands in the way of understanding but why: 'late, taxi'."""
        return not self.is_doubted and not self.has(*(_ODD - {Part.TRANSPORT, Part.CAUSE}))

    @property
    def is_about_somebody_else(self) -> bool:
        """'Jay's mum is here', 'Jay's bag is missing'; but not 'Jay's mum says he is ill'."""
        owns = any(one.part is Part.POSSESSIVE and after in _CAN_BE_OWNED for one, after in self._with_next())
        return owns and not self.has(Part.SAYS)

    @property
    def reason(self) -> Reason | None:
        """The one reason given, unless it is somebody else's, or only guessed."""
        reasons = {verb.item.reason for verb in self.verbs if verb.item.reason and not verb.denied}
        if self.has(Part.MAYBE) or len(reasons) != 1:
            return None
        somebody_else = self.has(Part.PERSON) and not self.has(Part.SAYS)
        return None if somebody_else and reasons & {Reason.ILL, Reason.MEDICAL} else reasons.pop()
