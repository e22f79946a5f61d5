"""Reading and writing the sessions of a week: a placement's cell for one weekday, and "Other times".

A weekday's cell says "am", "pm" or "all day", in every week or with the letter of alternating weeks: "A am",
"all day B", "A am, B pm". Other times say when a session differs: "Fri pm 12:45-14:30; Wed am 10:00".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from apbot.domain.marks import Session
from apbot.domain.timetable import EVERY_WEEK
from apbot.roster.cells import NOTHING, words
from apbot.roster.days import WEEKDAY_NAMES, clock
from apbot.roster.problems import Unreadable

WeekSessions = frozenset[tuple[Session, str]]
"""The sessions expected on one weekday, each with the letter of its week or "" for every week."""

BOTH = (Session.AM, Session.PM)

_SESSION_WORDS = {
    "am": (Session.AM,),
    "morning": (Session.AM,),
    "mornings": (Session.AM,),
    "pm": (Session.PM,),
    "afternoon": (Session.PM,),
    "afternoons": (Session.PM,),
    "allday": BOTH,
    "ampm": BOTH,
    "both": BOTH,
    "full": BOTH,
    "fullday": BOTH,
    "wholeday": BOTH,
    "day": BOTH,
    "all": BOTH,
}
TICKED = frozenset({"yes", "y", "x", "1", "true", "✓", "✔"})
"""A tick in a weekday's cell: the pupil comes, and nothing says for half a day only."""

_NOT_THERE = NOTHING | {"no", "n", "off", "0", "school", "in school", "at school", "false", "not in", "out", "✗", "✘"}
_FILLER = frozenset({"week", "weeks", "wk", "and", "only", "sessions", "session", "every", "each"})
_PATTERN_RIGHT = "write am, pm or all day, with A or B for alternate weeks (A am), or leave it blank"


def weekday_sessions(value: object) -> WeekSessions:
    """What one weekday's cell of a placement expects. Raises `Unreadable`."""
    said = words(_one_line(value))
    if said in _NOT_THERE:
        return frozenset()
    if said in TICKED:
        return frozenset((session, EVERY_WEEK) for session in BOTH)
    found: set[tuple[Session, str]] = set()
    for part in re.split(r"[,;]", said):
        found |= _part_sessions(part)
    if not found:
        raise Unreadable("is not a part of the day", _PATTERN_RIGHT)
    return frozenset(found)


def _one_line(value: object) -> object:
    return value.replace("\n", ";") if isinstance(value, str) else value


def _part_sessions(part: str) -> set[tuple[Session, str]]:
    """The sessions of "am", "a am", "am a + pm b"."""
    said = re.sub(r"\b([ap])\.? ?m\b\.?", r"\1m", part)
    said = re.sub(r"\b(all|full|whole)[ -]day\b", r"\1day", said)
    tokens = [token for token in re.findall(r"[a-z]+|[^a-z\s()+&/:.\-]", said) if token not in _FILLER]
    letters = [token.upper() for token in tokens if token in ("a", "b")]
    if any(token not in _SESSION_WORDS and token not in ("a", "b") for token in tokens):
        raise Unreadable("is not a part of the day", _PATTERN_RIGHT)
    if not tokens:
        return set()
    if len(letters) == len(tokens):
        raise Unreadable("does not say which part of the day", _PATTERN_RIGHT)
    sessions = {session for token in tokens for session in _SESSION_WORDS.get(token, ())}
    if len(letters) <= 1:
        return {(session, letters[0] if letters else EVERY_WEEK) for session in sessions}
    return _lettered(tokens)


def _lettered(tokens: Sequence[str]) -> set[tuple[Session, str]]:
    """Letters and sessions in turn, letters first or last: "a am b pm", "am a pm b", "a b am"."""
    is_letter = [token in ("a", "b") for token in tokens]
    turns = sum(before != after for before, after in pairwise(is_letter))
    if turns == 1:
        letters = {token.upper() for token, letter in zip(tokens, is_letter, strict=True) if letter}
        sessions = {session for token in tokens for session in _SESSION_WORDS.get(token, ())}
        return {(session, letter) for session in sessions for letter in letters}
    if is_letter[0] == is_letter[-1]:
        raise Unreadable("can be read in two ways", "put a comma between the weeks: A am, B pm")
    ordered = tokens if is_letter[0] else list(reversed(tokens))
    found, letter = set(), ""
    for token in ordered:
        if token in ("a", "b"):
            letter = token.upper()
        else:
            found |= {(session, letter) for session in _SESSION_WORDS[token]}
    return found


def spell_sessions(sessions: Iterable[tuple[Session, str]]) -> str:
    """The cell that `weekday_sessions` reads as these: "all day", "am A, pm B"."""
    held = frozenset(sessions)
    parts = []
    for week in (EVERY_WEEK, "A", "B"):
        there = {session for session, letter in held if letter == week}
        if there:
            word = "all day" if len(there) == 2 else next(iter(there)).value
            parts.append(f"{word} {week}".strip())
    return ", ".join(parts)


@dataclass(frozen=True)
class OtherTime:
    """One entry of "Other times". No weekdays: every day. No end: the session ends as it usually does."""

    weekdays: tuple[int, ...]
    session: Session
    starts: time
    ends: time | None = None


_DAY_WORD = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_DAYS = rf"{_DAY_WORD}(?:\s*(?:-|to|/|&|\+|and)\s*{_DAY_WORD})*|every ?day|daily|weekdays"
_ENTRY = re.compile(
    rf"(?:(?P<days>{_DAYS})\s*:?\s+)?(?P<session>[ap]\.?m\.?|mornings?|afternoons?)\s*:?\s*(?:from\s*)?"
    r"(?P<starts>[^-]+?)(?:\s*(?:-|to|until|till)\s*(?P<ends>.+))?"
)
_OTHER_RIGHT = "write day, am or pm, and times: Fri pm 12:45-14:30; Wed am 10:00-12:00"
_CLOSED = re.compile(r"\b(closed|none|no|off|not running|shut|finish(?:es)?)\b")


def other_times(value: object) -> tuple[OtherTime, ...]:
    """The entries of "Other times". Raises `Unreadable`."""
    said = words(_one_line(value))
    if said in NOTHING:
        return ()
    entries, waiting = [], ""
    for part in re.split(r"[;,]", said):
        part = part.strip(" .")
        if not part:
            continue
        if re.fullmatch(_DAYS, part):
            waiting += f"{part} and "
            continue
        entries.append(_entry(waiting + part))
        waiting = ""
    if waiting:
        raise Unreadable("names a day without times", _OTHER_RIGHT)
    return tuple(entries)


def _entry(part: str) -> OtherTime:
    if _CLOSED.search(part):
        raise Unreadable(
            f"says that there is no session: '{part}'",
            "leave those sessions out of the placements' days; for single dates use the sheet Closures",
        )
    match = _ENTRY.fullmatch(part)
    if not match:
        raise Unreadable(f"has a part that is not understood: '{part}'", _OTHER_RIGHT)
    session = Session.AM if match["session"][0] in ("a", "m") else Session.PM
    try:
        starts = clock(match["starts"])
        ends = clock(match["ends"]) if match["ends"] else None
    except Unreadable as trouble:
        raise Unreadable(f"has a time that {trouble.wrong}: '{part}'", trouble.expected) from None
    return OtherTime(_weekdays(match["days"] or ""), session, starts, ends)


def _weekdays(said: str) -> tuple[int, ...]:
    """The weekdays of "mon-thu", "mon and wed"; none for every day."""
    if not re.match(_DAY_WORD, said):
        return ()
    found: list[int] = []
    pieces = re.findall(rf"({_DAY_WORD})|(-|\bto\b)|(?:/|&|\+|and)", said)
    run = False
    for name, through in pieces:
        if through:
            run = True
        elif name:
            weekday = _weekday(name)
            found.extend(range(found[-1] + 1, weekday + 1) if run and found else [weekday])
            run = False
    if any(weekday > 4 for weekday in found):
        raise Unreadable("names a Saturday or Sunday", "sessions run from Monday to Friday")
    if len(set(found)) == 5:
        return ()
    return tuple(sorted(set(found)))


def _weekday(name: str) -> int:
    """The weekday of "tues"; the pattern has made sure of its first three letters."""
    return next(at for at, full in enumerate(WEEKDAY_NAMES) if full.startswith(name[:3]))


def spell_times(entries: Iterable[OtherTime]) -> str:
    """The cell that `other_times` reads as these entries."""
    parts = []
    for entry in entries:
        days = "/".join(WEEKDAY_NAMES[weekday][:3].capitalize() for weekday in entry.weekdays)
        until = f"-{entry.ends:%H:%M}" if entry.ends else ""
        parts.append(f"{days} {entry.session.value} {entry.starts:%H:%M}{until}".strip())
    return "; ".join(parts)
