"""What is known of pupils in sessions, as far as the one who asks may see it: who said what, and the alert, if any."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.escalation import Kind, Outcome, State
from apbot.domain.marks import Session
from apbot.domain.presence import Presence, presence
from apbot.store.database import Transaction
from apbot.store.escalations import Escalation, load_escalations
from apbot.store.registers import Entry, load_entries
from apbot.store.tables import entries, escalated, escalations, placements, providers, registers, schools


@dataclass(frozen=True)
class Alert:
    """The alert about one pupil in one session, as it stands."""

    id: int
    kind: Kind
    state: State
    opened_at: datetime
    acknowledged_by: str
    acknowledged_at: datetime | None
    outcome: Outcome | None
    outcome_by: str
    outcome_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Nobody has yet established that the pupil is safe."""
        return self.outcome is None or not self.outcome.settles

    def to_json(self) -> dict[str, Any]:
        """The alert as plain JSON values; instants in UTC."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "state": self.state.value,
            "opened_at": self.opened_at.isoformat(),
            "acknowledged_by": self.acknowledged_by or None,
            "acknowledged_at": self.acknowledged_at and self.acknowledged_at.isoformat(),
            "outcome": self.outcome and self.outcome.value,
            "outcome_by": self.outcome_by or None,
            "outcome_at": self.outcome_at and self.outcome_at.isoformat(),
        }


@dataclass(frozen=True)
class PupilSession:
    """One pupil in one session."""

    entry: Entry
    school: str
    provider: str
    day: date
    session: Session
    presence: Presence
    alert: Alert | None

    @property
    def has_open_alert(self) -> bool:
        """Somebody still has to establish that the pupil is safe."""
        return self.alert is not None and self.alert.is_open

    @property
    def code(self) -> str | None:
        """The code the school has given, else the one suggested, else None."""
        return self.entry.code or self.entry.suggested_code

    def to_json(self) -> dict[str, Any]:
        """The session as plain JSON values, the pupil by reference; instants in UTC."""
        said = self.entry.said
        return {
            "pupil": self.entry.label,
            "reference": self.entry.reference,
            "school": self.school,
            "provider": self.provider,
            "day": self.day.isoformat(),
            "session": self.session.value,
            "starts_at": self.entry.starts_at.isoformat(),
            "ends_at": self.entry.ends_at.isoformat(),
            "presence": self.presence.value,
            "fact": said and said.fact.value,
            "at": said and said.at and said.at.isoformat(),
            "reason": said and said.reason and said.reason.value,
            "said_by": self.entry.marked_by or None,
            "said_at": self.entry.marked_at and self.entry.marked_at.isoformat(),
            "code": self.code,
            "code_is_confirmed": self.entry.code is not None,
            "alert": self.alert and self.alert.to_json(),
        }


def in_sight(
    actor: Actor,
    school_id: sa.ColumnElement[Any],
    provider_id: sa.ColumnElement[Any],
    key_worker_id: sa.ColumnElement[Any],
) -> sa.ColumnElement[bool]:
    """`Actor.may_see` for a query, so that what may not be seen is not read in the first place."""
    if actor.is_admin_of_all:
        return sa.true()
    return sa.or_(
        school_id.in_(actor.schools()), provider_id.in_(actor.providers()), key_worker_id == (actor.person_id or 0)
    )


def in_open_alert() -> sa.ColumnElement[bool]:
    """For a query of entries: an alert is open in which the pupil is not yet known to be safe."""
    live = [state.value for state in State if state.is_live]
    unsettled = [outcome.value for outcome in Outcome if not outcome.settles]
    return entries.c.id.in_(
        sa.select(escalated.c.entry_id)
        .join_from(escalated, escalations)
        .where(
            escalations.c.state.in_(live),
            sa.or_(escalated.c.outcome.is_(None), escalated.c.outcome.in_(unsettled)),
        )
    )


def load_pupil_sessions(
    transaction: Transaction, actor: Actor, *conditions: sa.ColumnElement[bool]
) -> list[PupilSession]:
    """The sessions that meet the conditions and that `actor` may see, by start and pupil reference.

    The conditions may speak of entries, registers, placements, pupils and schools.
    """
    sight = in_sight(actor, entries.c.school_id, registers.c.provider_id, placements.c.key_worker_id)
    found = [
        entry
        for entry in load_entries(transaction, sight, *conditions)
        if actor.may_see(entry.school_id, entry.provider_id, entry.key_worker_id)
    ]
    places = _places(transaction, {entry.register_id for entry in found})
    school_names = _school_names(transaction, {entry.school_id for entry in found})
    alerts = _alerts(transaction, [entry.id for entry in found])
    sessions = [
        PupilSession(
            entry=entry,
            school=school_names[entry.school_id],
            provider=places[entry.register_id].name,
            day=places[entry.register_id].day,
            session=Session(places[entry.register_id].session),
            presence=presence(entry.state, entry.said.fact if entry.said else None, entry.starts_at, transaction.now),
            alert=alerts.get(entry.id),
        )
        for entry in found
    ]
    return sorted(sessions, key=lambda each: (each.entry.starts_at, each.entry.reference))


def _places(transaction: Transaction, register_ids: Iterable[int]) -> dict[int, sa.Row[Any]]:
    return {
        row.id: row
        for row in transaction.rows(
            sa.select(registers.c.id, registers.c.day, registers.c.session, providers.c.name)
            .join_from(registers, providers)
            .where(registers.c.id.in_(set(register_ids)))
        )
    }


def _school_names(transaction: Transaction, school_ids: Iterable[int]) -> dict[int, str]:
    query = sa.select(schools.c.id, schools.c.name).where(schools.c.id.in_(set(school_ids)))
    return {row.id: row.name for row in transaction.rows(query)}


def _alerts(transaction: Transaction, entry_ids: Sequence[int]) -> dict[int, Alert]:
    """The alert about each of these entries: the one still open, else the latest."""
    if not entry_ids:
        return {}
    wanted = set(entry_ids)
    found: dict[int, Alert] = {}
    for escalation in load_escalations(
        transaction,
        escalations.c.id.in_(sa.select(escalated.c.escalation_id).where(escalated.c.entry_id.in_(wanted))),
    ):
        for entry_id, alert in _alerts_of(escalation):
            if entry_id in wanted and (entry_id not in found or not found[entry_id].is_open or alert.is_open):
                found[entry_id] = alert
    return found


def _alerts_of(escalation: Escalation) -> list[tuple[int, Alert]]:
    return [
        (
            pupil.entry.id,
            Alert(
                id=escalation.id,
                kind=escalation.kind,
                state=escalation.state,
                opened_at=escalation.opened_at,
                acknowledged_by=escalation.acknowledged_by,
                acknowledged_at=escalation.acknowledged_at,
                outcome=pupil.outcome,
                outcome_by=pupil.outcome_by,
                outcome_at=pupil.outcome_at,
            ),
        )
        for pupil in escalation.pupils
    ]
