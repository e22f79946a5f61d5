"""When sessions run and which of them a placement expects: hours, and the pattern of the week.

Both are what people set: times on the wall, days of the week. They are kept as the JSON that `to_json` gives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from apbot.domain.marks import Session
from apbot.domain.walltime import parse_wall

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Keys for the days of a week, by `date.weekday()`."""


@dataclass(frozen=True)
class Span:
    """From when to when a session runs, on the wall."""

    starts: time
    ends: time


DEFAULT_ENDS = {Session.AM: time(12, 0), Session.PM: time(15, 0)}
"""When a session is taken to end where nobody has said."""


@dataclass(frozen=True)
class Hours:
    """Session times: by session, and for single weekdays where these differ.

    A provider's hours are whole. A placement's hold only what differs from its provider's.
    """

    usual: Mapping[Session, Span] = field(default_factory=dict)
    on: Mapping[tuple[int, Session], Span] = field(default_factory=dict)

    def span(self, weekday: int, session: Session) -> Span | None:
        """The session's times on `weekday` (Monday is 0), or None where it does not run."""
        return self.on.get((weekday, session)) or self.usual.get(session)

    def over(self, below: "Hours") -> "Hours":
        """These hours where they say something, else those `below`: a placement's over its provider's."""
        usual_days = {
            (weekday, session): span for (weekday, session), span in below.on.items() if session not in self.usual
        }
        return Hours({**below.usual, **self.usual}, {**usual_days, **self.on})

    def to_json(self) -> dict[str, Any]:
        """{"usual": {"am": ["09:30", "12:00"]}, "on": {"fri pm": ["12:45", "14:30"]}}."""
        return {
            "usual": {session.value: _span_json(span) for session, span in sorted(self.usual.items())},
            "on": {
                f"{WEEKDAYS[weekday]} {session.value}": _span_json(span)
                for (weekday, session), span in sorted(self.on.items())
            },
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Hours":
        """The hours that `to_json` gave."""
        on = {}
        for key, span in data.get("on", {}).items():
            weekday, session = key.split()
            on[WEEKDAYS.index(weekday), Session(session)] = _span(span)
        return Hours({Session(key): _span(span) for key, span in data.get("usual", {}).items()}, on)


EVERY_WEEK = ""


@dataclass(frozen=True)
class Pattern:
    """The sessions of the week that a placement expects: (weekday, session, week).

    `week` is "A" or "B" for alternate weeks, "" for every week. Monday is 0.
    """

    sessions: frozenset[tuple[int, Session, str]]

    def expects(self, weekday: int, session: Session, week: str) -> bool:
        """Whether the placement expects this session in a week with this letter ("A" or "B")."""
        return (weekday, session, EVERY_WEEK) in self.sessions or (weekday, session, week) in self.sessions

    def to_json(self) -> list[str]:
        """["mon am", "wed pm A"], in the order of the week."""
        return [
            f"{WEEKDAYS[weekday]} {session.value} {week}".rstrip() for weekday, session, week in sorted(self.sessions)
        ]

    @staticmethod
    def from_json(data: Iterable[str]) -> "Pattern":
        """The pattern that `to_json` gave."""
        sessions = set()
        for entry in data:
            weekday, session, *week = entry.split()
            sessions.add((WEEKDAYS.index(weekday), Session(session), week[0] if week else EVERY_WEEK))
        return Pattern(frozenset(sessions))


def _span_json(span: Span) -> list[str]:
    return [f"{span.starts:%H:%M}", f"{span.ends:%H:%M}"]


def _span(data: Iterable[str]) -> Span:
    starts, ends = data
    return Span(parse_wall(starts), parse_wall(ends))
