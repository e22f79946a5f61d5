"""Writing down what becomes of a duty: done, booked, handed over, not due; and what was done without one."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.model import DutyKind, State
from apbot.domain.duties.speaking import Standing
from apbot.domain.walltime import local_date
from apbot.store.audit import note
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.mentioned import refresh_mentions
from apbot.store.duties.planning import told
from apbot.store.duties.reading import Duty
from apbot.store.tables import duties, duty_records, plannings


def record(
    transaction: Transaction,
    actor: Actor,
    kind: DutyKind,
    *,
    school_id: int,
    happened_on: date,
    given: Mapping[str, str],
    placement_id: int | None = None,
    provider_id: int | None = None,
    duty_id: int | None = None,
    next_on: date | None = None,
) -> int:
    """Write down that something was done, and settle the open duty that it answers; the record's id.

    Without a duty named, it answers the one of its kind that is due first. What is agreed for the next one is booked.
    """
    still = _open_ones(transaction, kind, placement_id, provider_id, happened_on)
    answers = duty_id if duty_id is not None else next(iter(still), None)
    record_id = transaction.insert(
        duty_records,
        kind=kind.name,
        school_id=school_id,
        placement_id=placement_id,
        provider_id=provider_id,
        duty_id=answers,
        happened_on=happened_on,
        next_on=next_on,
        given=dict(given),
        made_by_id=actor.person_id,
        made_as=actor.acts_as(provider_id, school_id),
        made_at=transaction.now,
        amends_id=None,
    )
    note(transaction, actor, f"{kind.name} recorded"[:60], f"record:{record_id}", placement=placement_id, duty=answers)
    settled = dict.fromkeys([*([] if answers is None else [answers]), *(still if kind.catches_up else [])])
    for each in settled:
        _close(transaction, actor, each, State.DONE)
    # The next one is planned anew: what has just been done may open it, or book it.
    today = local_date(transaction.now)
    transaction.execute(sa.update(plannings).where(plannings.c.day == today).values(next_at=transaction.now))
    return record_id


def _open_ones(
    transaction: Transaction, kind: DutyKind, placement_id: int | None, provider_id: int | None, happened_on: date
) -> list[int]:
    """The open duties of this kind that were open on that day, the first due first."""
    about = duties.c.placement_id == placement_id if placement_id is not None else duties.c.provider_id == provider_id
    rows = transaction.rows(
        sa.select(duties.c.id)
        .where(
            duties.c.kind == kind.name,
            duties.c.state == State.OPEN.value,
            duties.c.opens_on <= happened_on,
            about,
        )
        .order_by(duties.c.due_on, duties.c.id)
    )
    return [row.id for row in rows]


def waive(transaction: Transaction, actor: Actor, duty: Duty, why: str) -> None:
    """Write down that a duty is not due, and why."""
    _close(transaction, actor, duty.id, State.NOT_DUE, why)


def _close(transaction: Transaction, actor: Actor, duty_id: int, state: State, why: str = "") -> None:
    transaction.execute(
        sa.update(duties)
        .where(duties.c.id == duty_id, duties.c.state == State.OPEN.value)
        .values(state=state.value, why=why, next_at=None, closed_at=transaction.now, closed_by_id=actor.person_id)
    )
    note(transaction, actor, f"duty {state.value}", f"duty:{duty_id}", why=why)
    refresh_mentions(transaction, [duty_id])


def book(transaction: Transaction, actor: Actor, duty: Duty, on: date) -> None:
    """Book a duty for a day: its owner is reminded around that day."""
    standing = Standing(duty.opens_on, duty.due_on, duty.lapses_on, on)
    _change(transaction, duty, standing, booked_on=on)
    note(transaction, actor, "duty booked", f"duty:{duty.id}", on=on.isoformat())


def hand_over(transaction: Transaction, actor: Actor, duty: Duty, person_id: int) -> None:
    """Give a duty to somebody else, who is told of it in the morning."""
    _change(transaction, duty, duty.standing, handed_to_id=person_id)
    note(transaction, actor, "duty handed over", f"duty:{duty.id}", to=person_id)


def _change(transaction: Transaction, duty: Duty, standing: Standing, **values: object) -> None:
    calendar = load_calendars(transaction).school(duty.school_id)
    next_at = told(duty.kind, calendar, standing, local_date(transaction.now))
    transaction.execute(sa.update(duties).where(duties.c.id == duty.id).values(next_at=next_at, **values))
    refresh_mentions(transaction, [duty.id])


def open_duty(
    transaction: Transaction,
    actor: Actor,
    kind: DutyKind,
    *,
    key: str,
    school_id: int,
    opens_on: date,
    due_on: date,
    placement_id: int | None = None,
    provider_id: int | None = None,
    about: str = "",
) -> None:
    """Open a duty that something has made necessary, once for each `key`: its owner is told as soon as may be."""
    calendar = load_calendars(transaction).school(school_id)
    new = transaction.insert_new(
        duties,
        [
            {
                "kind": kind.name,
                "key": key,
                "school_id": school_id,
                "placement_id": placement_id,
                "provider_id": provider_id,
                "about": about,
                "opens_on": opens_on,
                "due_on": due_on,
                "next_at": told(kind, calendar, Standing(opens_on, due_on), opens_on) or transaction.now,
            }
        ],
    )
    if new:
        note(transaction, actor, "duty opened", key, kind=kind.name)
