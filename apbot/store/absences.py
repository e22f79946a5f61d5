"""Absences that the school has planned: recorded, withdrawn, and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.absences import Absence
from apbot.domain.access import Actor
from apbot.domain.calendar import ALL_DAY
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.tables import people, planned_absences


@dataclass(frozen=True)
class PlannedAbsence:
    """One planned absence of one pupil, with who entered it."""

    id: int
    pupil_id: int
    absence: Absence
    made_by: str
    is_withdrawn: bool

    def overlaps(self, other: Absence) -> bool:
        """Whether they share a session."""
        mine = self.absence
        days = mine.starts_on <= other.ends_on and other.starts_on <= mine.ends_on
        return days and (mine.sessions == other.sessions or ALL_DAY in (mine.sessions, other.sessions))

    def to_json(self) -> dict[str, Any]:
        """The absence as plain JSON values."""
        return {
            "code": self.absence.code,
            "starts_on": self.absence.starts_on.isoformat(),
            "ends_on": self.absence.ends_on.isoformat(),
            "sessions": self.absence.sessions,
            "made_by": self.made_by or None,
        }


def load_absence(transaction: Transaction, absence_id: int) -> PlannedAbsence | None:
    """This absence, withdrawn or not."""
    found = _load(transaction, planned_absences.c.id == absence_id)
    return found[0] if found else None


def absences_ahead(transaction: Transaction, pupil_id: int, day: date) -> list[PlannedAbsence]:
    """The pupil's absences that are not over before `day`, by date, without those withdrawn."""
    return _load(
        transaction,
        planned_absences.c.pupil_id == pupil_id,
        planned_absences.c.ends_on >= day,
        planned_absences.c.withdrawn_at.is_(None),
    )


def _load(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[PlannedAbsence]:
    rows: Sequence[sa.Row[Any]] = transaction.rows(
        sa.select(planned_absences, people.c.name)
        .select_from(planned_absences)
        .outerjoin(people, people.c.id == planned_absences.c.made_by_id)
        .where(*conditions)
        .order_by(planned_absences.c.starts_on, planned_absences.c.id)
    )
    return [
        PlannedAbsence(
            row.id,
            row.pupil_id,
            Absence(row.code, row.starts_on, row.ends_on, row.sessions),
            row.name or "",
            row.withdrawn_at is not None,
        )
        for row in rows
    ]


def plan_absence(transaction: Transaction, actor: Actor, pupil_id: int, absence: Absence) -> int:
    """Record it; its id."""
    absence_id = transaction.insert(
        planned_absences,
        pupil_id=pupil_id,
        starts_on=absence.starts_on,
        ends_on=absence.ends_on,
        sessions=absence.sessions,
        code=absence.code,
        made_by_id=actor.person_id,
        made_at=transaction.now,
    )
    note(transaction, actor, "absence planned", f"pupil:{pupil_id}", absence=absence_id, **_detail(absence))
    return absence_id


def withdraw_absence(transaction: Transaction, actor: Actor, planned: PlannedAbsence) -> None:
    """Withdraw it: the row stays, and says when."""
    transaction.execute(
        sa.update(planned_absences)
        .where(planned_absences.c.id == planned.id, planned_absences.c.withdrawn_at.is_(None))
        .values(withdrawn_at=transaction.now)
    )
    note(
        transaction,
        actor,
        "absence withdrawn",
        f"pupil:{planned.pupil_id}",
        absence=planned.id,
        **_detail(planned.absence),
    )


def _detail(absence: Absence) -> dict[str, str]:
    return {
        "code": absence.code,
        "starts_on": absence.starts_on.isoformat(),
        "ends_on": absence.ends_on.isoformat(),
        "sessions": absence.sessions,
    }
