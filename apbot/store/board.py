"""The live board: everything of today that one person may see, as it stands, and the duties of this week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.closed import closed_words
from apbot.domain.duties.model import State as DutyState
from apbot.domain.duties.registry import KINDS
from apbot.domain.escalation import Policy, State
from apbot.domain.walltime import local_date
from apbot.store.boardcounts import IS_OPEN, OverAll, Waiting, count_waiting, read_over_all, urgency
from apbot.store.calendars import Calendars, load_calendars
from apbot.store.counts import SafeCounts, count_pupils, held_back
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty, load_duties
from apbot.store.escalations import Escalation, load_escalations, policies_of
from apbot.store.lasting import not_over, runs_on
from apbot.store.people import names_of
from apbot.store.pupilsessions import PupilSession, in_sight, load_pupil_sessions
from apbot.store.reads import ONE_OPENING, note_list
from apbot.store.tables import (
    audit,
    duties,
    entries,
    escalated,
    escalations,
    placements,
    providers,
    pupils,
    registers,
    schools,
)
from apbot.store.today import governed_by, is_opened

READ = "board read"

MOST_ALERTS = 40
"""So many open alerts are shown over all schools: those that nobody has taken on first, then the longest open."""


@dataclass(frozen=True)
class School:
    """A school whose board somebody may choose. `name` is what it is called."""

    id: int
    ref: str
    name: str


@dataclass(frozen=True)
class NoSession:
    """A pupil who is placed somewhere, and is expected at no provider today."""

    pupil_id: int
    reference: str
    first_name: str
    last_name: str
    initials_in_chat: bool
    school_id: int
    key_worker_id: int | None
    providers: tuple[str, ...]


@dataclass(frozen=True)
class Board:
    """What stands on one person's board. `school` is the one they chose; `schools` those they can choose among."""

    actor: Actor
    now: datetime
    day: date
    is_opened: bool
    """Whether the registers of the day have been made."""
    school: School | None
    schools: tuple[School, ...]
    closed: tuple[tuple[str, str], ...]
    """Schools that are closed today, and why."""
    sessions: tuple[PupilSession, ...]
    no_session: tuple[NoSession, ...]
    escalations: tuple[Escalation, ...]
    """Those that are open, of whatever day, each with only the pupils in sight; the longest open first."""
    policies: Mapping[int, Policy]
    """The steps of each."""
    waiting: tuple[Waiting, ...]
    duties: tuple[Duty, ...]
    owners: Mapping[int, str]
    """The names of the people whose duties they are."""
    provider_refs: Mapping[int, str]
    placement_refs: Mapping[int, str]
    over_all: OverAll | None = None
    """All schools in counts, where they are too many to list every pupil."""
    counts: tuple[SafeCounts, ...] = ()
    """For a governor, who sees no pupil."""

    @property
    def references(self) -> tuple[str, ...]:
        """The pupils who can be told from the board."""
        found = {each.entry.reference for each in self.sessions} | {each.reference for each in self.no_session}
        found |= {pupil.entry.reference for each in self.escalations for pupil in each.pupils}
        return tuple(sorted(found | {each.reference for each in self.duties if each.reference}))


def read_board(transaction: Transaction, actor: Actor, school_ref: str = "") -> Board | None:
    """The board of `actor`, of one school where `school_ref` names one; None where that is not theirs to see.

    Who looks after more than one school as its admin sees a line for each, until they choose. Nothing is written
    down here: see `note_board`.
    """
    choices = schools_of(transaction, actor)
    school = next((each for each in choices if each.ref == school_ref), None)
    if school_ref and school is None:
        return None
    if school is None and len(choices) == 1 and actor.is_admin_of_all:
        school = choices[0]
    day = local_date(transaction.now)
    in_short = school is None and actor.is_admin_of_all
    scope = _Scope(actor, school.id if school else None)
    calendars = load_calendars(transaction, None if in_short else _schools_in_sight(transaction, scope))
    sessions = [] if in_short else load_pupil_sessions(transaction, actor, registers.c.day == day, scope.entries())
    owed = [] if in_short else _duties(transaction, actor, scope, day)
    live = _escalations(transaction, actor, scope, MOST_ALERTS if in_short else None)
    governed = governed_by(actor)
    shown_schools = [school] if school else list(choices)
    return Board(
        actor=actor,
        now=transaction.now,
        day=day,
        is_opened=is_opened(transaction, day),
        school=school,
        schools=tuple(choices),
        closed=() if in_short else _closed(calendars, shown_schools, day),
        sessions=tuple(sessions),
        no_session=() if in_short else _no_session(transaction, scope, calendars, day, sessions),
        escalations=tuple(live),
        policies=policies_of(transaction, [each.id for each in live]),
        waiting=tuple(count_waiting(transaction, day) if in_short else _unanswered(transaction, sessions)),
        duties=tuple(owed),
        owners=names_of(transaction, [person for each in owed for person in (each.key_worker_id, each.handed_to_id)]),
        provider_refs=_refs(
            transaction, providers, [e.entry.provider_id for e in sessions], [e.provider_id for e in owed]
        ),
        placement_refs=_refs(
            transaction,
            placements,
            [each.entry.placement_id for each in sessions],
            [pupil.entry.placement_id for each in live for pupil in each.pupils],
            [each.placement_id for each in owed if each.placement_id is not None],
        ),
        over_all=read_over_all(transaction, day, calendars) if in_short else None,
        counts=tuple(held_back(each) for each in count_pupils(transaction, day, calendars, governed))
        if governed
        else (),
    )


def note_board(transaction: Transaction, actor: Actor, school: School | None, references: Sequence[str]) -> None:
    """Write down that `actor` has opened the board, with the pupils on it: once for an opening, not at each refresh.

    A pupil who was not on it when that was written down makes it another reading.
    """
    subject = f"person:{actor.person_id}"
    place = school.ref if school else ""
    since = transaction.now - ONE_OPENING
    recent = transaction.rows(
        sa.select(audit.c.detail).where(audit.c.subject == subject, audit.c.what == READ, audit.c.at > since)
    )
    wanted = transaction.rows(sa.select(pupils.c.id).where(pupils.c.ref.in_(references)))
    shown = {row.id for row in wanted}
    if recent and not shown - {
        each for row in recent if row.detail["school"] == place for each in row.detail["pupils"]
    }:
        return
    note_list(transaction, actor, READ, subject, shown, school=place)


@dataclass(frozen=True)
class _Scope:
    """What a query is about: one school, or all that concerns the actor."""

    actor: Actor
    school_id: int | None

    def entries(self) -> sa.ColumnElement[bool]:
        return sa.true() if self.school_id is None else entries.c.school_id == self.school_id

    def placements(self) -> sa.ColumnElement[bool]:
        """For a query that joins placements and pupils."""
        sight = in_sight(self.actor, pupils.c.school_id, placements.c.provider_id, placements.c.key_worker_id)
        return sight if self.school_id is None else sa.and_(sight, pupils.c.school_id == self.school_id)


def schools_of(transaction: Transaction, actor: Actor) -> list[School]:
    """The schools whose every pupil the actor may see."""
    rows = transaction.rows(sa.select(schools.c.id, schools.c.ref, schools.c.name).order_by(schools.c.name))
    return [School(row.id, row.ref, row.name) for row in rows if actor.may_answer(row.id)]


def _schools_in_sight(transaction: Transaction, scope: _Scope) -> set[int]:
    """Those of the actor, and those of the pupils placed in sight."""
    if scope.school_id is not None:
        return {scope.school_id}
    placed = sa.select(pupils.c.school_id).join_from(placements, pupils).where(scope.placements()).distinct()
    own = scope.actor.schools() | governed_by(scope.actor)
    return {*own, *(row.school_id for row in transaction.rows(placed))}


def _closed(calendars: Calendars, shown: Sequence[School], day: date) -> tuple[tuple[str, str], ...]:
    return tuple(
        (each.name, because) for each in shown if (because := closed_words(calendars.school(each.id), day)) != ""
    )


def _escalations(transaction: Transaction, actor: Actor, scope: _Scope, most: int | None) -> list[Escalation]:
    """Those that are open, the longest first; with `most` only so many, those that nobody has taken on first."""
    live: list[sa.ColumnElement[bool]] = [*IS_OPEN]
    if most is not None:
        taken = sa.case((escalations.c.state == State.OPEN.value, 0), else_=1)
        first = sa.select(escalations.c.id).where(*live).order_by(taken, escalations.c.opened_at, escalations.c.id)
        live.append(escalations.c.id.in_([row.id for row in transaction.rows(first.limit(most))]))
    if scope.school_id is not None:
        live.append(escalations.c.school_id == scope.school_id)
    if not actor.is_admin_of_all:
        held = (
            sa.select(escalated.c.escalation_id)
            .join(entries, entries.c.id == escalated.c.entry_id)
            .join(placements, placements.c.id == entries.c.placement_id)
            .where(placements.c.key_worker_id == (actor.person_id or 0))
        )
        mine = (escalations.c.school_id.in_(actor.schools()), registers.c.provider_id.in_(actor.providers()))
        live.append(sa.or_(*mine, escalations.c.id.in_(held)))
    found = [_in_sight(each, actor) for each in load_escalations(transaction, *live)]
    return sorted((each for each in found if each.pupils), key=lambda each: (each.opened_at, each.id))


def _in_sight(escalation: Escalation, actor: Actor) -> Escalation:
    """The escalation with those of its pupils whom the actor may see."""
    provider_id = escalation.register.provider_id
    own = [
        each for each in escalation.pupils if actor.may_see(escalation.school_id, provider_id, each.entry.key_worker_id)
    ]
    return replace(escalation, pupils=tuple(own))


def _unanswered(transaction: Transaction, sessions: Sequence[PupilSession]) -> list[Waiting]:
    groups: dict[tuple[int, int], list[PupilSession]] = {}
    for each in sessions:
        if each.entry.is_unanswered and each.entry.starts_at <= transaction.now and each.entry.alert_at:
            groups.setdefault((each.entry.register_id, each.entry.school_id), []).append(each)
    refs = _refs(transaction, providers, [group[0].entry.provider_id for group in groups.values()])
    found = [
        Waiting(
            provider=group[0].provider,
            provider_ref=refs[group[0].entry.provider_id],
            session=group[0].session,
            school=group[0].school,
            starts_at=min(each.entry.starts_at for each in group),
            alert_at=min(each.entry.alert_at for each in group if each.entry.alert_at),
            count=len(group),
            labels=tuple(each.entry.label for each in sorted(group, key=lambda each: each.entry.reference)),
        )
        for group in groups.values()
    ]
    return sorted(found, key=urgency)


def _duties(transaction: Transaction, actor: Actor, scope: _Scope, day: date) -> list[Duty]:
    """What is overdue, or due or booked by the end of this week; what is overdue first."""
    sunday = day + timedelta(days=6 - day.weekday())
    soon = sa.or_(duties.c.due_on <= sunday, duties.c.booked_on.between(day, sunday))
    wanted: list[sa.ColumnElement[bool]] = [duties.c.state == DutyState.OPEN.value, duties.c.opens_on <= sunday, soon]
    if scope.school_id is not None:
        wanted.append(duties.c.school_id == scope.school_id)
    if not actor.is_admin_of_all:
        for_providers = [kind.name for kind in KINDS.values() if kind.is_for_providers]
        wanted.append(
            sa.or_(
                duties.c.school_id.in_(actor.schools()),
                placements.c.key_worker_id == (actor.person_id or 0),
                duties.c.handed_to_id == (actor.person_id or 0),
                sa.and_(duties.c.kind.in_(for_providers), providers.c.id.in_(actor.providers())),
            )
        )
    return [each for each in load_duties(transaction, *wanted) if each.may_be_done_by(actor)]


def _no_session(
    transaction: Transaction, scope: _Scope, calendars: Calendars, day: date, sessions: Sequence[PupilSession]
) -> tuple[NoSession, ...]:
    """Those placed somewhere on the day who have no session; whose school is closed is expected nowhere."""
    expected = {each.entry.pupil_id for each in sessions}
    found: dict[int, NoSession] = {}
    for row in transaction.rows(
        sa.select(pupils, schools.c.initials_in_chat, placements.c.key_worker_id, providers.c.name.label("provider"))
        .select_from(placements)
        .join(pupils, pupils.c.id == placements.c.pupil_id)
        .join(schools, schools.c.id == pupils.c.school_id)
        .join(providers, providers.c.id == placements.c.provider_id)
        .where(
            runs_on(placements, day),
            not_over(pupils, day),
            scope.placements(),
        )
        .order_by(pupils.c.ref, providers.c.name)
    ):
        if row.id in expected or not calendars.school(row.school_id).is_school_day(day):
            continue
        before = found.get(row.id)
        found[row.id] = NoSession(
            row.id,
            row.ref,
            row.first_name,
            row.last_name,
            row.initials_in_chat,
            row.school_id,
            row.key_worker_id,
            (*(before.providers if before else ()), row.provider),
        )
    return tuple(found.values())


def _refs(transaction: Transaction, table: sa.Table, *ids: Sequence[int]) -> dict[int, str]:
    wanted: set[Any] = {each for some in ids for each in some}
    if not wanted:
        return {}
    return {
        row.id: row.ref for row in transaction.rows(sa.select(table.c.id, table.c.ref).where(table.c.id.in_(wanted)))
    }
