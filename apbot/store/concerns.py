"""Safeguarding concerns: that a call was asked for, by whom, and who answered. Never what it is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from apbot.domain.access import Actor
from apbot.domain.concern import LATER, REPEAT_EVERY, roles_at
from apbot.domain.priority import Priority
from apbot.domain.recipients import choose
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.people import SchoolTeam, load_teams
from apbot.store.tables import concerns, people, placements, providers, pupils, schools
from apbot.store.until_taken import UntilTaken

log = structlog.get_logger()

ASKED = "concern"
ANSWERED = "concern answered"
"""The kinds of message: to those who are asked to telephone, and to whoever raised it."""

CALLS = UntilTaken(concerns, REPEAT_EVERY)


@dataclass(frozen=True)
class Concern:
    """One request for a call."""

    id: int
    school_id: int
    school: str
    school_telephone: str
    provider: str
    """"" where the school's own people raised it."""
    provider_telephone: str
    raised_by_id: int
    raised_by: str
    raised_by_mobile: str
    raised_at: datetime
    step: int
    acknowledged_by_id: int | None
    acknowledged_by: str
    acknowledged_at: datetime | None


def load_concerns(transaction: Transaction, ids: Iterable[int]) -> dict[int, Concern]:
    """These concerns, by id."""
    return {each.id: each for each in _load(transaction, concerns.c.id.in_(set(ids)))}


def unanswered(transaction: Transaction, school_id: int, person_id: int) -> Concern | None:
    """The concern that this person has raised with this school and that nobody has answered yet."""
    found = _load(
        transaction,
        concerns.c.school_id == school_id,
        concerns.c.raised_by_id == person_id,
        concerns.c.acknowledged_at.is_(None),
    )
    return found[0] if found else None


def _load(transaction: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Concern]:
    raiser, answerer = people.alias("raiser"), people.alias("answerer")
    return [
        Concern(
            id=row.id,
            school_id=row.school_id,
            school=row.school,
            school_telephone=row.school_telephone,
            provider=row.provider or "",
            provider_telephone=row.provider_telephone or "",
            raised_by_id=row.raised_by_id,
            raised_by=row.raised_by,
            raised_by_mobile=row.mobile,
            raised_at=row.raised_at,
            step=row.step,
            acknowledged_by_id=row.acknowledged_by_id,
            acknowledged_by=row.acknowledged_by or "",
            acknowledged_at=row.acknowledged_at,
        )
        for row in transaction.rows(
            sa.select(
                concerns,
                schools.c.name.label("school"),
                schools.c.telephone.label("school_telephone"),
                providers.c.name.label("provider"),
                providers.c.telephone.label("provider_telephone"),
                raiser.c.name.label("raised_by"),
                raiser.c.mobile,
                answerer.c.name.label("acknowledged_by"),
            )
            .select_from(concerns)
            .join(schools)
            .join(raiser, raiser.c.id == concerns.c.raised_by_id)
            .outerjoin(providers, providers.c.id == concerns.c.provider_id)
            .outerjoin(answerer, answerer.c.id == concerns.c.acknowledged_by_id)
            .where(*conditions)
            .order_by(concerns.c.id)
        )
    ]


def schools_to_ask(transaction: Transaction, actor: Actor) -> frozenset[int]:
    """The schools whose DSL `actor` may ask to telephone: their own, and those with a pupil at their provider.

    Placements that are over count too: what comes to light about a pupil who has left is still a concern.
    """
    if actor.is_admin_of_all:
        return frozenset(row.id for row in transaction.rows(sa.select(schools.c.id)))
    own = {each.school_id for each in actor.roles if each.school_id is not None}
    placed = transaction.rows(
        sa.select(pupils.c.school_id)
        .join_from(placements, pupils)
        .where(placements.c.provider_id.in_(actor.providers()))
        .distinct()
    )
    return frozenset(own | {row.school_id for row in placed})


def open_concern(transaction: Transaction, actor: Actor, school_id: int, provider_id: int | None) -> Concern:
    """Open a concern, or give the one that this person has open with this school already."""
    assert actor.person_id is not None  # noqa: S101  (it is raised in chat, by a person)
    transaction.insert_new(
        concerns,
        [
            {
                "school_id": school_id,
                "provider_id": provider_id,
                "raised_by_id": actor.person_id,
                "raised_at": transaction.now,
                "next_at": transaction.now + REPEAT_EVERY,
            }
        ],
    )
    found = unanswered(transaction, school_id, actor.person_id)
    assert found is not None  # noqa: S101  (it was there, or has just been inserted)
    if found.raised_at == transaction.now:
        note(transaction, actor, "concern raised", f"concern:{found.id}", school=school_id)
    return found


def ask(transaction: Transaction, actor: Actor, asked: Sequence[Concern], due_at: datetime) -> list[int]:
    """Owe a message about each concern to the people of its step; the ids of those for which there is nobody."""
    teams = load_teams(transaction, {each.school_id for each in asked}, local_date(transaction.now))
    nobody = []
    for each in asked:
        told = _people(teams[each.school_id], each)
        subject = Subject(ASKED, each.id, each.step)
        owe(transaction, [Owed(subject, Priority.CONCERN, due_at, person) for person in told])
        note(transaction, actor, "concern sent", f"concern:{each.id}", step=each.step, people=list(told))
        if not told:
            nobody.append(each.id)
    if nobody:
        log.error("nobody can be reached", concerns=nobody)
    return nobody


def _people(team: SchoolTeam, concern: Concern) -> tuple[int, ...]:
    """Who is asked at the concern's step. Whoever raised it can't answer it: the next in line is asked instead."""
    others = {
        role: [holder for holder in held if holder.reached() != concern.raised_by_id]
        for role, held in team.holders.items()
    }
    roles: tuple[Role, ...] = roles_at(concern.step)
    return choose(others, roles).person_ids or choose(others, LATER).person_ids


def ask_again(transaction: Transaction, actor: Actor, concern_ids: Sequence[int], due_at: datetime) -> list[int]:
    """Take each of these, that nobody has answered, one step further; the ids of those for which there is nobody."""
    CALLS.take_further(transaction, concern_ids)
    again = [each for each in load_concerns(transaction, concern_ids).values() if each.acknowledged_at is None]
    return ask(transaction, actor, again, due_at) if again else []


def answer(transaction: Transaction, actor: Actor, concern: Concern) -> bool:
    """Write down that `actor` is telephoning, and tell everybody who was asked, and who asked. Whether it was open."""
    if not CALLS.take_on(transaction, actor, concern.id):
        return False
    note(transaction, actor, "concern acknowledged", f"concern:{concern.id}")
    refresh(transaction, [ASKED], [concern.id])
    if concern.raised_by_id != actor.person_id:
        owe(
            transaction,
            [Owed(Subject(ANSWERED, concern.id), Priority.CONCERN, transaction.now, concern.raised_by_id)],
        )
    return True
