"""What a school watches in a pupil's attendance: under 90 per cent, unauthorised absence, and sickness.

Only sessions at providers are known here. The school's own register has the others, so a count here is the least
that it can be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from apbot.domain.calendar import Calendar
from apbot.domain.codes import NOT_COUNTED, UNAUTHORISED
from apbot.domain.duties.schooldays import count_school_days

PERSISTENT = 90.0
"""Under so many per cent a pupil is persistently absent (Working together to improve school attendance, 2024)."""

THRESHOLD = 10
"""So many sessions of unauthorised absence in a rolling ten school weeks are the national threshold at which a
penalty notice must be considered (the same guidance)."""

ROLLING_WEEKS = 10
NEAR = 6
"""From so many on a pupil stands in the list: the school can still do something."""

SICK_DAYS = 15
"""The local authority is told of a pupil who is expected to be ill for so many school days, in a row or together."""

Coded = tuple[date, str | None]
"""A session's day and its code."""


def is_unauthorised(code: str | None) -> bool:
    """Whether a code counts towards the threshold: N (until its reason is established), O, G and U."""
    return code in UNAUTHORISED


@dataclass(frozen=True)
class Sickness:
    """How long a pupil was ill (code I). `days` are the days of the longest run on which they were expected at a
    provider; `span` the school days from its first to its last; `together` all days of illness, in halves."""

    days: int = 0
    span: int = 0
    first: date | None = None
    last: date | None = None
    together: float = 0

    @property
    def is_long(self) -> bool:
        """Whether the local authority is to be told."""
        return self.span >= SICK_DAYS or self.together >= SICK_DAYS


def sickness(sessions: Iterable[Coded], calendar: Calendar) -> Sickness:
    """The illness in these sessions of one pupil, in the order of their days.

    A run goes on from one expected day to the next as long as every code of the day is I; a day without a code, or
    with one that does not count, neither breaks nor lengthens it.
    """
    coded = [(day, code) for day, code in sessions if code is not None and code not in NOT_COUNTED]
    runs: list[list[date]] = [[]]
    for day, same in groupby(coded, key=lambda each: each[0]):
        if all(code == "I" for _, code in same):
            runs[-1].append(day)
        else:
            runs.append([])
    halves = sum(code == "I" for _, code in coded)
    longest = max(runs, key=lambda run: _span(run, calendar))
    if not longest:
        return Sickness(together=halves / 2)
    return Sickness(len(longest), _span(longest, calendar), longest[0], longest[-1], halves / 2)


def _span(run: Sequence[date], calendar: Calendar) -> int:
    """The school days from the first to the last day of a run."""
    if not run:
        return 0
    return count_school_days(calendar, run[0], run[-1])
