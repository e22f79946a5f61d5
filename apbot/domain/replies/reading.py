"""Reading a reply: its clauses brought together into what is certain, what must be asked, and what it is."""

from collections.abc import Sequence
from datetime import time

from apbot.domain.replies.asides import take_back
from apbot.domain.replies.clauses import clauses_of
from apbot.domain.replies.concern import sounds_like_concern
from apbot.domain.replies.lexer import Item, items_of
from apbot.domain.replies.lexicon import LANGUAGE
from apbot.domain.replies.model import Expected, Kind, Reading
from apbot.domain.replies.neighbours import settle
from apbot.domain.replies.parts import Part
from apbot.domain.replies.pupils import Roster
from apbot.domain.replies.statements import statements_of
from apbot.domain.replies.tally import Tally
from apbot.domain.replies.times import Moment

_MOST_CHARACTERS = 2_000
"""Longer than any answer to a register: whatever it is, it is not read for marks."""

_MOST_CHARACTERS_FOR_CONCERN = 20_000

_SMALL_TALK = frozenset(
    {Part.THANKS, Part.PLAIN, Part.STOP, Part.COMMA, Part.DASH, Part.TODAY, Part.ARTICLE, Part.AND, Part.BUT}
    | {Part.REMARK, Part.ALL, Part.KIDS, Part.SITE}
)


def read_reply(text: str, expected: Sequence[Expected], *, now: time, starts: time) -> Reading:
    """What a provider's reply to a register prompt says.

    `expected` is the register with what is marked so far; `now` is when the reply was sent and `starts`
    when the session starts, both in local wall time. Keeps nothing of the text and never raises on any.
    """
    concern = sounds_like_concern(text[:_MOST_CHARACTERS_FOR_CONCERN])
    if len(text) > _MOST_CHARACTERS:
        return Reading(Kind.CONCERN if concern else Kind.NOT_UNDERSTOOD, concern=concern)
    moment = Moment.of(now, starts)
    roster = Roster(expected, LANGUAGE)
    items = settle(items_of(text, roster, moment))
    clauses = clauses_of(items)
    asked = any(clause.asked for clause in clauses)
    statements, asides = statements_of(clauses, moment)
    take_back(asides, statements)
    tally = Tally(expected, statements, also_asks=asked)
    said, questions = tally.said(), tally.questions()
    if concern and not said:
        questions = tuple(question for question in questions if question.fact)
    if said or questions:
        return Reading(Kind.MARKS, said, questions, concern)
    if concern:
        return Reading(Kind.CONCERN, concern=True)
    return Reading(Kind.QUESTION if asked else _kind_without_marks(items, tally))


def _kind_without_marks(items: Sequence[Item], tally: Tally) -> Kind:
    polite = any(item.part is Part.THANKS for item in items)
    if tally.confirms_what_is_known or (polite and all(item.part in _SMALL_TALK for item in items)):
        return Kind.THANKS
    return Kind.NOT_UNDERSTOOD
