"""The parts of the board, as its template is given them: words and signs, nothing that has to be worked out."""

from dataclasses import dataclass
from datetime import datetime

from apbot.web.signs import Mark, Standing


@dataclass(frozen=True)
class Who:
    """A pupil as the reader may know them: the reference, and the name or the initials; `path` is their placement's."""

    reference: str
    name: str
    path: str = ""


@dataclass(frozen=True)
class Member:
    """One pupil of an escalation. `outcome` is "" until something is established; `also`: who else is to be told."""

    who: Who
    said: str
    also: str
    outcome: str
    is_settled: bool


@dataclass(frozen=True)
class AlertView:
    """One open escalation."""

    key: str
    kind: str
    place: str
    school: str
    since: str
    moment: str
    age: str
    step: str
    taken_on: str
    next_at: datetime | None
    members: tuple[Member, ...]
    telephone: str


@dataclass(frozen=True)
class PupilRow:
    """One pupil on a provider's registers of today, by session."""

    who: Who
    school: str
    by_session: dict[str, Standing]
    mark: Mark


@dataclass(frozen=True)
class ProviderView:
    """One provider's registers of today."""

    key: str
    name: str
    path: str
    sessions: tuple[tuple[str, str], ...]
    """Each session and when it starts."""
    rows: tuple[PupilRow, ...]
    tally: str
    mark: Mark


@dataclass(frozen=True)
class Whereabouts:
    """Where one pupil is known, or ought, to be now."""

    who: Who
    standing: Standing
    words: str


@dataclass(frozen=True)
class DutyView:
    """Duties of one kind that are due on one day: by whose they are, the pupils, or the providers, they are about."""

    key: str
    what: str
    when: str
    is_overdue: bool
    by_owner: tuple[tuple[str, tuple[Who, ...]], ...]


@dataclass(frozen=True)
class SchoolLine:
    """One of many schools, in counts."""

    name: str
    ref: str
    alerts: int
    sessions: tuple[str, ...]
    overdue: int
    """Duties."""
