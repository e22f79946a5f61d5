"""Writing down what becomes of a duty: done, booked, handed over, not due; and what was done without one."""

from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.model import DutyKind, State
from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.schooldays import DAY, next_school_day
from apbot.domain.duties.speaking import TOLD_AT, Standing, can_wait, may_speak
from apbot.domain.priority import Priority
from apbot.domain.walltime import instant, local_date
from apbot.store.audit import note
from apbot.store.calendars import load_school_calendar
from apbot.store.database import Transaction
from apbot.store.duties.mentioned import AT_ONCE, refresh_mentions
from apbot.store.duties.owners import Owners
from apbot.store.duties.planning import told
from apbot.store.duties.reading import Duty, load_duties
from apbot.store.duties.records import Record
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant, duties, duty_records, placements


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

    Without a duty named, it answers the one of its kind that is due first; so it does where the one that was named
    opened only after it was done, and comes again. What also settles earlier ones is that of the week in which it was
    done, whichever was named: it was done once. What is agreed for the next one is booked.
    """
    still = _open_ones(transaction, kind, placement_id, provider_id, happened_on)
    answers = duty_id
    if kind.catches_up:
        answers = still[-1] if still else None
    elif duty_id is None or (kind.comes_again and duty_id not in still):
        answers = next(iter(still), None)
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
        made_as=_acts_as(transaction, actor, placement_id, provider_id, school_id),
        made_at=transaction.now,
        amends_id=None,
    )
    note(transaction, actor, f"{kind.name} recorded"[:60], f"record:{record_id}", placement=placement_id, duty=answers)
    settled = dict.fromkeys([*([] if answers is None else [answers]), *(still if kind.catches_up else [])])
    for each in settled:
        close(transaction, actor, each, State.DONE)
    if next_on is not None:
        _book_next(transaction, actor, kind, placement_id, next_on)
    return record_id


def _book_next(transaction: Transaction, actor: Actor, kind: DutyKind, placement_id: int | None, next_on: date) -> None:
    """Book the next one, where it is open already. Another is booked when it opens."""
    next_one = (
        duties.c.placement_id == placement_id,
        duties.c.kind == kind.books,
        duties.c.state == State.OPEN.value,
        duties.c.opens_on <= next_on,
        duties.c.due_on >= next_on,
    )
    for duty in load_duties(transaction, *next_one):
        book(transaction, actor, duty, next_on)


def amend(
    transaction: Transaction,
    actor: Actor,
    before: Record,
    *,
    happened_on: date,
    given: Mapping[str, str],
    next_on: date | None,
) -> int:
    """Write down what an entry should have said. That entry is kept; the new one's id."""
    record_id = transaction.insert(
        duty_records,
        kind=before.kind,
        school_id=before.school_id,
        placement_id=before.placement_id,
        provider_id=before.provider_id,
        duty_id=before.duty_id,
        happened_on=happened_on,
        next_on=next_on,
        given=dict(given),
        made_by_id=actor.person_id,
        made_as=_acts_as(transaction, actor, before.placement_id, before.provider_id, before.school_id),
        made_at=transaction.now,
        amends_id=before.id,
    )
    note(transaction, actor, f"{before.kind} amended"[:60], f"record:{record_id}", amends=before.id)
    if next_on is not None and before.next_on not in (None, next_on):
        booked = (
            duties.c.placement_id == before.placement_id,
            duties.c.kind == KINDS[before.kind].books,
            duties.c.state == State.OPEN.value,
            duties.c.booked_on == before.next_on,
        )
        for duty in load_duties(transaction, *booked):
            book(transaction, actor, duty, next_on)
    return record_id


def _acts_as(
    transaction: Transaction, actor: Actor, placement_id: int | None, provider_id: int | None, school_id: int
) -> str:
    """The role to write beside it; a provider's own staff may have done what is about a placement there."""
    if placement_id is not None:
        provider_id = transaction.value(sa.select(placements.c.provider_id).where(placements.c.id == placement_id))
    return actor.acts_as(provider_id, school_id)


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
    close(transaction, actor, duty.id, State.NOT_DUE, why)


def close(transaction: Transaction, actor: Actor, duty_id: int, state: State, why: str = "") -> None:
    """Write down what has become of a duty that is open."""
    became = {"became": state.value, "because": why, "at": transaction.now, "by": actor.person_id}
    transaction.change(_CLOSE, {"duty_id": duty_id, **became})
    note(transaction, actor, f"duty {state.value}", f"duty:{duty_id}", why=why)
    refresh_mentions(transaction, [duty_id])


_CLOSE = Prepared(
    sa.update(duties)
    .where(duties.c.id == sa.bindparam("duty_id"), duties.c.state == State.OPEN.value)
    .values(
        state=sa.bindparam("became"),
        why=sa.bindparam("because"),
        next_at=None,
        closed_at=sa.bindparam("at", type_=Instant),
        closed_by_id=sa.bindparam("by"),
    )
)


def book(transaction: Transaction, actor: Actor, duty: Duty, on: date) -> None:
    """Book a duty for a day: its owner is reminded around that day."""
    calendar = load_school_calendar(transaction, duty.school_id)
    standing = Standing(duty.opens_on, duty.due_on, duty.lapses_on, on)
    next_at = told(duty.kind, calendar, standing, local_date(transaction.now))
    _change(transaction, duty, next_at=next_at, booked_on=on)
    note(transaction, actor, "duty booked", f"duty:{duty.id}", on=on.isoformat())


def hand_over(transaction: Transaction, actor: Actor, duty: Duty, person_id: int) -> bool:
    """Give a duty to somebody else; whether they are told of it today, because it can't wait for the next school day's
    list.
    """
    calendar, today = load_school_calendar(transaction, duty.school_id), local_date(transaction.now)
    is_today = may_speak(calendar, transaction.now) and not can_wait(duty.kind, calendar, duty.standing, today)
    day = today if is_today else next_school_day(calendar, today + DAY)
    next_at = None if day is None else max(transaction.now, instant(day, TOLD_AT))
    _change(transaction, duty, next_at=next_at, handed_to_id=person_id)
    note(transaction, actor, "duty handed over", f"duty:{duty.id}", to=person_id)
    return is_today


def _change(transaction: Transaction, duty: Duty, **values: object) -> None:
    transaction.execute(sa.update(duties).where(duties.c.id == duty.id).values(**values))
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
    """Open a duty that something has made necessary, once for each `key`.

    Its owner is told in the morning; of an urgent one at once, with whoever leads on it, unless it is night.
    """
    calendar = load_school_calendar(transaction, school_id)
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
    if not new:
        return
    note(transaction, actor, "duty opened", key, kind=kind.name)
    if kind.is_urgent and may_speak(calendar, transaction.now):
        _tell_at_once(transaction, load_duties(transaction, duties.c.key == key))


def _tell_at_once(transaction: Transaction, found: Sequence[Duty]) -> None:
    owners = Owners(transaction, found, local_date(transaction.now))
    for duty in found:
        told = owners.of(duty)
        subject = Subject(AT_ONCE, duty.id)
        people = dict.fromkeys((*told.owners, *told.leads))
        owe(transaction, [Owed(subject, Priority.REMINDER, transaction.now, person) for person in people])
