"""What stands in one person's calendar: visits and reviews, and the ends of placements, by reference alone."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.emergency_review import KIND as EMERGENCY_REVIEW
from apbot.domain.duties.model import State
from apbot.domain.duties.provider_papers import QUALITY_VISIT_KIND
from apbot.domain.duties.review import KIND as REVIEW
from apbot.domain.duties.visit import KIND as VISIT
from apbot.domain.walltime import local_date, spoken_date
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty, load_duties
from apbot.store.lasting import not_over
from apbot.store.pupilsessions import in_sight
from apbot.store.tables import duties, placements, providers, pupils

MEETINGS = (VISIT, REVIEW, EMERGENCY_REVIEW, QUALITY_VISIT_KIND)
"""The kinds of duty that have a day to be put into a calendar."""

KEPT = timedelta(days=30)
"""What ended longer ago than this is not shown any more."""

MOST = 2_000
"""So many events at most, the next ones first: what a calendar program takes."""


@dataclass(frozen=True)
class Event:
    """One day in the calendar. `uid` stays the same when the day moves; `reference` is "" for a provider's own."""

    uid: str
    on: date
    summary: str
    words: str
    reference: str


def load_events(transaction: Transaction, actor: Actor) -> list[Event]:
    """What `actor` may see of the placements in sight, by day."""
    today = local_date(transaction.now)
    meetings = _meetings(transaction, actor)
    due = {(each.placement_id, each.due_on) for each in meetings}
    found = [*map(_meeting, meetings), *_ends(transaction, actor, today, due)]
    kept = sorted((each for each in found if each.on >= today - KEPT), key=lambda each: (each.on, each.uid))
    return kept[:MOST]


def _meetings(transaction: Transaction, actor: Actor) -> list[Duty]:
    sight = in_sight(actor, duties.c.school_id, placements.c.provider_id, placements.c.key_worker_id)
    return load_duties(
        transaction,
        duties.c.kind.in_([kind.name for kind in MEETINGS]),
        duties.c.state == State.OPEN.value,
        sa.or_(sight, duties.c.handed_to_id == (actor.person_id or 0)),
    )


def _meeting(duty: Duty) -> Event:
    """On the day for which it is booked, else on the day on which it is due."""
    small = f"{duty.kind.label[:1].lower()}{duty.kind.label[1:]}"
    due = spoken_date(duty.due_on)
    return Event(
        uid=f"duty-{duty.id}",
        on=duty.booked_on or duty.due_on,
        summary=f"{duty.reference or duty.provider}: {small}{'' if duty.booked_on else ' due'}",
        words=f"At {duty.provider}. "
        + (f"Booked; due by {due}." if duty.booked_on else "Not booked yet: this is the last day for it."),
        reference=duty.reference,
    )


def _ends(
    transaction: Transaction, actor: Actor, today: date, due: Container[tuple[int | None, date]]
) -> Iterator[Event]:
    """The last day of each placement, its target, and the reviews planned at its start that are not `due` yet.

    A placement that is over is the school's alone to see.
    """
    sight = in_sight(actor, pupils.c.school_id, placements.c.provider_id, placements.c.key_worker_id)
    for row in transaction.rows(
        sa.select(placements, pupils.c.ref.label("reference"), pupils.c.school_id, providers.c.name.label("provider"))
        .select_from(placements)
        .join(pupils, pupils.c.id == placements.c.pupil_id)
        .join(providers, providers.c.id == placements.c.provider_id)
        .where(sight, not_over(placements, today - KEPT))
        .order_by(placements.c.id)
    ):
        if row.ends_on is not None and row.ends_on < today and not actor.may_answer(row.school_id):
            continue
        at = f"At {row.provider}."
        if row.ends_on is not None:
            yield Event(f"end-{row.id}", row.ends_on, f"{row.reference}: placement ends", at, row.reference)
        elif row.target_end_on is not None:
            words = f"{at} The target end date: extend it, or end the placement."
            yield Event(f"target-{row.id}", row.target_end_on, f"{row.reference}: target end", words, row.reference)
        for on in map(date.fromisoformat, row.review_dates or ()):
            if on >= today and (row.id, on) not in due and (row.ends_on is None or on <= row.ends_on):
                uid = f"review-{row.id}-{on:%Y%m%d}"
                yield Event(uid, on, f"{row.reference}: review planned", at, row.reference)
