"""Whether a pupil's whole week adds up to full time across all settings, or has an agreed reason why not.

What can be known: the sessions of the placements, and the absences that the school has planned. What a pupil does in
the sessions that are on no placement nobody writes down, so they count as at the school. A gap is known where the
school itself has planned one, by a part-time timetable (C2); it is explained where a placement says why the rest of
the week is less than full time. Sources: a city's guide and a county's note for commissioning schools.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from apbot.domain.absences import Absence
from apbot.domain.calendar import ALL_DAY
from apbot.domain.marks import Session
from apbot.domain.timetable import WEEKDAYS, Pattern
from apbot.domain.weekload import Slot, clash

PART_TIME = "C2"
"""The code of an agreed part-time timetable. Inside a full-time package, part of it at a provider, it is not right."""


@dataclass(frozen=True)
class Part:
    """One placement of a pupil, as a part of the week. Both dates are included; `reason` is why the rest is less."""

    pupil: str
    ref: str
    provider: str
    pattern: Pattern
    starts_on: date
    ends_on: date | None
    reason: str = ""

    def meets(self, other: "Part") -> bool:
        """Whether the two go on at the same time."""
        return self.starts_on <= (other.ends_on or date.max) and other.starts_on <= (self.ends_on or date.max)


def clashes(parts: Sequence[Part]) -> Iterator[tuple[Part, Part, Slot]]:
    """Placements of one pupil that expect the pupil at the same time, with the first such session of the week."""
    for one, other in combinations(parts, 2):
        if one.meets(other) and (slot := clash(one.pattern, other.pattern)) is not None:
            yield one, other, slot


def unexplained_gap(parts: Iterable[Part], absences: Iterable[Absence]) -> list[Slot]:
    """The sessions of the week that a part-time timetable leaves out, where no placement says why; in their order."""
    if any(part.reason for part in parts):
        return []
    return sorted({slot for each in absences if each.code == PART_TIME for slot in _left_out(each)})


def _left_out(absence: Absence) -> Iterator[Slot]:
    for ahead in range(min((absence.ends_on - absence.starts_on).days + 1, 7)):
        weekday = (absence.starts_on + timedelta(days=ahead)).weekday()
        if weekday < 5:
            yield from ((weekday, each) for each in Session if absence.sessions in (ALL_DAY, each.value))


def at_several(parts: Sequence[Part]) -> list[str]:
    """The providers of a pupil who goes to more than one at the same time; each should know of the others."""
    together = {each.provider for one, other in combinations(parts, 2) if one.meets(other) for each in (one, other)}
    return sorted(together) if len(together) > 1 else []


def slots_words(slots: Iterable[Slot]) -> str:
    """ "Mon am, Tue pm"."""
    return ", ".join(f"{WEEKDAYS[weekday].capitalize()} {session.value}" for weekday, session in slots)
