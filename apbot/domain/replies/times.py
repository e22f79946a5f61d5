"""The time that a run of words says, worked out against the session: '9.50', 'ten to ten', '5 mins ago'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

_HALF_A_DAY = 12 * 60
_DAY = 24 * 60
_NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "a": 1, "an": 1, "couple": 2, "few": 3}
_TENS = ("twenty", "thirty", "forty", "fifty")
_MINUTES = ("minutes", "minute", "m")
_HOURS = ("hours", "hour", "h")


@dataclass(frozen=True, slots=True)
class When:
    """A moment as minutes after local midnight; None when the words make no possible time."""

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

    def nearest(self, *possible: int) -> int:
        """Of the times a clock face may mean, the one nearest to now."""
        return min(possible, key=lambda minutes: (abs(minutes - self.now), minutes))


def time_at(
    words: Sequence[str], moment: Moment, *, hour_expected: bool = False, delay_expected: bool = False
) -> tuple[When, int] | None:
    """The time that the words start with, and how many words it takes.

    `hour_expected` says that a bare number ('at 10') can only be an hour, and `delay_expected` that a
    length of time ('late by 20 minutes') counts from the start of the session.
    """
    spell = _spell(words) if delay_expected else None
    if spell and words[spell[1] : spell[1] + 1] != ["ago"]:
        return When(moment.starts + spell[0]), spell[1]
    for read in (_on_the_clock, _past_or_to, _so_long, _in_words):
        found = read(words, moment)
        if found:
            return found
    return _bare(words, moment) if hour_expected else None


def _on_the_clock(words: Sequence[str], moment: Moment) -> tuple[When, int] | None:
    """'9:50', '9.50am', '10am', '10 o clock', '0950'."""
    hours, colon, minutes = words[0].partition(":")
    if colon:
        half, length = _half_of_day(words[1:])
        return _clock(int(hours), int(minutes), half, moment), 1 + length
    if not words[0].isdigit():
        return None
    half, length = _half_of_day(words[1:])
    if half and len(words[0]) <= 2:
        return _clock(int(words[0]), 0, half, moment), 1 + length
    if words[1:2] in (["oclock"], ["ish"]):
        return _clock(int(words[0]), 0, "", moment), 2
    if words[1:3] == ["o", "clock"]:
        return _clock(int(words[0]), 0, "", moment), 3
    if len(words[0]) == 4 and int(words[0][:2]) < 24 and int(words[0][2:]) < 60:
        return _clock(int(words[0][:2]), int(words[0][2:]), half, moment), 1 + length
    return None


def _past_or_to(words: Sequence[str], moment: Moment) -> tuple[When, int] | None:
    """'ten to ten', 'quarter past 9', 'half nine', '10 past', 'five to'."""
    at = 1 if words[0] in ("a", "just") else 0
    amount = 15 if words[at : at + 1] == ["quarter"] else 30 if words[at : at + 1] == ["half"] else None
    if amount is None:
        number = _number(words[at:])
        if not number or number[0] > 30:
            return None
        amount, length = number
        at += length
        at += words[at : at + 1] == ["minutes"]
    else:
        at += 1
    direction = words[at] if at < len(words) else ""
    if amount == 30 and words[at - 1] == "half" and direction != "past":
        hour = None if words[at : at + 1] in (["a"], ["an"]) else _number(words[at:])
        return (_clock(hour[0], 30, "", moment), at + hour[1]) if hour and hour[0] <= 12 else None
    if direction not in ("past", "to", "gone"):
        return None
    hour = _number(words[at + 1 :])
    signed = amount if direction != "to" else -amount
    if hour and 1 <= hour[0] <= 12:
        on_the_face = hour[0] % 12 * 60 + signed
        return When(moment.nearest(*(on_the_face + turn for turn in (0, _HALF_A_DAY)))), at + 1 + hour[1]
    if direction == "gone":
        return None
    this_hour = moment.now // 60 * 60
    return When(moment.nearest(*(this_hour + signed + turn for turn in (-60, 0, 60)))), at + 1


def _so_long(words: Sequence[str], moment: Moment) -> tuple[When, int] | None:
    """'20 minutes late', 'half an hour late', '5 minutes ago', 'in 10 minutes'."""
    ahead = words[0] == "in"
    spell = _spell(words[1:] if ahead else words)
    if not spell:
        return None
    minutes, length = spell
    after = words[length] if not ahead and length < len(words) else ""
    if ahead:
        return When(moment.now + minutes, ahead=True), length + 1
    if after in ("ago", "since", "back"):
        return When(moment.now - minutes), length + 1
    if after in ("late", "after"):
        return When(moment.starts + minutes), length
    if after in ("away", "out", "off"):
        return When(moment.now + minutes, ahead=True), length + 1
    return None


def _spell(words: Sequence[str]) -> tuple[int, int] | None:
    """A length of time in minutes, and how many words it takes."""
    if list(words[:3]) == ["half", "an", "hour"]:
        return 30, 3
    if list(words[:3]) == ["half", "a", "hour"]:
        return 30, 3
    at = 1 if list(words[:1]) == ["about"] else 0
    number = _number(words[at:])
    if not number:
        return None
    amount, length = number
    at += length
    at += list(words[at : at + 1]) == ["of"]
    unit = words[at] if at < len(words) else ""
    if unit in _MINUTES:
        return amount, at + 1
    return (amount * 60, at + 1) if unit in _HOURS else None


def _in_words(words: Sequence[str], moment: Moment) -> tuple[When, int] | None:
    """'nine fifty', 'ten twenty five', '9 50'."""
    hour = _number(words[:1])
    if not hour or not 1 <= hour[0] <= 23 or words[0] in ("a", "an", "couple", "few"):
        return None
    minute = _number(words[1:])
    if not minute or words[1] in ("a", "an", "couple", "few") or not 10 <= minute[0] < 60:
        return None
    if words[0].isdigit() != words[1].isdigit() or (words[1].isdigit() and len(words[1]) != 2):
        return None
    half, length = _half_of_day(words[1 + minute[1] :])
    return _clock(hour[0], minute[0], half, moment), 1 + minute[1] + length


def _bare(words: Sequence[str], moment: Moment) -> tuple[When, int] | None:
    """'10' and 'ten' where only an hour can stand, and '950'."""
    if words[0].isdigit() and len(words[0]) == 3:
        return _clock(int(words[0][0]), int(words[0][1:]), "", moment), 1
    number = _number(words[:1])
    if not number or words[0] in ("a", "an", "couple", "few"):
        return None
    return _clock(number[0], 0, "", moment), 1


def _clock(hours: int, minutes: int, half: str, moment: Moment) -> When:
    if hours > 23 or minutes > 59 or (half and hours > 12 and half == "am"):
        return When(None)
    if half:
        return When(hours % 12 * 60 + minutes + (_HALF_A_DAY if half == "pm" or hours > 12 else 0))
    if hours == 0 or hours > 12:
        return When(hours * 60 + minutes)
    on_the_face = hours % 12 * 60 + minutes
    return When(moment.nearest(on_the_face, on_the_face + _HALF_A_DAY))


def _half_of_day(words: Sequence[str]) -> tuple[str, int]:
    for length, spelled in ((1, words[:1]), (2, words[:2])):
        half = "".join(spelled)
        if half in ("am", "pm"):
            return half, length
    return ("", 1) if list(words[:1]) == ["ish"] else ("", 0)


def _number(words: Sequence[str]) -> tuple[int, int] | None:
    """A number in figures or words, and how many words it takes."""
    if not words:
        return None
    if words[0].isdigit():
        return (int(words[0]), 1) if len(words[0]) <= 4 else None
    if words[0] in _TENS and len(words) > 1 and 1 <= _NUMBERS.get(words[1], 0) <= 9 and len(words[1]) > 2:
        return _NUMBERS[words[0]] + _NUMBERS[words[1]], 2
    return (_NUMBERS[words[0]], 1) if words[0] in _NUMBERS else None


def spell_at(words: Sequence[str]) -> int:
    """How many words a length of time takes that the words start with; 0 for none."""
    spell = _spell(words)
    return spell[1] if spell else 0


def count_at(words: Sequence[str]) -> tuple[int, int] | None:
    """A number of pupils, and how many words it takes."""
    return None if not words or words[0] in ("a", "an", "couple", "few") else _number(words)
