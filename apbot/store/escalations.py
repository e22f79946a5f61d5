"""Escalations: opening one, telling the people of a step, and reading one whole.

Opening and telling work on many at once: at ten o'clock a whole county's thirty minutes run out together.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.domain.access import Actor
from apbot.domain.codes import suggest
from apbot.domain.escalation import Kind, Outcome, Policy, State
from apbot.domain.marks import Session
from apbot.domain.priority import Priority
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date
from apbot.store.audit import ACKNOWLEDGED, BY_LINK, note_all
from apbot.store.database import Transaction
from apbot.store.nobody import NOT_REACHED, RING_THEM, Unheard, tell_of_unheard
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.people import load_holders, load_teams, there_on
from apbot.store.prepared import Prepared
from apbot.store.registers import Entry, RegisterHead, load_entries_by_id
from apbot.store.tables import audit, entries, escalated, escalations, messages, people, providers, registers, schools

log = structlog.get_logger()

TOLD = ("escalation", "copy", NOT_REACHED, RING_THEM)
"""The kinds of message that tell somebody of an escalation."""


@dataclass(frozen=True)
class Opening:
    """A reason to open an escalation: these entries of one register and one school."""

    register_id: int
    school_id: int
    entry_ids: tuple[int, ...]
    kind: Kind
    due_at: datetime


@dataclass(frozen=True)
class Pupil:
    """One pupil of an escalation, with the welfare outcome once there is one."""

    id: int
    entry: Entry
    outcome: Outcome | None
    words: str
    outcome_by: str
    outcome_at: datetime | None

    @property
    def is_settled(self) -> bool:
        """The pupil is known to be safe, by a named person."""
        return self.outcome is not None and self.outcome.settles


@dataclass(frozen=True)
class Escalation:
    """An escalation, whole."""

    id: int
    kind: Kind
    state: State
    school_id: int
    school: str
    school_telephone: str
    register: RegisterHead
    steps: Mapping[str, Any] | None
    round: int
    step: int
    due_at: datetime
    opened_at: datetime
    next_at: datetime | None
    acknowledged_by_id: int | None
    acknowledged_by: str
    acknowledged_at: datetime | None
    acknowledged_by_link: bool
    """On the page behind a letter or a text, where whoever did it has seen so."""
    closed_at: datetime | None
    provider_was_asked: bool
    pupils: tuple[Pupil, ...]

    @property
    def policy(self) -> Policy:
        """Its steps, as they were when it was opened. Few messages show them: they are read when they are wanted."""
        return Policy.from_json(self.steps)

    @property
    def unsettled(self) -> tuple[Pupil, ...]:
        """The pupils not yet known to be safe."""
        return tuple(pupil for pupil in self.pupils if not pupil.is_settled)


def open_escalations(transaction: Transaction, actor: Actor, wanted: Sequence[Opening]) -> list[int]:
    """Open these, tell the people of the first step, and note it; the ids, in order.

    The entries are no longer waiting for their alert; what nobody has spoken of is suggested as N.
    """
    if not wanted:
        return []
    steps = {row.id: row.steps for row in transaction.rows(_STEPS, ids=list({each.school_id for each in wanted}))}
    policies = {school_id: Policy.from_json(each) for school_id, each in steps.items()}
    ids = transaction.insert_each(
        escalations,
        [
            {
                "register_id": each.register_id,
                "school_id": each.school_id,
                "kind": each.kind.value,
                "due_at": each.due_at,
                "opened_at": transaction.now,
                "steps": policies[each.school_id].to_json(),
                "state": State.OPEN.value,
                "next_at": transaction.now + policies[each.school_id].wait_after(0),
            }
            for each in wanted
        ],
    )
    transaction.change(
        _INCLUDE,
        *(
            {"escalation_id": escalation_id, "entry_id": entry_id}
            for escalation_id, each in zip(ids, wanted, strict=True)
            for entry_id in each.entry_ids
        ),
    )
    found = load_entries_by_id(transaction, [entry_id for each in wanted for entry_id in each.entry_ids])
    spoken_of = [{"b_id": entry.id} for entry in found.values() if entry.said is not None]
    transaction.change(NO_LONGER_WAITS, *spoken_of)
    transaction.change(_SUGGEST_FOR_SILENCE, *(_suggested(entry) for entry in found.values() if entry.said is None))
    note_all(
        transaction,
        actor,
        "escalation opened",
        [
            (f"escalation:{escalation_id}", {"kind": each.kind.value, "entries": list(each.entry_ids)})
            for escalation_id, each in zip(ids, wanted, strict=True)
        ],
    )
    tell(
        transaction,
        actor,
        [
            Telling(
                escalation_id=escalation_id,
                school_id=each.school_id,
                roles=policies[each.school_id].roles_at(0),
                round=0,
                step=0,
                due_at=each.due_at,
                copies_to=frozenset(
                    key_worker
                    for entry_id in each.entry_ids
                    if (key_worker := found[entry_id].key_worker_id) is not None
                ),
                is_first=True,
            )
            for escalation_id, each in zip(ids, wanted, strict=True)
        ],
    )
    return ids


_STEPS = Prepared(sa.select(schools.c.id, schools.c.steps).where(schools.c.id.in_(sa.bindparam("ids", expanding=True))))
_INCLUDE = Prepared(sa.insert(escalated))
NO_LONGER_WAITS = Prepared(sa.update(entries).where(entries.c.id == sa.bindparam("b_id")).values(alert_at=None))
"""Of an entry: its alert has been decided upon."""


_SUGGEST_FOR_SILENCE = Prepared(
    sa.update(entries)
    .where(entries.c.id == sa.bindparam("b_id"))
    .values(alert_at=None, suggested_code=sa.bindparam("code"), suggested_why=sa.bindparam("why"))
)


def _suggested(entry: Entry) -> dict[str, object]:
    suggestion = suggest(None, None, entry.arrangement)
    return {"b_id": entry.id, "code": suggestion.code, "why": suggestion.why}


def policies_of(transaction: Transaction, ids: Iterable[int]) -> dict[int, Policy]:
    """The steps by which each of these escalations goes, by its id."""
    rows = transaction.rows(sa.select(escalations.c.id, escalations.c.steps).where(escalations.c.id.in_(list(ids))))
    return {row.id: Policy.from_json(row.steps) for row in rows}


@dataclass(frozen=True)
class Telling:
    """One step of one escalation: the roles to tell, and the key workers who get a copy, or who stands in for them."""

    escalation_id: int
    school_id: int
    roles: tuple[Role, ...]
    round: int
    step: int
    due_at: datetime
    copies_to: frozenset[int] = frozenset()
    people: tuple[int, ...] = ()
    """People to tell besides the roles: who acknowledged, when a reminder goes out."""
    is_first: bool = False
    """It has just been opened: nobody has been told before."""


def tell(transaction: Transaction, actor: Actor, tellings: Sequence[Telling]) -> None:
    """Owe each person of these steps one message.

    Where none of those it is meant for can be reached the admins are told; where nobody at all can, it goes to whoever
    is away, the provider is asked to ring the school, and it is noted and logged as an error.
    """
    today = local_date(transaction.now)
    teams = load_teams(transaction, {each.school_id for each in tellings}, today)
    key_workers = load_holders(transaction, (person for each in tellings for person in each.copies_to), today)
    copied = {person: holder.informed for person, holder in key_workers.items()}
    others = there_on(transaction, (*copied.values(), *(person for each in tellings for person in each.people)), today)
    before = _told_before(transaction, [each.escalation_id for each in tellings if not each.is_first])
    owed, unheard = [], []
    for each in tellings:
        team = teams[each.school_id]
        told = team.choose(each.roles)
        people = dict.fromkeys((*told.person_ids, *(person for person in each.people if person in others)))
        if not people or (len(told.stood_in_for) == len(each.roles) and not each.people):
            admins = team.reached(Role.ADMIN)
            unheard.append(Unheard(each.escalation_id, each.round, each.step, each.due_at, admins, bool(people)))
        # Where nobody is there to be told, somebody who is away may yet see it.
        people = people or dict.fromkeys(team.away())
        subject = Subject("escalation", each.escalation_id, each.step, each.round)
        owed += [
            Owed(
                subject,
                Priority.ESCALATION,
                each.due_at,
                person,
                # Who was told on one channel and has not acknowledged may not be looking there.
                attempt=before[each.escalation_id, person],
            )
            for person in people
        ]
        copy = Subject("copy", each.escalation_id)
        owed += [
            Owed(copy, Priority.ESCALATION, each.due_at, person)
            for person in sorted(({copied[person] for person in each.copies_to} & others) - people.keys())
        ]
    owe(transaction, owed)
    if unheard:
        tell_of_unheard(transaction, unheard)
    if nobody := [each for each in unheard if not each.by_anybody]:
        subjects = [(f"escalation:{each.escalation_id}", {"step": each.step}) for each in nobody]
        log.error("nobody can be reached", escalations=[subject for subject, _ in subjects])
        note_all(transaction, actor, "nobody can be reached", subjects)


def _told_before(transaction: Transaction, escalation_ids: Sequence[int]) -> Counter[tuple[int, int]]:
    """How many alerts about each escalation each person has been owed so far."""
    if not escalation_ids:
        return Counter()
    return Counter((row.subject_id, row.person_id) for row in transaction.rows(_TOLD_BEFORE, ids=escalation_ids))


_TOLD_BEFORE = Prepared(
    sa.select(messages.c.subject_id, messages.c.person_id).where(
        messages.c.kind == "escalation",
        messages.c.subject_id.in_(sa.bindparam("ids", expanding=True)),
        messages.c.person_id.is_not(None),
    )
)


def tell_who_answers_now(transaction: Transaction, actor: Actor, escalation_id: int) -> None:
    """Tell the roles of the step once more: somebody who was told can't be reached after all. Nobody is told twice."""
    row = transaction.row(sa.select(escalations).where(escalations.c.id == escalation_id))
    if row is None or State(row.state) is not State.OPEN:
        return
    roles = Policy.from_json(row.steps).roles_at(row.step)
    tell(transaction, actor, [Telling(row.id, row.school_id, roles, row.round, row.step, row.due_at)])


_acknowledgers = people.alias("acknowledgers")
_asked = (
    sa.exists()
    .where(messages.c.kind == "register", messages.c.subject_id == registers.c.id, messages.c.sent_at.is_not(None))
    .label("asked")
)
_by_link = (
    sa.exists()
    .where(
        audit.c.subject == sa.literal("escalation:") + sa.cast(escalations.c.id, sa.String),
        audit.c.what == ACKNOWLEDGED,
        audit.c.via == BY_LINK,
    )
    .label("by_link")
)
_ESCALATION = (
    sa.select(
        escalations,
        schools.c.name.label("school"),
        schools.c.telephone.label("school_telephone"),
        providers.c.name.label("provider"),
        providers.c.telephone,
        registers.c.provider_id,
        registers.c.day,
        registers.c.session,
        registers.c.starts_at,
        registers.c.ends_at,
        _acknowledgers.c.name.label("acknowledged_by"),
        _asked,
        _by_link,
    )
    .select_from(escalations)
    .join(schools, schools.c.id == escalations.c.school_id)
    .join(registers, registers.c.id == escalations.c.register_id)
    .join(providers, providers.c.id == registers.c.provider_id)
    .outerjoin(_acknowledgers, _acknowledgers.c.id == escalations.c.acknowledged_by_id)
    .order_by(escalations.c.id)
)
_BY_ID = Prepared(_ESCALATION.where(escalations.c.id.in_(sa.bindparam("ids", expanding=True))))
_MEMBERS = Prepared(
    sa.select(escalated, people.c.name.label("outcome_by"))
    .outerjoin_from(escalated, people, people.c.id == escalated.c.outcome_by_id)
    .where(escalated.c.escalation_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(escalated.c.id)
)


def load_escalations(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Escalation]:
    """The escalations that meet the conditions, with their pupils, the oldest first."""
    return _whole(transaction, transaction.rows(_ESCALATION.where(*conditions)))


def load_escalations_by_id(transaction: Transaction, ids: Iterable[int]) -> dict[int, Escalation]:
    """These escalations, by id."""
    return {each.id: each for each in _whole(transaction, transaction.rows(_BY_ID, ids=list(ids)))}


def _whole(transaction: Transaction, rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[Escalation]:
    if not rows:
        return []
    members = transaction.rows(_MEMBERS, ids=[row.id for row in rows])
    found = load_entries_by_id(transaction, {member.entry_id for member in members})
    pupils: dict[int, list[Pupil]] = defaultdict(list)
    for member in members:
        pupils[member.escalation_id].append(
            Pupil(
                id=member.id,
                entry=found[member.entry_id],
                outcome=Outcome(member.outcome) if member.outcome else None,
                words=member.outcome_words,
                outcome_by=member.outcome_by or "",
                outcome_at=member.outcome_at,
            )
        )
    return [
        Escalation(
            id=row.id,
            kind=Kind(row.kind),
            state=State(row.state),
            school_id=row.school_id,
            school=row.school,
            school_telephone=row.school_telephone,
            register=RegisterHead(
                id=row.register_id,
                provider_id=row.provider_id,
                provider=row.provider,
                provider_telephone=row.telephone,
                day=row.day,
                session=Session(row.session),
                starts_at=row.starts_at,
                ends_at=row.ends_at,
            ),
            steps=row.steps,
            round=row.round,
            step=row.step,
            due_at=row.due_at,
            opened_at=row.opened_at,
            next_at=row.next_at,
            acknowledged_by_id=row.acknowledged_by_id,
            acknowledged_by=row.acknowledged_by or "",
            acknowledged_at=row.acknowledged_at,
            acknowledged_by_link=row.by_link,
            closed_at=row.closed_at,
            provider_was_asked=row.asked,
            pupils=tuple(sorted(pupils[row.id], key=lambda pupil: pupil.entry.reference)),
        )
        for row in rows
    ]
