"""Reading a day and a time of day as people type them and as spreadsheets store them. Always the English order."""

import re
from datetime import date, datetime, time, timedelta

from apbot.domain.walltime import FIRST_DAY, LAST_DAY
from apbot.roster.cells import words
from apbot.roster.problems import Unreadable

EARLIEST_START, LATEST_END = time(7), time(21)
"""No session of a provider lies outside these times."""

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

EXCEL_DAY_0 = date(1899, 12, 30)
"""The day from which a spreadsheet counts days."""

_DAY_RIGHT = "write the day as 3/9/2026 or 3 Sep 2026"
_SEP = r"\s*[/.\\\- ]\s*"
_NUMBERS = re.compile(rf"(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}})")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?[\s\-/.]*([a-z]{3,9})[\s\-/.,]*(?:'?(\d{4}|\d{2}))")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})[\s\-/.]*(\d{1,2})(?:st|nd|rd|th)?(?:,\s*|\s+)(\d{4})")
_WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+(?=\S)")
_MIDNIGHT = re.compile(r"[t\s]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?z?$")
_NO_YEAR = re.compile(r"\d{1,2}(?:st|nd|rd|th)?(?:[\s/.\-]+\d{1,2}|[\s/.\-]*[a-z]{3,9})|[a-z]{3,9} \d{1,2}")


def day(value: object) -> date:
    """A day: a spreadsheet's date, 3/9/26, 03-Sep-2026, Thu 3rd September 2026. Raises `Unreadable`."""
    found = _day(value)
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Unreadable(
            f"is in the year {found.year}",
            f"write a day from {FIRST_DAY.year} to {LAST_DAY.year}, with all of its year",
        )
    return found


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        serial = _from_serial(value)
        if serial is not None:
            return serial
    if isinstance(value, (time, timedelta)):
        raise Unreadable("is a time, not a day", _DAY_RIGHT)
    return _typed_day(words(value))


def _from_serial(value: float) -> date | None:
    """The date behind a number that has lost its date format, such as 46268."""
    if (FIRST_DAY - EXCEL_DAY_0).days <= value <= (LAST_DAY - EXCEL_DAY_0).days:
        return EXCEL_DAY_0 + timedelta(days=int(value))
    return None


def _typed_day(said: str) -> date:
    said = _MIDNIGHT.sub("", said).strip(" .,")
    if re.fullmatch(r"\d{5}(?:\.\d+)?", said) and (serial := _from_serial(float(said))):
        return serial
    weekday = _WEEKDAY.match(said)
    rest = said[weekday.end() :] if weekday else said
    found = _numbered(rest) or _in_words(rest)
    if found is None:
        if _NO_YEAR.fullmatch(rest):
            raise Unreadable("has no year", _DAY_RIGHT)
        raise Unreadable("is not a day", _DAY_RIGHT)
    if weekday and not WEEKDAY_NAMES[found.weekday()].startswith(weekday[1]):
        raise Unreadable(f"is a {WEEKDAY_NAMES[found.weekday()].capitalize()}", "check the day and the date")
    return found


def _numbered(said: str) -> date | None:
    if match := _ISO.fullmatch(said) or _COMPACT.fullmatch(said):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMBERS.fullmatch(said):
        return _date(_year(match[3]), int(match[2]), int(match[1]))
    return None


def _in_words(said: str) -> date | None:
    if match := _IN_WORDS.fullmatch(said):
        number, name, year = match[1], match[2], match[3]
    elif match := _MONTH_FIRST.fullmatch(said):
        name, number, year = match[1], match[2], match[3]
    else:
        return None
    months = [at for at, month in enumerate(MONTHS, 1) if month.startswith(name)]
    if len(months) != 1:
        raise Unreadable(f"names no month: '{name}'", _DAY_RIGHT)
    return _date(_year(year), months[0], int(number))


def _year(said: str) -> int:
    return 2000 + int(said) if len(said) == 2 else int(said)


def _date(year: int, month: int, number: int) -> date:
    if not 1 <= month <= 12:
        raise Unreadable(f"has no such month: {month}", "write the day first, then the month: 3/9/2026")
    try:
        return date(year, month, number)
    except ValueError:
        raise Unreadable("is a day that does not exist", _DAY_RIGHT) from None


def optional_day(value: object) -> date | None:
    """A day, or None for "ongoing", "tbc", "n/a" and the like."""
    if isinstance(value, str) and words(value) in _OPEN:
        return None
    return day(value)


_OPEN = frozenset(
    {"", "-", "--", "n/a", "na", "n.a.", "none", "nil", "tbc", "tba", "tbd", "?", "unknown", "not known"}
    | {"ongoing", "on going", "on-going", "current", "continuing", "open", "open ended", "open-ended", "no end date"}
)

MOST_DAYS = 40
"""No cell of several days holds more: a year has six reviews, or a dozen."""


def several(value: object) -> tuple[date, ...]:
    """The days in one cell, with ; or new lines between them, in their order. Raises `Unreadable`."""
    if not isinstance(value, str):
        found = optional_day(value)
        return () if found is None else (found,)
    parts = [part for part in re.split(r"[;\n|]|\band\b|&", value) if part.strip()]
    read = {each for part in parts[: MOST_DAYS + 1] for each in _days_in(part)}
    if len(read) > MOST_DAYS:
        raise Unreadable(f"holds more than {MOST_DAYS} days", "write fewer, with ; between them")
    return tuple(sorted(each for each in read if each is not None))


def _days_in(part: str) -> list[date | None]:
    """A comma stands within a day ("Sep 3, 2026") or between two."""
    try:
        return [optional_day(part)]
    except Unreadable as trouble:
        if "," in part:
            return [each for piece in part.split(",", MOST_DAYS) if piece.strip() for each in _days_in(piece)]
        raise Unreadable(f"holds '{part.strip()[:40]}', which {trouble.wrong}", trouble.expected) from None


_TIME_RIGHT = "write it as 09:30"
_CLOCK = re.compile(r"(\d{1,2})(?:[:.;h ](\d{1,2})(?::\d\d)?)? ?(am|pm|noon|hrs?|h)?")
_MILITARY = re.compile(r"(\d{1,2})(\d\d) ?(am|pm|hrs?|h)?")
_NOON = {"noon": time(12), "midday": time(12), "12 noon": time(12)}


def clock(value: object) -> time:
    """A time on the wall in the hours of a day: a spreadsheet's time, 9.30, 9:30am, 0930. Raises `Unreadable`.

    Without am or pm, one to six o'clock is in the afternoon: no session starts before seven.
    """
    found = _clock(value)
    if not EARLIEST_START <= found <= LATEST_END:
        raise Unreadable(
            f"is {found:%H:%M}, outside the hours of a day",
            f"write a time from {EARLIEST_START:%H:%M} to {LATEST_END:%H:%M}",
        )
    return found


def _clock(value: object) -> time:
    if isinstance(value, datetime):
        if value.time() == time():
            raise Unreadable("is a day, not a time", _TIME_RIGHT)
        value = value.time()
    if isinstance(value, time):
        return _afternoon(_rounded(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6))
    if isinstance(value, timedelta):
        return _afternoon(_rounded(value.total_seconds()))
    if isinstance(value, date):
        raise Unreadable("is a day, not a time", _TIME_RIGHT)
    if isinstance(value, float) and 0 < value < 1:
        return _afternoon(_rounded(value * 86_400))
    said = words(value).replace("a.m.", "am").replace("p.m.", "pm").replace("o'clock", "").strip(" .")
    if re.fullmatch(r"0?\.\d{3,}|0?\.5|0?\.25|0?\.75", said):
        return _afternoon(_rounded(float(said) * 86_400))
    return _typed_time(said)


def _rounded(seconds: float) -> time:
    """To the minute: a spreadsheet keeps 09:30 as 0.395833 of a day."""
    whole = round(seconds / 60)
    if not 0 <= whole < 24 * 60:
        raise Unreadable("is not a time of day", _TIME_RIGHT)
    return time(whole // 60, whole % 60)


def _typed_time(said: str) -> time:
    if said in _NOON:
        return _NOON[said]
    if re.fullmatch(r"\d{1,2}\.5", said):
        raise Unreadable("may be half past or ten to", f"write {said[:-2]}:30 or {said[:-2]}:50")
    match = _CLOCK.fullmatch(said) or _MILITARY.fullmatch(said)
    if not match:
        raise Unreadable("is not a time", _TIME_RIGHT)
    hour = int(match[1])
    half = match[3] or ""
    if match[2] and len(match[2]) == 1 and "." not in said:
        raise Unreadable("is not a time", _TIME_RIGHT)
    minute = int((match[2] or "0").ljust(2, "0"))  # the number 9.3 is how a spreadsheet keeps 9.30
    if half in ("am", "pm", "noon") and not 1 <= hour <= 12 and not (half == "pm" and 13 <= hour <= 23):
        raise Unreadable("is not a time", _TIME_RIGHT)
    if half == "am":
        hour %= 12
    elif half == "pm" and hour < 12:
        hour += 12
    if hour > 23 or minute > 59:
        raise Unreadable("is not a time", _TIME_RIGHT)
    written_in_full = half in ("am", "pm") or (match.re is _MILITARY and said.startswith("0"))
    return time(hour, minute) if written_in_full else _afternoon(time(hour, minute))


def _afternoon(at: time) -> time:
    return at.replace(hour=at.hour + 12) if 1 <= at.hour <= 6 else at
