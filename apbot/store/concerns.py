"""Safeguarding concerns: that a call was asked for, by whom, and who answered. Never what it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.concern import CALLING
from apbot.domain.priority import Priority
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.labels import label_in
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.tables import concerns, people, placements, providers, pupils, schools
from apbot.store.telling import Telling

ASKED = "concern"
ANSWERED = "concern answered"
UNHEARD = "concern unheard"
"""The kinds of message: to those who are asked to telephone, and to whoever raised it: that somebody telephones, and
that by now nobody can be asked."""


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
    reference: str
    """Under which the school's safeguarding system keeps what it is about; "" until somebody has said."""
    pupil: str
    """By reference, where whoever raised it named one; else ""."""


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
            reference=row.reference,
            pupil=label_in(row, row.pupil) if row.pupil else "",
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
                pupils.c.ref.label("pupil"),
                pupils.c.first_name,
                pupils.c.last_name,
                schools.c.initials_in_chat,
            )
            .select_from(concerns)
            .join(schools, schools.c.id == concerns.c.school_id)
            .join(raiser, raiser.c.id == concerns.c.raised_by_id)
            .outerjoin(providers, providers.c.id == concerns.c.provider_id)
            .outerjoin(answerer, answerer.c.id == concerns.c.acknowledged_by_id)
            .outerjoin(pupils, pupils.c.id == concerns.c.pupil_id)
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


def open_concern(
    transaction: Transaction, actor: Actor, school_id: int, provider_id: int | None, pupil_id: int | None = None
) -> Concern:
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
                "next_at": transaction.now + CALLING.repeat_every,
                "pupil_id": pupil_id,
            }
        ],
    )
    found = unanswered(transaction, school_id, actor.person_id)
    assert found is not None  # noqa: S101  (it was there, or has just been inserted)
    if found.raised_at == transaction.now:
        note(transaction, actor, "concern raised", f"concern:{found.id}", school=school_id, pupil=pupil_id)
    return found


CONCERNS = Telling(concerns, ASKED, CALLING, Priority.CONCERN, load_concerns, everywhere=True, unheard=UNHEARD)


def answer(transaction: Transaction, actor: Actor, concern: Concern) -> bool:
    """Write down that `actor` is telephoning, and tell everybody who was asked, and who asked. Whether it was open."""
    if not CONCERNS.take_on(transaction, actor, concern.id):
        return False
    if concern.raised_by_id != actor.person_id:
        owe(
            transaction,
            [Owed(Subject(ANSWERED, concern.id), Priority.CONCERN, transaction.now, concern.raised_by_id)],
        )
    return True


def name_pupil(transaction: Transaction, actor: Actor, concern: Concern, pupil_id: int) -> None:
    """Whoever raised it has said now which pupil it is about."""
    transaction.execute(sa.update(concerns).where(concerns.c.id == concern.id).values(pupil_id=pupil_id))
    note(transaction, actor, "concern about", f"concern:{concern.id}", pupil=pupil_id)
    refresh(transaction, [ASKED], [concern.id])


def names_at(transaction: Transaction, school_id: int) -> set[str]:
    """The first and last names of the school's pupils: none of them is a reference."""
    rows = transaction.rows(sa.select(pupils.c.first_name, pupils.c.last_name).where(pupils.c.school_id == school_id))
    return {word for row in rows for name in (row.first_name, row.last_name) for word in name.replace("-", " ").split()}


def keep_reference(transaction: Transaction, actor: Actor, concern: Concern, reference: str) -> None:
    """Keep under which reference the school's safeguarding system has it; the one before stays in the audit log."""
    transaction.execute(sa.update(concerns).where(concerns.c.id == concern.id).values(reference=reference))
    note(transaction, actor, "concern reference", f"concern:{concern.id}", before=concern.reference)
    refresh(transaction, [ASKED], [concern.id])
