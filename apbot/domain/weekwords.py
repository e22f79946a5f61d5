"""The pattern of a week and its times in words: "Mon–Fri all day", "Tue pm (week A)", "am from 09:30"."""

from collections.abc import Sequence
from datetime import time
from itertools import groupby

from apbot.domain.marks import Session
from apbot.domain.timetable import EVERY_WEEK, WEEKDAYS, Hours, Pattern


def pattern_words(pattern: Pattern) -> str:
    """The sessions that a placement expects; weekdays with the same ones are said together."""
    by_words: dict[str, list[int]] = {}
    for weekday in range(len(WEEKDAYS)):
        for words in _day_words(pattern, weekday):
            by_words.setdefault(words, []).append(weekday)
    if not by_words:
        return "no sessions"
    return ", ".join(f"{_weekdays(days)} {words}" for words, days in by_words.items())


def _day_words(pattern: Pattern, weekday: int) -> list[str]:
    found = []
    for week in (EVERY_WEEK, "A", "B"):
        sessions = sorted(session for day, session, letter in pattern.sessions if (day, letter) == (weekday, week))
        if sessions:
            part = "all day" if len(sessions) == len(Session) else sessions[0].value
            found.append(f"{part} (week {week})" if week else part)
    return found


def _weekdays(days: Sequence[int]) -> str:
    """ "Mon–Wed, Fri" of [0, 1, 2, 4]."""
    runs = []
    for _, run in groupby(enumerate(days), key=lambda pair: pair[1] - pair[0]):
        within = [WEEKDAYS[day].capitalize() for _, day in run]
        runs.append("–".join((within[0], within[-1])) if len(within) > 2 else ", ".join(within))
    return ", ".join(runs)


def starts_words(pattern: Pattern, hours: Hours) -> str:
    """When the sessions of the pattern start: "am from 09:30, pm from 13:00 (Fri 12:45)"."""
    parts = []
    for session in Session:
        days = sorted({day for day, each, _ in pattern.sessions if each is session})
        starts = {day: span.starts for day in days if (span := hours.span(day, session)) is not None}
        if starts:
            parts.append(f"{session.value} from {_starts(starts)}")
    return ", ".join(parts)


def _starts(starts: dict[int, time]) -> str:
    times = list(starts.values())
    usual = max(times, key=times.count)
    other = [f"{WEEKDAYS[day].capitalize()} {at:%H:%M}" for day, at in starts.items() if at != usual]
    return f"{usual:%H:%M}" + (f" ({', '.join(other)})" if other else "")
