"""Term dates from a school's calendar (.ics): which events are teaching, breaks and closures, and the half terms.

Schools publish their terms in several ways: as blocks of teaching, as the days on which terms start and end, or as
the holidays between them. What the file says unambiguously is taken; for the rest the reader is told what was
understood and what is lacking, and nothing is guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from apbot.domain.calendar import Closure, Term
from apbot.domain.walltime import FIRST_DAY, LAST_DAY, local_date, spoken_date
from apbot.roster.cells import plain
from apbot.roster.directory import Directory
from apbot.roster.grid import bytes_of
from apbot.roster.half_terms import Break, Marker, Unclear, half_terms
from apbot.roster.problems import RosterProblems, Unreadable, unusable
from apbot.roster.records import PlaceClosure, PlaceTerm, Records, spoken_list

MOST_BYTES = 5 * 1024 * 1024
MOST_EVENTS = 5_000

TEACHING_DAYS = 18
"""An event of more days than this that names a term is teaching; a half-term holiday is shorter."""

SHORTEST_BREAK = 4
"""A holiday of fewer days is a closure or no matter of terms: it must not cut a half term in two."""


class Meaning(Enum):
    """What an event is for a calendar of school days."""

    TEACHING = "teaching"
    BREAK = "holiday"
    STARTS = "term starts"
    ENDS = "term ends"
    CLOSURE = "closed"
    OTHER = "not about term dates"


@dataclass(frozen=True)
class Event:
    """One event, both days included."""

    name: str
    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.ends_on - self.starts_on).days + 1

    def __str__(self) -> str:
        until = f" to {spoken_date(self.ends_on)}" if self.days > 1 else ""
        return f"{self.name}: {spoken_date(self.starts_on)}{until}"


_CLOSED = re.compile(
    r"\b(inset|training day|staff (?:day|development|training)|non[ -]?pupil|pupil[ -]free"
    r"|occasional day|bank holiday|may day|early may|strike|snow|election|polling)\b"
)
_SHUT = re.compile(r"\b(closed|closure)\b")
_STARTS = re.compile(
    r"\b(starts?|begins?|first day|re-?opens?|back to school|(?:pupils?|children|students?|school) returns?"
    r"|return to school|start of)\b"
)
_ENDS = re.compile(r"\b(ends?|last day|finish(?:es)?|breaks? up|closes|end of)\b")
_BREAK = re.compile(r"\b(half[ -]?term|holidays?|break|vacation)\b|^(christmas|easter|summer)$")
_DURING_BREAK = re.compile(r"\b(club|camp|reports?|revision|trip|production|exams?|mocks?|lessons?|week \d)\b")
_TERM = re.compile(r"\b(terms?|half[ -]?term|ht ?\d|autumn|spring|summer|teaching)\b")
_ABOUT_TERMS = re.compile(r"\b(terms?|half[ -]?term|school|pupils?|children|students?)\b")


def meaning(event: Event) -> Meaning:
    """What the event is, by its name and its length."""
    name = event.name.casefold()
    is_break = bool(_BREAK.search(name)) and not _DURING_BREAK.search(name) and event.days >= SHORTEST_BREAK
    if event.days <= TEACHING_DAYS and (_CLOSED.search(name) or (_SHUT.search(name) and not is_break)):
        return Meaning.CLOSURE
    if event.days == 1 and _ABOUT_TERMS.search(name):
        starts, ends = _STARTS.search(name), _ENDS.search(name)
        if starts and not ends:
            return Meaning.STARTS
        if ends and not starts:
            return Meaning.ENDS
    if event.days > TEACHING_DAYS and _TERM.search(name) and not re.search(r"\b(holidays?|break|vacation)\b", name):
        return Meaning.TEACHING
    return Meaning.BREAK if is_break else Meaning.OTHER


def load_calendar(path: Path, place: str, stored: Records) -> Records:
    """The terms and closures of `place` in a calendar. Raises `RosterProblems` for what is not clear."""
    ref = _place(place, stored)
    events = _events(path)
    sorted_out: dict[Meaning, list[Event]] = {each: [] for each in Meaning}
    for event in sorted(events, key=lambda each: (each.starts_on, each.ends_on)):
        sorted_out[meaning(event)].append(event)
    understood = [
        f"Understood as {each.value}: {spoken_list(map(str, sorted_out[each]))}."
        for each in Meaning
        if sorted_out[each]
    ]
    try:
        terms = half_terms(
            blocks=[Term(each.name[:80], each.starts_on, each.ends_on) for each in sorted_out[Meaning.TEACHING]],
            breaks=[Break(each.starts_on, each.ends_on) for each in sorted_out[Meaning.BREAK]],
            markers=_markers(sorted_out),
        )
    except Unclear as trouble:
        raise _unclear(path, str(trouble), understood) from None
    closures = [_closure(each) for each in sorted_out[Meaning.CLOSURE]]
    if not terms and not closures:
        raise _unclear(path, "there is no term and no closure in it", understood)
    return Records(
        terms=tuple(PlaceTerm(ref, term) for term in terms),
        closures=tuple(PlaceClosure(ref, closure) for closure in closures),
        given=frozenset(kind for kind, found in (("terms", terms), ("closures", closures)) if found),
        notes=tuple(understood),
    )


def _unclear(path: Path, what: str, understood: Sequence[str]) -> Exception:
    return unusable(
        f"{path.name}: {what}", " ".join((*understood, "Write the half terms into the sheet Term dates instead."))
    )


def _place(place: str, stored: Records) -> str:
    if not place:
        raise unusable("a calendar does not say whose it is", "add --place with a School ref or Provider ref")
    directory = Directory()
    directory.add_all(stored)
    found = directory["places"].find(place)
    if found is None:
        raise unusable(
            f"'{place}' is not the ref of a school or provider",
            directory["places"].suggestion(place) or "import the schools first",
        )
    return found


def _markers(events: dict[Meaning, list[Event]]) -> list[Marker]:
    marked = [
        *(Marker(each.starts_on, True, each.name) for each in events[Meaning.STARTS]),
        *(Marker(each.starts_on, False, each.name) for each in events[Meaning.ENDS]),
    ]
    return sorted(set(marked), key=lambda each: each.day)


def _closure(event: Event) -> Closure:
    name = event.name.casefold()
    kind = next(
        (
            kind
            for pattern, kind in (
                ("inset", "INSET day"),
                ("training|staff", "training day"),
                ("bank holiday|may day", "bank holiday"),
                ("strike", "strike"),
                ("snow", "snow"),
                ("election|polling", "election"),
            )
            if re.search(pattern, name)
        ),
        "closed",
    )
    return Closure(event.starts_on, event.ends_on, kind=kind, note=event.name[:200])


def _events(path: Path) -> list[Event]:
    import icalendar

    data = bytes_of(path, MOST_BYTES, "export fewer events")
    try:
        found = list(icalendar.Calendar.from_ical(data).walk("VEVENT"))
        if len(found) > MOST_EVENTS:
            raise unusable(f"{path.name} has {len(found):,} events", f"export at most {MOST_EVENTS:,}")
        return [_event(path, each) for each in found]
    except RosterProblems:
        raise
    except Exception:  # noqa: BLE001  (a broken calendar can fail anywhere inside the library, in any way)
        raise unusable(f"{path.name} is not a calendar, or is damaged", "export it as iCalendar (.ics) again") from None


def _event(path: Path, component: Any) -> Event:
    try:
        name = plain(str(component.get("SUMMARY", "")))
    except Unreadable:
        name = "an event with an endless name"
    starts_on = _day(component.decoded("DTSTART"))
    ends_on = _last_day(component, starts_on)
    if ends_on < starts_on or not FIRST_DAY <= starts_on <= ends_on <= LAST_DAY:
        raise unusable(f"{path.name}: the event '{name}' has impossible days", "mend it in the calendar")
    event = Event(name, starts_on, ends_on)
    if component.get("RRULE") is not None and meaning(event) is not Meaning.OTHER:
        raise unusable(f"{path.name}: the event '{name}' repeats itself", "give each of its days an event of its own")
    return event


def _last_day(component: Any, starts_on: date) -> date:
    """The end of an event of whole days is the day after it; of one with times, the instant it ends."""
    end: Any
    if component.get("DTEND") is not None:
        end = component.decoded("DTEND")
    elif component.get("DURATION") is not None:
        end = component.decoded("DTSTART") + component.decoded("DURATION")
    else:
        return starts_on
    last = _day(end - timedelta(seconds=1)) if isinstance(end, datetime) else _day(end) - timedelta(days=1)
    return starts_on if last == starts_on - timedelta(days=1) else last


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date() if value.tzinfo is None else local_date(value)
    if isinstance(value, date):
        return value
    raise ValueError("not a day")
