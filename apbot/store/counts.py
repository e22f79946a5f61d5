"""How many pupils stand where, counted by the database: no record of a pupil is read."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.closed import closed_words
from apbot.domain.marks import Fact, Session
from apbot.domain.presence import Presence, presence
from apbot.domain.register import EntryState
from apbot.domain.smallgroups import suppressed
from apbot.store.calendars import Calendars
from apbot.store.database import Transaction
from apbot.store.pupilsessions import in_open_alert
from apbot.store.tables import entries, registers, schools

MISSING = "not known to have arrived"
GROUPS = (Presence.ARRIVED.value, MISSING, Presence.EXCUSED.value, Presence.AWAITED.value)
"""What a governor is shown. A group of nobody is there too: that it were not would be told by its absence."""


@dataclass(frozen=True)
class Counts:
    """How many pupils of one school stand where, in each session of today; and the alerts open about them."""

    school: str
    closed: str
    sessions: Mapping[Session, Mapping[Presence, int]]
    alerts: int = 0
    ref: str = ""
    """The school's reference."""

    def to_json(self) -> dict[str, Any]:
        """The counts as plain JSON values."""
        return {
            "school": self.school,
            "closed": self.closed or None,
            "open_alerts": self.alerts,
            "sessions": {
                session.value: {each.value: count for each, count in counts.items()}
                for session, counts in self.sessions.items()
            },
        }


@dataclass(frozen=True)
class SafeCounts:
    """Counts for who may not know of a single pupil: groups under five are None, and so is what gives them away."""

    school: str
    closed: str
    sessions: Mapping[Session, tuple[Mapping[str, int | None], int | None]]

    def to_json(self) -> dict[str, Any]:
        """The counts as plain JSON values; null is fewer than five."""
        return {
            "school": self.school,
            "closed": self.closed or None,
            "sessions": {session.value: {**groups, "all": total} for session, (groups, total) in self.sessions.items()},
        }


def count_pupils(
    transaction: Transaction, day: date, calendars: Calendars, school_ids: Iterable[int] | None = None
) -> list[Counts]:
    """How many pupils of each school (of all, for None) stand where, counted by the database: no record is read."""
    chosen = sa.true() if school_ids is None else schools.c.id.in_(list(school_ids))
    begun = (entries.c.starts_at <= transaction.now).label("begun")
    kinds = (entries.c.school_id, registers.c.session, entries.c.state, entries.c.fact)
    counted: dict[int, dict[Session, Counter[Presence]]] = defaultdict(lambda: defaultdict(Counter))
    for row in transaction.rows(
        sa.select(*kinds, begun, sa.func.count().label("pupils"))
        .join_from(entries, registers)
        .join(schools, schools.c.id == entries.c.school_id)
        .where(registers.c.day == day, entries.c.state != EntryState.WITHDRAWN.value, chosen)
        .group_by(*kinds, sa.literal_column("begun"))
    ):
        starts_at = transaction.now if row.begun else datetime.max.replace(tzinfo=transaction.now.tzinfo)
        fact = Fact(row.fact) if row.fact else None
        where = presence(EntryState(row.state), fact, starts_at, transaction.now)
        counted[row.school_id][Session(row.session)][where] += row.pupils
    alerts = _open_alerts(transaction)
    return [
        Counts(
            school=row.name,
            closed=closed_words(calendars.school(row.id), day),
            sessions={session: dict(counts) for session, counts in sorted(counted[row.id].items())},
            alerts=alerts.get(row.id, 0),
            ref=row.ref,
        )
        for row in transaction.rows(
            sa.select(schools.c.id, schools.c.name, schools.c.ref).where(chosen).order_by(schools.c.name)
        )
    ]


def _open_alerts(transaction: Transaction) -> dict[int, int]:
    """In how many sessions of each school, of today or an earlier day, an alert is open."""
    return {
        row.school_id: row.sessions
        for row in transaction.rows(
            sa.select(entries.c.school_id, sa.func.count().label("sessions"))
            .where(in_open_alert())
            .group_by(entries.c.school_id)
        )
    }


def held_back(counts: Counts) -> SafeCounts:
    """What a governor may be shown: arrived, not known to have arrived, excused, awaited; small groups held back."""
    sessions = {}
    for session, by_presence in counts.sessions.items():
        groups = Counter(dict.fromkeys(GROUPS, 0))
        for each, count in by_presence.items():
            groups[MISSING if each.is_missing else each.value] += count
        sessions[session] = suppressed(groups)
    return SafeCounts(counts.school, counts.closed, sessions)
