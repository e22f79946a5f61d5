"""What a clause says happened, and whether that is certain enough to be recorded.

Being on site is believed only when every word of the clause was understood; not being there is believed
through words we do not know, as long as it was said plainly.
"""

from collections.abc import Sequence
from dataclasses import replace

from apbot.domain.marks import Fact, Reason
from apbot.domain.replies.lexer import Item
from apbot.domain.replies.model import Unclear
from apbot.domain.replies.outcomes import ABSENT, BARE, HERE, LATE, REMARK, UNCLEAR, Outcome, Slight
from apbot.domain.replies.parts import HARMLESS, Part
from apbot.domain.replies.sense import Sense, Way
from apbot.domain.replies.times import Moment, When

_EARLIEST_ARRIVAL_BEFORE_START = 120
"""Minutes. A pupil said to have come earlier than this was not coming to this session."""

_JUST_NOW_IS_ON_TIME = 5
"""Minutes. 'Just walked in', sent so soon after the start, is no lateness: nobody read a clock."""

_OF_A_CLOSURE = (HARMLESS - {Part.REMARK}) | {
    *(Part.CLOSED, Part.SITE, Part.CAUSE, Part.WAS, Part.ALL, Part.NOW, Part.HAVE_GOT),
}


def understand(items: Sequence[Item], moment: Moment) -> Outcome:
    """What the clause made of these items says."""
    sense = Sense(items)
    if sense.verbs and all(verb.part is Part.SAME for verb in sense.verbs):
        return replace(UNCLEAR, slight=Slight.SAME) if sense.is_understood else UNCLEAR
    if not sense.verbs:
        return _nothing_said(sense)
    first = sense.verbs[0]
    if first.is_plain_absence:  # 'not in, left his bag at home': what follows may puzzle
        sense.verbs = [verb for verb in sense.verbs if verb.part is not Part.UNSURE]
    if sense.is_about_somebody_else or Way.PUZZLE in sense.ways:
        return UNCLEAR
    if sense.has(Part.OTHER_DAY) and not sense.has(Part.TODAY):
        lasting = sense.has(Part.UNTIL) or any(item.text.startswith("back") for item in items)
        return _absence(sense, moment) if lasting and set(sense.ways) == {Way.ABSENT} else UNCLEAR
    return _combined(sense, moment)


def _combined(sense: Sense, moment: Moment) -> Outcome:
    """The verbs of a clause taken together."""
    ways, found = sense.ways, set(sense.ways)
    plainly = any(verb.is_plain_absence for verb in sense.verbs)
    if found <= {Way.ON_SITE, Way.LATE}:
        return _arrival(sense, moment)
    if found == {Way.CLOSED}:
        return _closure(sense)
    if found == {Way.LEAVING} or (found == {Way.LEAVING, Way.ABSENT} and not plainly):
        return REMARK if sense.is_understood and _leaves_later(sense, moment) else UNCLEAR
    if found == {Way.ON_SITE, Way.LEAVING} and ways[0] is Way.ON_SITE:
        later = sense.is_understood and _leaves_later(sense, moment)
        sense.verbs = [verb for verb in sense.verbs if verb.way is Way.ON_SITE]
        return _arrival(sense, moment) if later else HERE.asked()
    if ways[-1] is Way.LEFT and found <= {Way.LEFT, Way.ON_SITE, Way.LATE}:
        return _departure(sense, moment)
    if found == {Way.LEFT, Way.ABSENT} and not plainly:
        return _departure(sense, moment)  # 'gone home ill'
    if found == {Way.ABSENT} or (plainly and found <= {Way.ABSENT, Way.COMING, Way.LATE}):
        return _absence(sense, moment)
    if Way.COMING in found and found <= {Way.COMING, Way.LATE, Way.ABSENT}:
        return _still_to_come(sense, moment)
    if found <= {Way.COMING, Way.LATE, Way.ON_SITE}:
        return replace(ABSENT, reason=sense.reason).asked()  # 'here soon'
    return UNCLEAR


def _nothing_said(sense: Sense) -> Outcome:
    """A clause without any verb."""
    if sense.has(Part.TRANSPORT):
        return Outcome(Fact.NOT_ARRIVED, None, Reason.TRANSPORT, Unclear.WHAT_HAPPENED)
    if sense.loose_time:
        return ABSENT.asked() if sense.loose_time.ahead else replace(UNCLEAR, at=sense.loose_time.wall)
    if not sense.others:
        return REMARK if sense.has(Part.REMARK, Part.ALL_FINE) else BARE
    if sense.others == {Part.NOT}:
        return replace(ABSENT.asked(), slight=Slight.OPPOSITE)
    chatter = sense.others <= {Part.UNKNOWN, Part.PERSON, Part.PLACE, Part.SITE}
    return replace(UNCLEAR, slight=Slight.CHATTER) if chatter else UNCLEAR


def _arrival(sense: Sense, moment: Moment) -> Outcome:
    """On site: in time, or late and since when."""
    late, came = sense.has_verb(Part.LATE), sense.has_verb(Part.CAME)
    there = Way.ON_SITE in sense.ways
    said, when = (LATE if late else HERE), sense.when
    to_come = when is not None and when.minutes is not None and when.minutes > moment.now
    if when and when.ahead:
        return ABSENT.asked()
    if not sense.is_understood:
        if to_come or (late and not there and not sense.is_excused_only):
            return ABSENT.asked()
        return said.asked() if there else said.asked(Unclear.WHAT_TIME)
    if sense.has(Part.WAS) and not came and not late:
        return UNCLEAR  # 'was here' may be over
    if sense.has(Part.UNTIL):
        return said if to_come and not late else said.asked()
    if when:
        return _arrival_at(when, moment, late=late, by=sense.has(Part.BY))
    just = any(verb.just for verb in sense.verbs)
    if there and (just or sense.has(Part.NOW)) and not sense.has(Part.ALL, Part.REST):
        on_time = not late and moment.now <= moment.starts + _JUST_NOW_IS_ON_TIME
        return HERE if on_time else replace(LATE, at=When(moment.now).wall)
    certain = came or not late or sense.has(Part.WAS)
    return said if certain else said.asked(Unclear.WHAT_TIME)


def _arrival_at(when: When, moment: Moment, *, late: bool, by: bool) -> Outcome:
    """`late` and `by` say that those words were used: nobody is late before the start, and 'by' is no time."""
    if when.minutes is None or when.minutes > moment.now:
        return LATE.asked(Unclear.WHAT_TIME)
    if when.minutes <= moment.starts:
        too_early = when.minutes < moment.starts - _EARLIEST_ARRIVAL_BEFORE_START
        return (LATE if late else HERE).asked(Unclear.WHAT_TIME) if late or too_early else HERE
    return LATE.asked(Unclear.WHAT_TIME) if by else replace(LATE, at=when.wall)


def _absence(sense: Sense, moment: Moment) -> Outcome:
    """Not there, and why."""
    plainly = any(verb.is_plain_absence for verb in sense.verbs)
    reason = sense.reason
    if sense.has(Part.TRANSPORT) and plainly and not sense.has(Part.MAYBE):
        reason = reason or Reason.TRANSPORT
    said = Outcome(Fact.NOT_ARRIVED, None, reason)
    when = sense.when
    passed = when is not None and (when.minutes is None or when.minutes <= moment.now)
    if sense.is_doubted:
        return said if _only_why_is_guessed(sense) else said.asked()
    if sense.has(Part.UNTIL) and passed:
        return said.asked()
    if plainly:
        return said
    if when and not passed:
        return BARE  # 'dentist at 11', and it is not yet 11
    said = replace(said, implied=not any(verb.item.text == "missing" for verb in sense.verbs))
    strange = sense.has(Part.UNKNOWN, Part.OR, Part.CAUSE) or (sense.has(Part.TRANSPORT) and not reason)
    somebody_else = sense.has(Part.PERSON) and not sense.has(Part.SAYS)
    perhaps_there = sense.has_verb(Part.SYMPTOM) and not sense.has_verb(Part.AWAY)
    return said.asked() if strange or somebody_else or perhaps_there or when else said


def _only_why_is_guessed(sense: Sense) -> bool:
    """'Not in, probably ill': the absence is plain."""
    if sense.puzzling or sense.has(Part.DOUBT):
        return False
    guess = next(index for index, item in enumerate(sense.items) if item.part is Part.MAYBE)
    return any(verb.is_plain_absence for verb in Sense(sense.items[:guess]).verbs)


def _closure(sense: Sense) -> Outcome:
    """No session: believed only of the session itself, now, and in words that are all known."""
    said = Outcome(Fact.NOT_RUNNING)
    pairs = zip(sense.items, sense.items[1:], strict=False)
    boiler = any(one.part is Part.CAUSE and other.text in ("not running", "shut") for one, other in pairs)
    certain = {item.part for item in sense.items} <= _OF_A_CLOSURE and not sense.puzzling and not boiler
    return said if certain else said.asked()


def _departure(sense: Sense, moment: Moment) -> Outcome:
    """Gone from the site, and since when."""
    said = Outcome(Fact.LEFT_SITE)
    verb = next(verb for verb in reversed(sense.verbs) if verb.way is Way.LEFT)
    if sense.is_doubted or sense.has(Part.SAYS) or (verb.part is Part.GONE and not sense.is_understood):
        return said.asked()
    if verb.when:
        known = verb.when.minutes is not None and moment.starts <= verb.when.minutes <= moment.now
        return replace(said, at=verb.when.wall) if known else said.asked(Unclear.WHAT_TIME)
    if verb.just or sense.has(Part.NOW):
        return replace(said, at=When(moment.now).wall)
    return said.asked() if verb.part is Part.GONE and verb.item.text != "left" else said


def _leaves_later(sense: Sense, moment: Moment) -> bool:
    """'Leaving at 11', while it is not yet 11, and 'leaving early': not now."""
    times = [verb.when.minutes for verb in sense.verbs if verb.when and verb.when.minutes is not None]
    early = all(verb.item.text.endswith("early") for verb in sense.verbs if verb.part is Part.LEAVING)
    return all(minutes > moment.now for minutes in times) and (bool(times) or early) and not sense.has(Part.NOW)


def _still_to_come(sense: Sense, moment: Moment) -> Outcome:
    """Certainly not there yet only when a time is given that has not passed."""
    said, when = Outcome(Fact.NOT_ARRIVED, None, sense.reason), sense.when
    timed = when is not None and when.minutes is not None and when.minutes > moment.now and not when.ahead
    certain = timed and not sense.is_doubted and not sense.has(Part.UNKNOWN) and not sense.has_verb(Part.LATE)
    return said if certain else said.asked()
