"""Pupils whose session has begun and who are not known to have arrived."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.marks import Fact
from apbot.domain.presence import Presence
from apbot.domain.register import EntryState
from apbot.domain.walltime import local_date, wall
from apbot.store.database import Transaction
from apbot.store.pupilsessions import PupilSession, in_open_alert, in_sight, load_pupil_sessions
from apbot.store.reads import note_read
from apbot.store.tables import entries, placements, registers
from apbot.store.today import is_opened

ON_SITE = [fact.value for fact in Fact if fact.is_on_site]


@dataclass(frozen=True)
class Missing:
    """One session of one pupil who is missing, and where they have been seen since, if anywhere."""

    session: PupilSession
    since_then: str

    @property
    def is_known(self) -> bool:
        """They have arrived at a later session, or somebody has established that they are safe."""
        return bool(self.since_then) or (self.session.alert is not None and not self.session.alert.is_open)

    def to_json(self) -> dict[str, Any]:
        """The session as plain JSON values, with where the pupil has been seen since."""
        return {**self.session.to_json(), "seen_since": self.since_then or None, "is_safe": self.is_known}


@dataclass(frozen=True)
class MissingNow:
    """Who is missing, and of how many: the sessions of today that have begun and in which a pupil is expected."""

    is_opened: bool
    """Whether today's registers have been made; until then nobody can say who is missing."""
    expected: int
    sessions: tuple[Missing, ...]

    def to_json(self) -> dict[str, Any]:
        """Who is missing as plain JSON values."""
        return {
            "registers_made": self.is_opened,
            "expected_so_far": self.expected,
            "missing": [each.to_json() for each in self.sessions],
        }


def read_missing(transaction: Transaction, actor: Actor, only_schools: frozenset[int] | None = None) -> MissingNow:
    """Who is missing among the pupils that `actor` may see, the longest first; and a note of whose records were read.

    A session that has begun, and is not yet accounted for: it still runs, or its alert is to come or is open,
    be it from an earlier day.
    """
    today = local_date(transaction.now)
    chosen = sa.true() if only_schools is None else entries.c.school_id.in_(only_schools)
    conditions = [
        chosen,
        entries.c.starts_at <= transaction.now,
        sa.or_(entries.c.fact.is_(None), entries.c.fact.not_in(ON_SITE)),
        sa.or_(
            in_open_alert(),
            sa.and_(
                registers.c.day == today,
                entries.c.state == EntryState.EXPECTED.value,
                sa.or_(entries.c.ends_at > transaction.now, entries.c.alert_at.is_not(None)),
            ),
        ),
    ]
    found = load_pupil_sessions(transaction, actor, *conditions)
    seen = _seen_since(transaction, actor, found)
    note_read(transaction, actor, "missing read", [each.entry.pupil_id for each in found])
    return MissingNow(
        is_opened(transaction, today),
        _expected(transaction, actor, chosen),
        tuple(Missing(each, seen.get(each.entry.id, "")) for each in found),
    )


def _expected(transaction: Transaction, actor: Actor, chosen: sa.ColumnElement[bool]) -> int:
    sight = in_sight(actor, entries.c.school_id, registers.c.provider_id, placements.c.key_worker_id)
    query = (
        sa.select(sa.func.count())
        .select_from(entries)
        .join(registers)
        .join(placements, placements.c.id == entries.c.placement_id)
        .where(
            registers.c.day == local_date(transaction.now),
            entries.c.state == EntryState.EXPECTED.value,
            entries.c.starts_at <= transaction.now,
            sight,
            chosen,
        )
    )
    return int(transaction.value(query))


def _seen_since(transaction: Transaction, actor: Actor, missing: list[PupilSession]) -> dict[int, str]:
    """By entry, the later session of today at which the pupil has arrived."""
    if not missing:
        return {}
    arrived = load_pupil_sessions(
        transaction,
        actor,
        entries.c.pupil_id.in_({each.entry.pupil_id for each in missing}),
        entries.c.fact.in_(ON_SITE),
        registers.c.day == local_date(transaction.now),
    )
    seen = {}
    for each in missing:
        for later in arrived:
            same_pupil = later.entry.pupil_id == each.entry.pupil_id
            if same_pupil and later.presence is Presence.ARRIVED and later.entry.starts_at > each.entry.starts_at:
                at = wall(later.entry.marked_at) if later.entry.marked_at else wall(later.entry.starts_at)
                seen[each.entry.id] = f"arrived at {later.provider}, {later.session.value}, said at {at}"
    return seen
