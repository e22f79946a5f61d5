"""Two invented schools' years, with different holidays, and a placement to hold duties against."""

from dataclasses import replace
from datetime import date
from typing import Any

from apbot.domain.calendar import Calendar, Closure, Term
from apbot.domain.duties.model import Placed
from apbot.domain.timetable import Pattern

HILLCREST = Calendar(
    terms=(
        Term("Autumn 1", date(2026, 9, 2), date(2026, 10, 23)),
        Term("Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
        Term("Spring 1", date(2027, 1, 4), date(2027, 2, 12)),
        Term("Spring 2", date(2027, 2, 22), date(2027, 3, 25)),
        Term("Summer 1", date(2027, 4, 12), date(2027, 5, 28)),
        Term("Summer 2", date(2027, 6, 7), date(2027, 7, 21)),
    ),
    closures=(Closure(date(2026, 10, 9), date(2026, 10, 9), kind="INSET day"),),
)
TARN_END = Calendar(
    terms=(
        Term("Autumn 1", date(2026, 9, 2), date(2026, 10, 16)),
        Term("Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
    )
)
OPEN = Calendar(always=True)
EVERY_DAY = Pattern.from_json(
    [f"{day} {session}" for day in ("mon", "tue", "wed", "thu", "fri") for session in ("am", "pm")]
)
MONDAYS = Pattern.from_json(["mon am"])

PLACED = Placed(
    id=1,
    school_id=1,
    provider_id=1,
    starts_on=date(2026, 9, 7),
    pattern=EVERY_DAY,
    calendar=HILLCREST,
    provider_calendar=OPEN,
    target_end_on=date(2027, 7, 21),
)


def placed(**changes: Any) -> Placed:
    """A placement at Hillcrest from 7 September, with these differences."""
    return replace(PLACED, **changes)
