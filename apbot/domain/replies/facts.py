"""What a clause says happened, and whether that is certain enough to be recorded.

Being on site is believed only when every word of the clause was understood; not being there is believed
through words we do not know, as long as it was said plainly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum

from apbot.domain.marks import Fact, Reason
from apbot.domain.replies.lexer import Item
from apbot.domain.replies.model import Unclear
from apbot.domain.replies.parts import PREDICATES, SUBJECTS, Part
from apbot.domain.replies.times import Moment, When

_EARLIEST_ARRIVAL_BEFORE_START = 120
"""Minutes. A pupil said to have come earlier than this was not coming to this session."""

_JUST_NOW_IS_ON_TIME = 5
"""Minutes. 'Just walked in', sent so soon after the start, is no lateness: nobody read a clock."""


class Slight(StrEnum):
    """Why an outcome weighs little."""

    REMARK = "small talk: gives way to whatever else is said"
    NAME_ONLY = "nothing is said: gives way to what is said about the same pupil by name"
    CHATTER = "words we do not know, about somebody and not about being here"
    SAME = "the same as what was said just before"
    OPPOSITE = "the opposite of what was said just before"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a clause says about its subjects."""

    fact: Fact | None = None
    at: time | None = None
    reason: Reason | None = None
    unclear: Unclear | None = None
    slight: Slight | None = None

    @property
    def is_remark(self) -> bool:
        """It says nothing about being here."""
        return self.slight is Slight.REMARK

    @property
    def is_bare(self) -> bool:
        """It says nothing at all."""
        return self.slight is Slight.NAME_ONLY

    @property
    def is_certain(self) -> bool:
        """Fit to be recorded."""
        return self.fact is not None and self.unclear is None

    def asked(self, unclear: Unclear = Unclear.WHAT_HAPPENED) -> "Outcome":
        """The same, to be asked about instead."""
        return replace(self, unclear=unclear)


UNCLEAR = Outcome(unclear=Unclear.WHAT_HAPPENED)
REMARK = replace(UNCLEAR, slight=Slight.REMARK)
BARE = replace(UNCLEAR, slight=Slight.NAME_ONLY)
HERE = Outcome(Fact.ARRIVED)
ABSENT = Outcome(Fact.NOT_ARRIVED)

_ON_SITE = frozenset({Part.HERE, Part.CAME, Part.TICK, Part.YES, Part.HAVE_GOT})
_WEAK = frozenset({Part.TICK, Part.YES, Part.NO, Part.SAME})
_SAID_PLAINLY = frozenset({Part.ABSENT, Part.HERE, Part.CAME, Part.COME, Part.COMING, Part.HAVE_GOT})
_NOT_UNDERSTOOD = frozenset({Part.UNKNOWN, Part.PERSON, Part.SAYS, Part.TRANSPORT, Part.DOUBT, Part.CAUSE, Part.OR, Part.ASK})
_HARMLESS = frozenset({Part.PLAIN, Part.THANKS, Part.REMARK, Part.ALL_FINE, Part.ARTICLE, Part.AUXILIARY, Part.TODAY, Part.KIDS})


@dataclass(slots=True)
class _Verb:
    """One predicate with what belongs to it."""

    item: Item
    negated: bool = False
    future: bool = False
    just: bool = False
    when: When | None = None

    @property
    def part(self) -> Part:
        return self.item.part


@dataclass
class _Sense:
    """A clause's words sorted by what they do."""

    items: Sequence[Item]
    verbs: list[_Verb] = field(default_factory=list)
    loose_time: When | None = None
    by: bool = False
    puzzling: bool = False

    def __post_init__(self) -> None:
        negated = just = future = False
        for index, item in enumerate(self.items):
            after = self.items[index + 1].part if index + 1 < len(self.items) else None
            if item.part in (Part.NOT, Part.NEITHER):
                self.puzzling |= negated
                negated = True
                if after is Part.PUPIL and item.part is Part.NOT and not self._any(PREDICATES):
                    self.verbs.append(_Verb(Item(Part.ABSENT)))
                    negated = False
            elif item.part is Part.NO and after is Part.PUPIL:
                self.verbs.append(_Verb(Item(Part.ABSENT)))
            elif item.part is Part.NO and self._any(PREDICATES - {Part.NO}):
                self.puzzling = True
            elif item.part is Part.REMARK and negated:
                negated = False
            elif item.part is Part.PLACE and negated:
                self.puzzling = True
            elif item.part is Part.JUST:
                just = after is not Part.PUPIL  # 'just Jay' is 'only Jay'
            elif item.part is Part.WILL:
                future = True
            elif item.part is Part.BY:
                self.by = True
            elif item.part is Part.TIME:
                self._time(item.when)
            elif item.part is Part.HAVE_GOT and after in SUBJECTS:
                self.verbs.append(_Verb(item, negated))
                negated = False
            elif item.part in PREDICATES:
                self.verbs.append(_Verb(item, negated, future, just, self.loose_time))
                self.loose_time = None
                negated = just = False
            future = future and item.part not in PREDICATES
        self.puzzling |= negated or future

    def _time(self, when: When | None) -> None:
        last = self.verbs[-1] if self.verbs else None
        if last is None:
            self.puzzling |= self.loose_time is not None
            self.loose_time = when
        else:
            self.puzzling |= last.when is not None and last.when != when
            last.when = when

    def _any(self, parts: frozenset[Part]) -> bool:
        return any(item.part in parts for item in self.items)

    def has(self, *parts: Part) -> bool:
        return self._any(frozenset(parts))

    @property
    def understood(self) -> bool:
        """Every word is known and does no harm."""
        return not self._any(_NOT_UNDERSTOOD) and not self.has(Part.MAYBE) and not self.puzzling

    @property
    def only_excuses(self) -> bool:
        """Nothing stands in the way of understanding but why: 'late, taxi'."""
        odd = {item.part for item in self.items} & (_NOT_UNDERSTOOD | {Part.MAYBE})
        return odd <= {Part.TRANSPORT, Part.CAUSE} and not self.puzzling

    @property
    def about_somebody_else(self) -> bool:
        """'Jay's mum is here', 'Jay's bag is missing'."""
        if self.has(Part.SAYS):
            return False
        owned = (Part.PERSON, Part.UNKNOWN, Part.REMARK, Part.PLACE)
        pairs = zip(self.items, self.items[1:], strict=False)
        return any(one.part is Part.POSSESSIVE and other.part in owned for one, other in pairs)

    @property
    def reason(self) -> Reason | None:
        """The one reason given, unless it is somebody else's, or only guessed."""
        reasons = {verb.item.reason for verb in self.verbs if verb.item.reason and not verb.negated}
        if self.has(Part.MAYBE) or len(reasons) != 1:
            return None
        if self.has(Part.PERSON) and not self.has(Part.SAYS) and reasons & {Reason.ILL, Reason.MEDICAL}:
            return None
        return reasons.pop()


def understand(items: Sequence[Item], moment: Moment) -> Outcome:
    """What the clause made of these items says."""
    sense = _Sense(items)
    strong = [verb for verb in sense.verbs if verb.part not in _WEAK]
    if not strong and all(verb.part is Part.SAME for verb in sense.verbs) and sense.verbs:
        return replace(UNCLEAR, slight=Slight.SAME) if sense.understood else UNCLEAR
    sense.verbs = strong or [verb for verb in sense.verbs if verb.part is not Part.SAME]
    if not sense.verbs:
        return _nothing_said(sense)
    ways = [_way(verb, sense) for verb in sense.verbs]
    if sense.about_somebody_else or "puzzle" in ways:
        return UNCLEAR
    if sense.has(Part.OTHER_DAY) and not sense.has(Part.TODAY):
        lasting = sense.has(Part.UNTIL) or any(i.text.startswith("back") for i in items)
        return _absent(sense, moment) if lasting and set(ways) == {"absent"} else UNCLEAR
    return _combined(sense, ways, moment)


def _way(verb: _Verb, sense: _Sense) -> str:
    """Which way a predicate points: on site, absent, late, coming, left, leaving, closed, or a puzzle."""
    part = verb.part
    if part in _SAID_PLAINLY - {Part.ABSENT} and verb.negated:
        if sense.has(Part.TRANSPORT) or not sense.has(Part.PLACE):
            return "absent"
        return "puzzle"
    if verb.negated or part is Part.UNSURE:
        return "puzzle"
    if part in _ON_SITE:
        return "coming" if verb.future else "on site"
    if part in (Part.COME, Part.COMING):
        return "coming"
    if part is Part.LATE:
        return "coming" if verb.future else "late"
    if part in (Part.LEFT, Part.GONE):
        return "leaving" if verb.future else "left"
    simple = {Part.LEAVING: "leaving", Part.CLOSED: "puzzle" if verb.future else "closed"}
    return simple.get(part, "absent")


def _combined(sense: _Sense, ways: list[str], moment: Moment) -> Outcome:
    found = set(ways)
    if found <= {"on site", "late"}:
        return _arrival(sense, moment)
    if found == {"closed"}:
        outcome = Outcome(Fact.NOT_RUNNING)
        unknown = sense.has(Part.UNKNOWN, Part.PERSON, Part.SAYS, Part.MAYBE, Part.DOUBT, Part.PLACE)
        return outcome.asked() if unknown or sense.puzzling or sense.loose_time or sense.has(Part.TIME) else outcome
    reasons_only = all(verb.part in (Part.LEAVING, Part.REASON) for verb in sense.verbs)
    if found == {"leaving"} or ("leaving" in found and reasons_only):
        return REMARK if sense.understood and _leaves_later(sense, moment) else UNCLEAR
    if ways[0] == "on site" and found == {"on site", "leaving"}:
        later = _leaves_later(sense, moment)
        arrival = _arrival(_without(sense, ways, "leaving"), moment)
        return arrival if later else arrival.asked()
    if ways[-1] == "left" and found <= {"left", "on site", "late"}:
        return _left(sense, moment)
    if found == {"left", "absent"} and all(v.part is not Part.ABSENT and not v.negated for v in sense.verbs):
        return _left(sense, moment)
    if "coming" in found and found <= {"coming", "late", "on site"}:
        return _coming(sense, moment, certain="on site" not in found)
    plainly = any(verb.negated or verb.part is Part.ABSENT for verb in sense.verbs)
    if found == {"absent"} or (plainly and found <= {"absent", "coming", "late"}):
        return _absent(sense, moment)
    if found == {"absent", "coming"}:
        return _coming(sense, moment, certain=True)
    return UNCLEAR


def _leaves_later(sense: _Sense, moment: Moment) -> bool:
    """'Leaving at 11', while it is not yet 11: not now."""
    leaving = [verb for verb in sense.verbs if verb.part is Part.LEAVING]
    times = [verb.when.minutes for verb in sense.verbs if verb.when and verb.when.minutes is not None]
    early = all(verb.item.text.endswith("early") for verb in leaving)
    return all(minutes > moment.now for minutes in times) and (bool(times) or early) and not sense.has(Part.NOW)


def _without(sense: _Sense, ways: list[str], unwanted: str) -> _Sense:
    kept = [verb for verb, way in zip(sense.verbs, ways, strict=True) if way != unwanted]
    sense.verbs = kept
    return sense


def _nothing_said(sense: _Sense) -> Outcome:
    """A clause without any predicate."""
    if sense.has(Part.TRANSPORT):
        return Outcome(Fact.NOT_ARRIVED, None, Reason.TRANSPORT, Unclear.WHAT_HAPPENED)
    if sense.loose_time and sense.loose_time.ahead:
        return ABSENT.asked()
    if sense.loose_time:
        return replace(UNCLEAR, at=sense.loose_time.wall)
    others = {item.part for item in sense.items} - SUBJECTS - {Part.POSSESSIVE}
    if others <= _HARMLESS:
        return REMARK if others & {Part.REMARK, Part.ALL_FINE} else BARE
    if others <= _HARMLESS | {Part.NOT}:
        return Outcome(Fact.NOT_ARRIVED, unclear=Unclear.WHAT_HAPPENED, slight=Slight.OPPOSITE)
    chatter = others <= _HARMLESS | {Part.UNKNOWN, Part.PERSON, Part.PLACE, Part.SITE}
    return replace(UNCLEAR, slight=Slight.CHATTER) if chatter else UNCLEAR


def _arrival(sense: _Sense, moment: Moment) -> Outcome:
    """On site: in time, or late and since when."""
    late = any(verb.part is Part.LATE for verb in sense.verbs)
    came = any(verb.part is Part.CAME for verb in sense.verbs)
    present = any(verb.part in _ON_SITE for verb in sense.verbs)
    said = HERE if not late else Outcome(Fact.LATE)
    when = next((verb.when for verb in sense.verbs if verb.when), None)
    if when and when.ahead:
        return ABSENT.asked()
    if not sense.understood:
        if when and when.minutes is not None and when.minutes > moment.now:
            return ABSENT.asked()
        if late and not present and not came:
            return said.asked(Unclear.WHAT_TIME) if sense.only_excuses else ABSENT.asked()
        return said.asked()
    if sense.has(Part.WAS) and present and not came and not late:
        return UNCLEAR
    if sense.has(Part.UNTIL):
        return said.asked() if late or not when or when.minutes is None or when.minutes <= moment.now else said
    if when:
        return _arrival_at(when, moment, late=late, by=sense.by)
    just = any(verb.just and verb.part in (Part.HERE, Part.CAME) for verb in sense.verbs)
    alone = not sense.has(Part.ALL, Part.REST)
    if (just or sense.has(Part.NOW)) and alone and (present or came):
        on_time = not late and moment.now <= moment.starts + _JUST_NOW_IS_ON_TIME
        return HERE if on_time else Outcome(Fact.LATE, When(moment.now).wall)
    if late and not came and not sense.has(Part.WAS):
        return said.asked(Unclear.WHAT_TIME)
    return said


def _arrival_at(when: When, moment: Moment, *, late: bool, by: bool) -> Outcome:
    minutes = when.minutes
    impossible = minutes is None or minutes > moment.now
    too_early = minutes is not None and minutes < moment.starts - (0 if late else _EARLIEST_ARRIVAL_BEFORE_START)
    if minutes is None or impossible or too_early:
        return Outcome(Fact.LATE if late or impossible else Fact.ARRIVED).asked(Unclear.WHAT_TIME)
    if minutes <= moment.starts:
        return Outcome(Fact.LATE).asked(Unclear.WHAT_TIME) if late else HERE
    if by:
        return Outcome(Fact.LATE).asked(Unclear.WHAT_TIME)
    return Outcome(Fact.LATE, when.wall)


def _absent(sense: _Sense, moment: Moment) -> Outcome:
    """Not there, and why."""
    reason = sense.reason
    plainly = any((v.negated and v.part in _SAID_PLAINLY) or v.part is Part.ABSENT for v in sense.verbs)
    if sense.has(Part.TRANSPORT) and reason is None and plainly and not sense.has(Part.MAYBE):
        reason = Reason.TRANSPORT
    said = Outcome(Fact.NOT_ARRIVED, None, reason)
    when = next((verb.when for verb in sense.verbs if verb.when), sense.loose_time)
    since = when is not None and when.minutes is not None and when.minutes <= moment.now
    if sense.has(Part.MAYBE, Part.DOUBT) or sense.puzzling:
        return _why_is_guessed(said, sense) or said.asked()
    if sense.has(Part.UNTIL) and (since or (when and when.minutes is None)):
        return said.asked()
    if plainly:
        return said
    if when and not since:
        return BARE
    others = sense.has(Part.UNKNOWN, Part.OR, Part.CAUSE) or (sense.has(Part.TRANSPORT) and not reason)
    own = sense.has(Part.SAYS) or not sense.has(Part.PERSON)
    return said.asked() if others or not own or when else said


def _why_is_guessed(said: Outcome, sense: _Sense) -> Outcome | None:
    """'Not in, probably ill': the absence is plain, only its reason is a guess."""
    if sense.puzzling or sense.has(Part.DOUBT):
        return None
    parts = [item.part for item in sense.items]
    guessed_at = parts.index(Part.MAYBE)
    plain_before = any(
        verb.negated or verb.part is Part.ABSENT for verb in _Sense(sense.items[:guessed_at]).verbs
    )
    return replace(said, reason=None) if plain_before else None


def _left(sense: _Sense, moment: Moment) -> Outcome:
    """Gone from the site, and since when."""
    said = Outcome(Fact.LEFT_SITE)
    verb = next(verb for verb in reversed(sense.verbs) if verb.part in (Part.LEFT, Part.GONE))
    if not sense.understood and (verb.part is Part.GONE or sense.has(Part.MAYBE, Part.DOUBT) or sense.puzzling):
        return said.asked()
    if sense.has(Part.SAYS):
        return said.asked()
    if verb.when:
        minutes = verb.when.minutes
        if minutes is None or not moment.starts <= minutes <= moment.now:
            return said.asked(Unclear.WHAT_TIME)
        return replace(said, at=verb.when.wall)
    if verb.just or sense.has(Part.NOW):
        return replace(said, at=When(moment.now).wall)
    if verb.part is Part.GONE and verb.item.text != "left":
        return said.asked()
    return said


def _coming(sense: _Sense, moment: Moment, *, certain: bool) -> Outcome:
    """Still to come: certainly not there yet only when a time is given that has not passed."""
    said = Outcome(Fact.NOT_ARRIVED, None, sense.reason)
    when = next((verb.when for verb in sense.verbs if verb.when), sense.loose_time)
    late = any(verb.part is Part.LATE for verb in sense.verbs)
    if when and when.minutes is not None and when.minutes > moment.now and not when.ahead and not late:
        certain = certain and not sense.has(Part.MAYBE, Part.DOUBT, Part.UNKNOWN) and not sense.puzzling
        return said if certain else said.asked()
    return said.asked()
