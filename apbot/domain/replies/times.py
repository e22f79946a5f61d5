"""The time that a run of words says, worked out against the session: '9.50', 'ten to ten', '5 mins ago'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from apbot.domain.replies.numbers import number_at

_HALF_A_DAY = 12 * 60
_DAY = 24 * 60
_VAGUE_AMOUNTS = {"a": 1, "an": 1, "couple": 2, "few": 3}
_ROUGHLY = frozenset({"about", "around", "approx", "approximately", "circa"})
_MINUTES = ("minutes", "minute")
_HOURS = ("hours", "hour")


@dataclass(frozen=True, slots=True)
class When:
    """A moment in minutes after local midnight; None when the words make no possible time."""

    minutes: int | None
    ahead: bool = False  # said as still to come: 'in 10 minutes'

    @property
    def wall(self) -> time | None:
        """The local wall time, when there is one within the day."""
        if self.minutes is None or not 0 <= self.minutes < _DAY:
            return None
        return time(self.minutes // 60, self.minutes % 60)


@dataclass(frozen=True, slots=True)
class Moment:
    """When the reply was sent, and when its session starts, in minutes after local midnight."""

    now: int
    starts: int

    @classmethod
    def of(cls, now: time, starts: time) -> "Moment":
        """From wall times; seconds do not count."""
        return cls(now.hour * 60 + now.minute, starts.hour * 60 + starts.minute)

    @property
    def is_morning(self) -> bool:
        """The session is the am one."""
        return self.starts < _HALF_A_DAY

    def nearest(self, *possible: int) -> When:
        """Of the times that words may mean, the one nearest to now."""
        return When(min(possible, key=lambda minutes: (abs(minutes - self.now), minutes)))


Found = tuple[When, int]
"""A time, and how many words it takes."""


def time_at(
    words: Sequence[str], moment: Moment, *, hour_expected: bool = False, delay_expected: bool = False
) -> Found | None:
    """The time that the words start with.

    `hour_expected` says that a bare number ('at 10') can only be an hour, and `delay_expected` that a
    length of time ('late by 20 minutes') counts from the start of the session.
    """
    if words[0] in _ROUGHLY and len(words) > 1:
        found = time_at(words[1:], moment, hour_expected=True, delay_expected=delay_expected)
        return (found[0], found[1] + 1) if found else None
    spell = _spell(words) if delay_expected else None
    if spell and words[spell[1] : spell[1] + 1] != ["ago"]:
        return When(moment.starts + spell[0]), spell[1]
    for read in (_on_the_clock, _to_or_past, _so_long, _in_words):
        found = read(words, moment)
        if found:
            return found
    return _bare(words, moment) if hour_expected else None


def spell_at(words: Sequence[str]) -> int:
    """How many words a length of time takes that the words start with; 0 for none."""
    spell = _spell(words)
    return spell[1] if spell else 0


def _on_the_clock(words: Sequence[str], moment: Moment) -> Found | None:
    """'9:50', '9.50am', '10am', '10 o clock', '0950'."""
    figures = words[0]
    hours, colon, minutes = figures.partition(":")
    half, length = _half_of_day(words[1:])
    length = length or int(words[1:2] == ["hours"] and (bool(colon) or len(figures) == 4))
    if colon:
        return _clock(int(hours), int(minutes), half, moment), 1 + length
    if not figures.isdecimal():
        return None
    if len(figures) <= 2:
        if length:
            return _clock(int(figures), 0, half, moment), 1 + length
        if words[1:3] == ["o", "clock"]:
            return _clock(int(figures), 0, "", moment), 3
    if len(figures) == 4 and int(figures[:2]) < 24 and int(figures[2:]) < 60:
        return _clock(int(figures[:2]), int(figures[2:]), half, moment), 1 + length
    return None


def _to_or_past(words: Sequence[str], moment: Moment) -> Found | None:
    """'ten to ten', 'quarter past 9', 'half nine', '10 past', 'five to'."""
    at = 1 if words[0] == "a" else 0
    part = {"quarter": 15, "half": 30}.get(words[at]) if at < len(words) else None
    number = (part, 1) if part else number_at(words[at:])
    if not number or number[0] > 30:
        return None
    amount, at = number[0], at + number[1]
    at += words[at : at + 1] == ["minutes"]
    direction = words[at] if at < len(words) else ""
    if part == 30 and direction != "past":
        hour = number_at(words[at:])
        return (_clock(hour[0], 30, "", moment), at + hour[1]) if hour and 1 <= hour[0] <= 12 else None
    if direction not in ("past", "to"):
        return None
    signed = amount if direction == "past" else -amount
    hour = number_at(words[at + 1 :])
    if hour and 1 <= hour[0] <= 12:
        on_the_face = hour[0] % 12 * 60 + signed
        return moment.nearest(on_the_face, on_the_face + _HALF_A_DAY), at + 1 + hour[1]
    if words[at + 1 : at + 2] and words[at + 1].isalpha():
        return None  # 'two to come'
    this_hour = moment.now // 60 * 60
    return moment.nearest(*(this_hour + signed + turn for turn in (-60, 0, 60))), at + 1


def _so_long(words: Sequence[str], moment: Moment) -> Found | None:
    """'20 minutes late', 'half an hour late', '5 minutes ago', 'in 10 minutes'."""
    if words[0] == "in":
        spell = _spell(words[1:])
        return (When(moment.now + spell[0], ahead=True), spell[1] + 1) if spell else None
    spell = _spell(words)
    if not spell:
        return None
    minutes, length = spell
    match words[length : length + 1]:
        case ["ago" | "since" | "back"]:
            return When(moment.now - minutes), length + 1
        case ["late" | "after"]:
            return When(moment.starts + minutes), length
        case ["away" | "out" | "off"]:
            return When(moment.now + minutes, ahead=True), length + 1
    return None


def _spell(words: Sequence[str]) -> tuple[int, int] | None:
    """A length of time in minutes, and how many words it takes."""
    if list(words[:3]) in (["half", "an", "hour"], ["half", "a", "hour"]):
        return 30, 3
    vague = _VAGUE_AMOUNTS.get(words[0]) if words else None
    number = (vague, 1) if vague else number_at(words)
    if not number:
        return None
    at = number[1]
    at += list(words[at : at + 1]) == ["of"]
    unit = words[at] if at < len(words) else ""
    if unit in _MINUTES:
        return number[0], at + 1
    return (number[0] * 60, at + 1) if unit in _HOURS else None


def _in_words(words: Sequence[str], moment: Moment) -> Found | None:
    """'nine fifty', 'ten twenty five', '9 50'."""
    hour, minute = number_at(words[:1]), number_at(words[1:])
    if not hour or not minute or not 1 <= hour[0] <= 23 or not 10 <= minute[0] < 60:
        return None
    if words[0].isdecimal() != words[1].isdecimal() or (words[1].isdecimal() and len(words[1]) != 2):
        return None
    half, length = _half_of_day(words[1 + minute[1] :])
    return _clock(hour[0], minute[0], half, moment), 1 + minute[1] + length


def _bare(words: Sequence[str], moment: Moment) -> Found | None:
    """'10' and 'ten' where only an hour can stand, and '950'."""
    if words[0].isdecimal() and len(words[0]) == 3:
        return _clock(int(words[0][0]), int(words[0][1:]), "", moment), 1
    number = number_at(words[:1])
    return (_clock(number[0], 0, "", moment), 1) if number else None


def _clock(hours: int, minutes: int, half: str, moment: Moment) -> When:
    """`half` is 'am', 'pm' or nothing, and then the time nearest to now is meant."""
    if hours > 23 or minutes > 59 or (half == "am" and hours > 12):
        return When(None)
    on_the_face = hours % 12 * 60 + minutes
    if half:
        return When(on_the_face + (_HALF_A_DAY if half == "pm" else 0))
    if hours == 0 or hours > 12:
        return When(hours * 60 + minutes)
    return moment.nearest(on_the_face, on_the_face + _HALF_A_DAY)


def _half_of_day(words: Sequence[str]) -> tuple[str, int]:
    """'am' or 'pm', or '' where 'ish' or 'oclock' stands, and how many words it takes."""
    for length in (1, 2):
        half = "".join(words[:length])
        if half in ("am", "pm"):
            return half, length
    return "", 1 if list(words[:1]) in (["ish"], ["oclock"]) else 0
