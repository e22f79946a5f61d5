"""How much of a week placements take: sessions, hours and days, weeks A and B averaged; and where two of them clash."""

from collections.abc import Callable

from apbot.domain.marks import Session
from apbot.domain.timetable import Hours, Pattern

Slot = tuple[int, Session]
"""A session of the week: its weekday (Monday is 0), and am or pm."""

WEEKS = ("A", "B")


def slots(pattern: Pattern, week: str) -> frozenset[Slot]:
    """The sessions that it expects in a week with this letter."""
    return frozenset((day, session) for day, session, _ in pattern.sessions if pattern.expects(day, session, week))


def _averaged(pattern: Pattern, measure: Callable[[frozenset[Slot]], float]) -> float:
    return sum(measure(slots(pattern, week)) for week in WEEKS) / len(WEEKS)


def hours_a_week(pattern: Pattern, hours: Hours) -> float:
    """How many hours it expects in a week. A session without times counts nothing."""
    return _averaged(pattern, lambda expected: sum(_long(hours, slot) for slot in expected))


def days_a_week(pattern: Pattern) -> float:
    """On how many days of a week it expects at least one session."""
    return _averaged(pattern, lambda expected: len({day for day, _ in expected}))


def _long(hours: Hours, slot: Slot) -> float:
    span = hours.span(*slot)
    if span is None:
        return 0
    return (span.ends.hour - span.starts.hour) + (span.ends.minute - span.starts.minute) / 60


def clash(one: Pattern, other: Pattern) -> Slot | None:
    """The first session of the week that both expect, in any week; None where there is none."""
    return min((slot for week in WEEKS for slot in slots(one, week) & slots(other, week)), default=None)
