"""One pupil's status: placements, today, the last sessions with their codes, attendance, absences ahead."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.attendance import Attendance, attendance
from apbot.domain.calendar import Calendar, Term
from apbot.domain.closed import closed_words
from apbot.domain.duties.schooldays import Span
from apbot.domain.marks import Session
from apbot.domain.register import EntryState
from apbot.domain.walltime import local_date
from apbot.store.absences import PlannedAbsence, absences_ahead
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.records import Record, last_of_each, load_records
from apbot.store.incidents import Count, count_in
from apbot.store.pupils import Pupil
from apbot.store.pupilsessions import PupilSession, load_pupil_sessions
from apbot.store.reads import note_read
from apbot.store.safeguarding import ConcernRaised, load_concerns_raised
from apbot.store.tables import duty_records, entries, registers
from apbot.store.today import is_opened

RECENT = 20
"""So many of the last sessions are shown."""


@dataclass(frozen=True)
class Coded:
    """One session that has begun, with the school's code, else the suggested one, else None."""

    day: date
    session: Session
    code: str | None
    is_confirmed: bool

    def to_json(self) -> dict[str, Any]:
        """The session as plain JSON values."""
        return {
            "day": self.day.isoformat(),
            "session": self.session.value,
            "code": self.code,
            "code_is_confirmed": self.is_confirmed,
        }


@dataclass(frozen=True)
class PupilStatus:
    """What one person may see of one pupil. `recent` is the last sessions, the oldest first."""

    pupil: Pupil
    day: date
    is_opened: bool
    """Whether today's registers have been made; until then nobody can say what is expected."""
    today: tuple[PupilSession, ...]
    closed_today: str
    recent: tuple[Coded, ...]
    recent_attendance: Attendance
    term: Term | None
    term_attendance: Attendance
    absences: tuple[PlannedAbsence, ...]
    incidents: Count
    """In this half term, at the placements in sight."""
    last_done: tuple[Record, ...]
    """The last contact, visit, review, report and so on: the school's to see, and its key worker's."""
    concerns: tuple[ConcernRaised, ...]
    """That there were any, and when: for the school's safeguarding staff alone."""

    def to_json(self) -> dict[str, Any]:
        """The status as plain JSON values, the pupil by reference."""
        return {
            "pupil": self.pupil.label,
            "reference": self.pupil.reference,
            "school": self.pupil.school,
            "leaves_the_roll_after": self.pupil.ends_on and self.pupil.ends_on.isoformat(),
            "placements": [each.to_json() for each in self.pupil.placements],
            "registers_made": self.is_opened,
            "today": [each.to_json() for each in self.today],
            "closed_today": self.closed_today or None,
            "recent": [each.to_json() for each in self.recent],
            "recent_attendance": _attendance_json(self.recent_attendance),
            "term": self.term and self.term.name,
            "term_attendance": _attendance_json(self.term_attendance),
            "incidents": self.incidents.all,
            "incidents_of_poor_behaviour": self.incidents.behaviour,
            "planned_absences": [each.to_json() for each in self.absences],
            "last_done": [each.to_json() for each in self.last_done],
            "concerns": [each.to_json() for each in self.concerns],
        }


def _attendance_json(counted: Attendance) -> dict[str, Any]:
    return {"present": counted.present, "possible": counted.possible, "percent": counted.percent}


def read_status(transaction: Transaction, actor: Actor, pupil: Pupil, what: str = "status read") -> PupilStatus:
    """The status of a pupil whom `actor` may see, and a note (`what`) that it was read."""
    note_read(transaction, actor, what, [pupil.id])
    day = local_date(transaction.now)
    calendar = load_calendars(transaction).school(pupil.school_id)
    term = term_of(calendar, day)
    recent = _coded(transaction, pupil, sa.true())
    in_term = _coded(transaction, pupil, registers.c.day.between(term.starts_on, term.ends_on)) if term else []
    return PupilStatus(
        pupil=pupil,
        day=day,
        is_opened=is_opened(transaction, day),
        today=tuple(sessions_of(transaction, actor, pupil, day)),
        closed_today=closed_words(calendar, day),
        recent=tuple(recent[-RECENT:]),
        recent_attendance=attendance(each.code for each in recent[-RECENT:]),
        term=term,
        term_attendance=attendance(each.code for each in in_term),
        absences=tuple(absences_ahead(transaction, pupil.id, day)),
        incidents=count_in(transaction, [each.id for each in pupil.placements], Span(term.starts_on, term.ends_on))
        if term
        else Count(),
        last_done=_last_done(transaction, pupil),
        concerns=tuple(load_concerns_raised(transaction, pupil.id)) if pupil.sees_all else (),
    )


def _last_done(transaction: Transaction, pupil: Pupil) -> tuple[Record, ...]:
    if not pupil.knows_codes:
        return ()
    records = load_records(transaction, duty_records.c.placement_id.in_([each.id for each in pupil.placements]))
    return tuple(last_of_each(records).values())


def sessions_of(transaction: Transaction, actor: Actor, pupil: Pupil, day: date) -> list[PupilSession]:
    """The pupil's sessions on `day` that `actor` may see, by start."""
    return load_pupil_sessions(transaction, actor, entries.c.pupil_id == pupil.id, registers.c.day == day)


def term_of(calendar: Calendar, day: date) -> Term | None:
    """The half term that `day` is in, else the last one before it."""
    begun = [term for term in calendar.terms if term.starts_on <= day]
    return max(begun, key=lambda term: term.starts_on, default=None)


def _coded(transaction: Transaction, pupil: Pupil, condition: sa.ColumnElement[bool]) -> list[Coded]:
    """The pupil's sessions that have begun, at the placements in sight, the oldest first."""
    in_sight = sa.true() if pupil.sees_all else entries.c.placement_id.in_([each.id for each in pupil.placements])
    rows = transaction.rows(
        sa.select(registers.c.day, registers.c.session, entries.c.code, entries.c.suggested_code)
        .join_from(entries, registers)
        .where(
            entries.c.pupil_id == pupil.id,
            entries.c.state != EntryState.WITHDRAWN.value,
            entries.c.starts_at <= transaction.now,
            in_sight,
            condition,
        )
        .order_by(entries.c.starts_at, entries.c.id)
    )
    return [Coded(row.day, Session(row.session), row.code or row.suggested_code, row.code is not None) for row in rows]
