"""A planned absence as it is typed: why, when, and for which part of the day.

"medical tomorrow am", "M 3/9 to 5/9", "suspended 21 Sep to 25 Sep". An absence that was read wrongly is a child nobody
looks for: so every word has to be understood, and whatever is not is asked back.
"""

import re
from dataclasses import dataclass
from datetime import date

from apbot.domain.calendar import ALL_DAY
from apbot.domain.codes import MEANINGS, PLANNED
from apbot.domain.dates import Unclear, read_days
from apbot.domain.marks import Session

EXAMPLE = "/ap absence CD34 medical tomorrow am"

REASONS = "medical, ill, interview, study leave, religious, suspended, leave, or a code"

_CODES = {
    "M": "medical|dentist|dental|orthodontist|optician|doctors?|gp|hospital|clinic|camhs",
    "I": "ill|illness|sick|sickness|unwell|poorly",
    "J1": "interviews?",
    "S": "study leave",
    "R": "religious(?: observance| festival| holiday)?|eid|diwali|passover|vaisakhi|rosh hashanah|yom kippur",
    "E": "suspended|suspension|excluded|exclusion",
    "C2": "part[- ]time(?: timetable)?",
    "C1": "(?:regulated )?performance",
    "C": "exceptional(?: leave)?|funeral|bereavement|leave",
}
_HOLIDAY = re.compile(r"\b(?:holidays?|vacation|hols)\b")
_FILLER = frozenset(
    {"a", "an", "the", "for", "on", "at", "in", "is", "has", "of", "with", "his", "her", "their"}
    | {"appointment", "absence", "absent"}
)

_THIS_HALF = re.compile(r"\bthis (?=(?:morning|afternoon)\b)")
_EACH = re.compile(
    r"(?<![\w.])(?:mornings|(?:each|every) (?:morning|am)|(?P<pm>afternoons|(?:each|every) (?:afternoon|pm)))\b"
)
_HALF = re.compile(r"(?<![\w.:])(?:a\.?m\b\.?|morning\b|(?P<pm>p\.?m\b\.?|afternoon\b)|(?:all|full) day\b)")


@dataclass(frozen=True)
class Absence:
    """Sessions in which a pupil is not expected. `sessions` is "all day", "am" or "pm", on each of the days."""

    code: str
    starts_on: date
    ends_on: date
    sessions: str = ALL_DAY


def read_absence(text: str, today: date) -> Absence:
    """The absence that `text` (without the pupil) describes. Raises `Unclear`, saying what is missing."""
    said = _THIS_HALF.sub("today ", " ".join(text.lower().split()))
    said, each = _cut(_EACH, said)
    said, halves = _cut(_HALF, said)
    days = read_days(said, today)
    sessions = _sessions(each, halves)
    if sessions != ALL_DAY and not each and days.starts_on != days.ends_on:
        raise Unclear(
            f"Is that {sessions} on every one of these days? Then write "
            f"“{'mornings' if sessions == Session.AM else 'afternoons'}”; otherwise write each day for itself."
        )
    return Absence(_code(" ".join(days.rest)), days.starts_on, days.ends_on, sessions)


def _cut(pattern: re.Pattern[str], said: str) -> tuple[str, set[str]]:
    """Take the parts of the day out of what was said; which there were."""
    found = {
        Session.PM.value if match["pm"] else ALL_DAY if " day" in match[0] else Session.AM.value
        for match in pattern.finditer(said)
    }
    return pattern.sub(" ", said), found


def _sessions(each: set[str], halves: set[str]) -> str:
    every = each | halves
    if len(every) > 1:
        raise Unclear("That says more than one part of the day. Write am, pm or all day, and each day for itself.")
    return every.pop() if every else ALL_DAY


def _code(said: str) -> str:
    """The one code that the words give, every one of which must be known."""
    if _HOLIDAY.search(said) and "religious" not in said:
        raise Unclear(
            "Leave that the school has granted is C: write “leave”. A holiday it has not granted is no planned absence."
        )
    found = set()
    for code, words in _CODES.items():
        said, count = re.subn(rf"(?<![\w'-])(?:{words})(?![\w'-])", " ", said)
        if count:
            found.add(code)
    left = []
    for word in re.findall(r"[^\s.()“”\"]+", said):
        if word.upper() in MEANINGS:
            found.add(word.upper())
        elif word not in _FILLER:
            left.append(word)
    if left:
        raise Unclear(f"I don't understand “{left[0][:20]}”. Write it like this: {EXAMPLE}")
    if not found:
        raise Unclear(f"Why? Write {REASONS}, like this: {EXAMPLE}")
    if len(found) > 1:
        raise Unclear(f"Which reason: {' or '.join(sorted(found))}? Write one.")
    code = found.pop()
    if code not in PLANNED:
        raise Unclear(f"{code} ({MEANINGS[code]}) can't be planned. These can: {', '.join(PLANNED)}.")
    return code


def spoken_sessions(sessions: str) -> str:
    """ "all day", "mornings" ... as one reads it behind the days: ", am only"."""
    return "all day" if sessions == ALL_DAY else f"{sessions} only"
