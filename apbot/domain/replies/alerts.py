"""What staff of a school type in answer to an alert: that they deal with it, what they have found out, or other words.

Only whole answers that say "I am dealing with it" count as that: every clause has to be known. What seems to say how a
pupil is decides nothing: it is recorded with a button, by whoever knows.
"""

import re
from collections.abc import Collection
from enum import StrEnum

from apbot.domain.replies.words import fold, word_set


class Answer(StrEnum):
    """What the words are."""

    TAKES_ON = "takes on"
    OUTCOME = "outcome"
    SMALL_TALK = "small talk"
    OTHER = "other"


def _phrases(table: str) -> tuple[str, ...]:
    return tuple(" ".join(each.split()) for each in table.replace("\n", ";").split(";") if each.strip())


MOST_CHARACTERS = 200
"""Longer than anybody's "on it": what is longer says more than that."""

_IT = _phrases("it; this; this one; that; that one; them; it all")
_DOING = _phrases("""
    on IT; straight on IT; already on IT; right on IT; on the case; got this; got this one; got IT covered
    got IT in hand; have IT covered; have IT in hand; dealing with IT; taking IT; taking IT on; taking on IT
    handling IT; sorting IT; sorting IT out; sorting out IT; picking IT up; picking up IT; following IT up
    following up IT; following up on IT; chasing IT; chasing IT up; chasing up IT; looking into IT; seeing to IT
    IT is mine; mine; leave IT with me; leave IT to me; ack; acknowledge; acknowledge IT; acknowledged
    acknowledging
""")
"""Said as they stand, or after "I am", "I have" or "I"."""

_TO_DO = _phrases("""
    deal with IT; take IT; take IT on; take on IT; handle IT; sort IT; sort IT out; sort out IT; pick IT up
    pick up IT; follow IT up; follow up IT; follow up on IT; chase IT; chase IT up; chase up IT; look into IT
    see to IT; do IT; own IT; get on IT; be on IT; be dealing with IT
""")
"""Said after "I will" and the like: alone, "take it" is said to somebody else."""

_CALLING = _phrases(
    "call; ring; phone; telephone; contact; speak to; calling; ringing; phoning; contacting; speaking to"
)
_WHOM = _phrases("home; mum; dad; parent; parents; carer; carers; family; the family; the parents; them; him; her")

_AM = _phrases("i am; i have; i have got; i; am; i am already")
_WILL = _phrases("i will; i shall; will; let me; i am going to; going to; i")
_TAIL = word_set(
    "now right straight away asap already myself today for about re with thanks thank you cheers ta all team x xx"
)
_POLITE = _phrases("""
    ok; okay; yes; yep; yeah; right; sure; fine; great; thanks; thank you; cheers; ta; hi; hello; hey; hiya; all; team
    morning; good morning; afternoon; good afternoon; no worries; no problem; roger; understood; noted; received; seen
    got it; will do; please; everyone; sorry; x; xx; nice one; perfect; lovely; thumbsup
""")
_STATES = word_set("""
    home safe found school arrived here in ill poorly sick bed hospital mum dad mother father nan gran carer parent
    parents confirmed accounted located house asleep well fine back appointment dentist doctor police attending present
    whereabouts
""")

_LONG = (
    (r"\bi m\b|\bim\b", "i am"),
    (
        r"\bi ll\b|\bill(?= (?:deal|take|handle|sort|see|look|pick|chase|follow|do|own|call|ring|phone|get|be) )",
        "i will",
    ),
    (r"\bi ve\b|\bive\b", "i have"),
    (r"\bone s\b", "one is"),
    (r"\back d\b|\backed\b", "acknowledged"),
)


def _one_of(phrases: tuple[str, ...]) -> str:
    return "(?:" + "|".join(sorted(phrases, key=len, reverse=True)) + ")"


def _with_it(phrases: tuple[str, ...]) -> str:
    return _one_of(phrases).replace("IT", _one_of(_IT))


_TAKES_ON = re.compile(f"(?:{_one_of(_AM)} )?{_with_it(_DOING)}|{_one_of(_WILL)} {_with_it(_TO_DO)}")
_CALLS = re.compile(f"(?:{_one_of((*_AM, *_WILL))} )?{_one_of(_CALLING)} {_one_of(_WHOM)}")
_BEGINS_POLITELY = re.compile(f"(?:{_one_of(_POLITE)}(?: |$))*")
_BETWEEN = re.compile(r"[.,;:!\n]+|\s[-–—]+\s|\band\b|&")


def read_alert_reply(text: str, references: Collection[str] = ()) -> Answer:
    """What words in answer to an alert are; `references` are those of its pupils. Never raises."""
    text = text[: MOST_CHARACTERS + 1]
    instead = [_naming(references).sub(word, text) for word in (" it ", " ")] if references else []
    read = [_read(each) for each in (text, *instead)]
    return next((each for each in read if each is Answer.TAKES_ON), read[-1])


def references_in(text: str, references: Collection[str]) -> frozenset[str]:
    """Which of these references stand in the text, in any case, with or without spaces."""
    return frozenset(each for each in references if _naming([each]).search(text[: MOST_CHARACTERS + 1]))


def _naming(references: Collection[str]) -> re.Pattern[str]:
    spelled = (r"[\s-]?".join(map(re.escape, re.sub(r"[\s-]", "", each))) for each in references)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?:\s(?:\w\.){{1,2}})?(?!\w)", re.IGNORECASE)


def _read(text: str) -> Answer:
    plain = fold(text).replace("👍", " thumbsup ")
    if len(text) <= MOST_CHARACTERS and "?" not in text:
        kinds = {_kind_of(clause) for part in _BETWEEN.split(plain) if (clause := _clause(part))}
        if Answer.TAKES_ON in kinds and Answer.OTHER not in kinds:
            return Answer.TAKES_ON
        if kinds == {Answer.SMALL_TALK}:
            return Answer.SMALL_TALK
    return Answer.OUTCOME if _STATES & set(re.findall(r"[a-z]+", plain)) else Answer.OTHER


def _clause(part: str) -> str:
    """The words of a clause, with contractions written out."""
    clause = " ".join(re.findall(r"[^\W_]+", part))
    for short, long in _LONG:
        clause = re.sub(short, long, clause)
    return clause


def _kind_of(clause: str) -> Answer | None:
    """What one clause says; None for one that neither takes it on nor says anything against that."""
    polite = _BEGINS_POLITELY.match(clause)
    rest = clause[polite.end() :] if polite else clause
    if not rest:
        return Answer.SMALL_TALK
    meanings = {_meaning(clause.split()), _meaning(rest.split())}  # "got it" alone is polite, "got it covered" is not
    return next((each for each in (Answer.TAKES_ON, None) if each in meanings), Answer.OTHER)


def _meaning(words: list[str]) -> Answer | None:
    for end in range(len(words), 0, -1):
        said = " ".join(words[:end])
        if _TAKES_ON.fullmatch(said):
            return Answer.TAKES_ON
        if _CALLS.fullmatch(said):
            return None
        if words[end - 1] not in _TAIL:
            break
    return Answer.OTHER
