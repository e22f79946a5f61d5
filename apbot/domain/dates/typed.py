"""Finding the dates in typed words: what was said of each, before it is decided which day is meant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from apbot.domain.walltime import spoken_date

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

NTH = "(?:st|nd|rd|th)?"

_MONTH_OF = {word: at for at, full in enumerate(MONTHS, 1) for word in (full, full[:3])} | {"sept": 9}
_WEEKDAY_OF = {word: at for at, full in enumerate(WEEKDAYS) for word in (full, full[:3])} | {
    "tues": 1,
    "weds": 2,
    "thur": 3,
    "thurs": 3,
}
_RELATIVE = {"today": 0, "tomorrow": 1, "tmrw": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "yesterday": -1}
_TO = frozenset({"to", "until", "till", "til", "through", "-"})
_AND = frozenset({"and", "&"})

_DAY = re.compile(rf"(\d{{1,2}}){NTH}")
_DAY_AND_MONTH = re.compile(rf"(\d{{1,2}}){NTH}([a-z]{{3,9}})")
_NUMERIC = re.compile(r"(\d{1,2})(?:/(\d{1,2})(?:/(20\d\d|\d\d))?|([.-])(\d{1,2})\4(20\d\d|\d\d))")
_ISO = re.compile(r"(20\d\d)-(\d{1,2})-(\d{1,2})")
_YEAR = re.compile(r"20\d\d")
_END_OF_SPAN = re.compile(rf"\d{{1,2}}(?:{NTH}|[a-z]{{3,9}}|/\d{{1,2}}(?:/\d{{2,4}})?)")


class Unclear(Exception):
    """What was typed can't be read with certainty. The text is for the person, and says what to write instead."""


@dataclass(frozen=True)
class Typed:
    """One date as it was typed; what was not said is None. A day alone takes its month from the span's end."""

    text: str
    fixed: date | None = None
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None

    @property
    def is_weekday_alone(self) -> bool:
        """ "Monday", without a date beside it."""
        return self.weekday is not None and self.day is None

    @property
    def is_day_alone(self) -> bool:
        """ "21", as in "21 to 25 Sep"."""
        return self.day is not None and self.month is None

    @property
    def lacks_year(self) -> bool:
        """Whether the year has to be inferred."""
        return self.day is not None and self.year is None


@dataclass(frozen=True)
class Span:
    """From one typed date to another; a single date is both. `joined` says "and", not "to", stood between."""

    first: Typed
    last: Typed
    joined: bool = False


def find_spans(text: str, today: date) -> tuple[list[Span], list[str]]:
    """The spans of days in `text`, and its other words as they were typed. Raises `Unclear`."""
    scan = _Scan(_words(text), today)
    at = 0
    while at < len(scan.words):
        at = scan.take(at)
    return scan.spans, scan.rest


def _words(text: str) -> list[str]:
    """The words of a text; a dash between two dates is a word."""
    found = []
    for word in re.findall(r"[^\s,;]+", re.sub(r"[–—]", " - ", text)):
        halves = word.split("-")
        if len(halves) == 2 and all(_may_end_a_span(half.lower()) for half in halves):
            found += [halves[0], "-", halves[1]]
        else:
            found.append(word)
    return found


def _may_end_a_span(half: str) -> bool:
    return half in _WEEKDAY_OF or half in _MONTH_OF or half in _RELATIVE or bool(_END_OF_SPAN.fullmatch(half))


@dataclass
class _Scan:
    words: Sequence[str]
    today: date
    spans: list[Span] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def take(self, at: int) -> int:
        """Read the span, or the other word, that begins at `at`; where the next one begins."""
        start = at + 1 if self._word(at) == "from" else at
        if week := self._week(start):
            self.spans.append(week)
            return start + 2
        first, after = self._date(start)
        if first is not None and self._word(after) in _TO | _AND:
            last, end = self._date(after + 1)
            if last is not None and not last.is_day_alone:
                self.spans.append(Span(first, last, joined=self._word(after) in _AND))
                return end
        if first is None or first.is_day_alone:
            self.rest.append(self.words[at])
            return at + 1
        self.spans.append(Span(first, first))
        return after

    def _word(self, at: int) -> str:
        return self.words[at].lower().rstrip(".") if at < len(self.words) else ""

    def _week(self, at: int) -> Span | None:
        """ "This week" is what is left of it; "next week" is Monday to Friday."""
        if self._word(at) not in ("this", "next") or self._word(at + 1) != "week":
            return None
        monday = self.today - timedelta(days=self.today.weekday())
        if self._word(at) == "next":
            monday += timedelta(days=7)
        starts_on = max(monday, self.today)
        return Span(
            Typed("the week", fixed=starts_on), Typed("the week", fixed=max(starts_on, monday + timedelta(days=4)))
        )

    def _date(self, at: int) -> tuple[Typed | None, int]:
        """The date that begins at `at`, or None, and where the next word begins."""
        word, following = self._word(at), self._word(at + 1)
        if word == "next" and following in _WEEKDAY_OF:
            raise self._which(_WEEKDAY_OF[following])
        if word in ("this", "on") and following in _WEEKDAY_OF:
            return self._date(at + 1)
        if [word, following, self._word(at + 2)] == ["day", "after", "tomorrow"]:
            return Typed("the day after tomorrow", fixed=self.today + timedelta(days=2)), at + 3
        if word in _RELATIVE:
            return Typed(word, fixed=self.today + timedelta(days=_RELATIVE[word])), at + 1
        if word in _WEEKDAY_OF:
            dated, after = self._day_and_month(at + 1)
            if dated is None or dated.is_day_alone:
                return Typed(word, weekday=_WEEKDAY_OF[word]), at + 1
            return replace(dated, weekday=_WEEKDAY_OF[word]), after
        return self._day_and_month(at)

    def _which(self, weekday: int) -> Unclear:
        soonest = on_or_after(weekday, self.today + timedelta(days=1))
        name = WEEKDAYS[weekday].capitalize()
        either = f"{spoken_date(soonest)} or {spoken_date(soonest + timedelta(days=7))}"
        return Unclear(f"Which {name} is next {name}: {either}? Write the date.")

    def _day_and_month(self, at: int) -> tuple[Typed | None, int]:
        """A date with a day and a month in one or more words, or a day alone."""
        word = self._word(at)
        if match := _ISO.fullmatch(word):
            return Typed(word, day=int(match[3]), month=int(match[2]), year=int(match[1])), at + 1
        if match := _NUMERIC.fullmatch(word):
            year = match[3] or match[6]
            given = None if year is None else int(year) if len(year) == 4 else 2000 + int(year)
            return Typed(word, day=int(match[1]), month=int(match[2] or match[5]), year=given), at + 1
        if (match := _DAY_AND_MONTH.fullmatch(word)) and match[2] in _MONTH_OF:
            return self._with_year(int(match[1]), _MONTH_OF[match[2]], at + 1)
        if (month := _MONTH_OF.get(word)) and (match := _DAY.fullmatch(self._word(at + 1))):
            return self._with_year(int(match[1]), month, at + 2)
        if match := _DAY.fullmatch(word):
            month_at = at + 2 if self._word(at + 1) == "of" else at + 1
            if month := _MONTH_OF.get(self._word(month_at)):
                return self._with_year(int(match[1]), month, month_at + 1)
            return Typed(word, day=int(match[1])), at + 1
        return None, at

    def _with_year(self, day: int, month: int, at: int) -> tuple[Typed, int]:
        text = f"{day} {MONTHS[month - 1][:3].capitalize()}"
        if _YEAR.fullmatch(self._word(at)):
            return Typed(f"{text} {self._word(at)}", day=day, month=month, year=int(self._word(at))), at + 1
        return Typed(text, day=day, month=month), at


def on_or_after(weekday: int, earliest: date) -> date:
    """The first such weekday (Monday is 0) from `earliest` on."""
    return earliest + timedelta(days=(weekday - earliest.weekday()) % 7)
