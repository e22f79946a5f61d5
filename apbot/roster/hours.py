"""Session times out of the cells of a row, and back: the usual ones, and those of single weekdays."""

from collections.abc import Iterable
from datetime import time

from apbot.domain.marks import Session
from apbot.domain.timetable import DEFAULT_ENDS, Hours, Span
from apbot.roster.days import WEEKDAY_NAMES
from apbot.roster.rows import Row
from apbot.roster.weeks import OtherTime, spell_times

NOON_LATEST, NOON_EARLIEST = time(12, 30), time(11)
"""A morning starts before the one, an afternoon not before the other: else the columns were mixed up."""

_NONE = Hours()
_SOME_TIME = Span(time(7), time(21))


def provider_hours(row: Row) -> Hours:
    """A provider's hours; what is wrong is noted in the row."""
    usual: dict[Session, Span] = {}
    for session in Session:
        starts, ends = row[f"{session}_start"], row[f"{session}_end"]
        if starts is not None:
            span = _span(
                row, f"{session}_start", session, starts, ends or DEFAULT_ENDS[session], given=ends is not None
            )
            usual[session] = span or _SOME_TIME
        elif ends is not None and f"{session}_start" not in row.bad:
            row.report(f"{session}_end", "has no start to it", f"write the {session} start as well")
        if row.bad & {f"{session}_start", f"{session}_end", "other_times"}:
            # Nothing will be taken in; without times here, each placement would seem to be wrong as well.
            usual[session] = _SOME_TIME
    return _with_other_times(row, usual, Hours(usual))


def placement_hours(row: Row, provider: Hours) -> Hours:
    """What a placement has of its own; each session ends when the provider's does, unless the row says when."""
    usual: dict[Session, Span] = {}
    for session in Session:
        starts = row[f"{session}_start"]
        if starts is None:
            continue
        there = provider.usual.get(session)
        ends = there.ends if there is not None else DEFAULT_ENDS[session]
        span = _span(row, f"{session}_start", session, starts, ends, given=False)
        if span is not None:
            usual[session] = span
    return _with_other_times(row, usual, Hours(usual).over(provider))


def _with_other_times(row: Row, usual: dict[Session, Span], below: Hours) -> Hours:
    """`usual` and what "Other times" says; a session without an end there ends as in `below`."""
    on: dict[tuple[int, Session], Span] = {}
    for entry in row["other_times"]:
        if not entry.weekdays:
            span = _other_span(row, entry, below.usual.get(entry.session))
            if span is not None:
                usual[entry.session] = span
        for weekday in entry.weekdays:
            span = _other_span(row, entry, below.span(weekday, entry.session))
            if span is not None:
                on[weekday, entry.session] = span
    return Hours(usual, on)


def _other_span(row: Row, entry: OtherTime, there: Span | None) -> Span | None:
    ends = entry.ends or (there.ends if there is not None else DEFAULT_ENDS[entry.session])
    return _span(row, "other_times", entry.session, entry.starts, ends, given=entry.ends is not None)


def _span(row: Row, key: str, session: Session, starts: time, ends: time, *, given: bool) -> Span | None:
    if session is Session.AM and starts >= NOON_LATEST:
        row.report(key, f"is {starts:%H:%M}, which is no morning", "write am times under am and pm times under pm")
        return None
    if session is Session.PM and starts < NOON_EARLIEST:
        row.report(key, f"is {starts:%H:%M}, which is no afternoon", "write am times under am and pm times under pm")
        return None
    if starts >= ends:
        end = "the end" if given else "the session's end there"
        row.report(key, f"is {starts:%H:%M}, not before {end} at {ends:%H:%M}", "check both times")
        return None
    return Span(starts, ends)


def provider_cells(hours: Hours) -> dict[str, object]:
    """The cells that `provider_hours` reads as these hours."""
    cells: dict[str, object] = {}
    for session, span in hours.usual.items():
        cells[f"{session}_start"], cells[f"{session}_end"] = span.starts, span.ends
    cells["other_times"] = spell_times(_entries(hours))
    return cells


def placement_cells(hours: Hours, provider: Hours) -> dict[str, object]:
    """The cells that `placement_hours` reads as these hours, given the same provider's."""
    cells: dict[str, object] = {}
    every_day = []
    for session, span in sorted(hours.usual.items()):
        there = provider.usual.get(session)
        if span.ends == (there.ends if there is not None else DEFAULT_ENDS[session]):
            cells[f"{session}_start"] = span.starts
        else:
            every_day.append(OtherTime((), session, span.starts, span.ends))
    cells["other_times"] = spell_times([*every_day, *_entries(hours)])
    return cells


def _entries(hours: Hours) -> Iterable[OtherTime]:
    for (weekday, session), span in sorted(hours.on.items()):
        yield OtherTime((weekday,), session, span.starts, span.ends)


def session_named(weekday: int, session: Session) -> str:
    """ "Friday pm"."""
    return f"{WEEKDAY_NAMES[weekday].capitalize()} {session}"


def runs(hours: Hours, provider: Hours, weekday: int, session: Session) -> bool:
    """Whether there are times for a placement's session: its own, or its provider's."""
    return (provider if hours == _NONE else hours.over(provider)).span(weekday, session) is not None
