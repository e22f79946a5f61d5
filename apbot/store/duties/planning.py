"""A day's duties, made to be as they should be: opened in their window, moved with it, and closed behind it.

Planning a day again, any number of times, changes only what the roster or a calendar has changed since.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from apbot.domain.calendar import Calendar
from apbot.domain.duties.model import DutyKind, State, Window
from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.speaking import TOLD_AT, Standing, next_mention
from apbot.domain.walltime import instant
from apbot.store.audit import SCHEDULE, note_all
from apbot.store.calendars import Calendars, load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.facts import load_placed, load_provided
from apbot.store.duties.mentioned import refresh_mentions
from apbot.store.duties.records import IN_FORCE
from apbot.store.tables import duties, duty_records

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """One duty that should be open."""

    key: str
    kind: DutyKind
    window: Window
    school_id: int
    placement_id: int | None = None
    provider_id: int | None = None


def plan_day(transaction: Transaction, day: date) -> None:
    """Make the duties of every school that has a school day on `day`."""
    calendars = load_calendars(transaction)
    school_ids = [school_id for school_id, calendar in calendars.schools.items() if calendar.is_school_day(day)]
    wanted = {each.key: each for each in wanted_on(transaction, day, calendars, school_ids)}
    existing = transaction.rows(
        sa.select(duties).where(duties.c.school_id.in_(school_ids), duties.c.state == State.OPEN.value)
    )
    there = {row.key: row for row in existing}
    booked = _booked(transaction, wanted.values())
    transaction.insert_new(
        duties,
        [
            {
                "kind": each.kind.name,
                "key": each.key,
                "school_id": each.school_id,
                "placement_id": each.placement_id,
                "provider_id": each.provider_id,
                "about": each.window.about[:120],
                "opens_on": each.window.opens_on,
                "due_on": each.window.due_on,
                "lapses_on": each.window.lapses_on,
                "booked_on": (booked_on := booked.get((each.placement_id, each.kind.name))),
                "next_at": told(
                    each.kind, calendars.school(each.school_id), _standing(each.window, booked_on), day - DAY
                ),
            }
            for each in wanted.values()
            if each.key not in there
        ],
    )
    _follow(transaction, day, calendars, [(there[key], wanted[key]) for key in there.keys() & wanted.keys()])
    _close(transaction, day, [row for row in existing if row.key not in wanted])


def told(kind: DutyKind, calendar: Calendar, standing: Standing, after: date) -> datetime | None:
    """The instant at which the duty is next spoken of after the day `after`; None for never again."""
    day = next_mention(kind, calendar, standing, after)
    return None if day is None else instant(day, TOLD_AT)


def _standing(window: Window, booked_on: date | None) -> Standing:
    return Standing(window.opens_on, window.due_on, window.lapses_on, booked_on)


def wanted_on(
    transaction: Transaction, day: date, calendars: Calendars, school_ids: Collection[int]
) -> Iterator[Wanted]:
    """The duties of these schools that should be open on `day`, whatever has become of them."""
    for placed in load_placed(transaction, day, calendars, school_ids):
        for kind in KINDS.values():
            for window in kind.of_placement(placed, day) if kind.of_placement else ():
                if _is_open(window, day, placed.added_on):
                    key = f"{kind.name}:placement:{placed.id}:{window.period}"
                    yield Wanted(key, kind, window, placed.school_id, placement_id=placed.id)
    for provided in load_provided(transaction, day, calendars, school_ids):
        for kind in KINDS.values():
            for window in kind.of_provider(provided, day) if kind.of_provider else ():
                if _is_open(window, day, provided.added_on):
                    key = f"{kind.name}:{provided.school_id}:provider:{provided.id}:{window.about}"[:60]
                    yield Wanted(f"{key}:{window.period}", kind, window, provided.school_id, provider_id=provided.id)


def _is_open(window: Window, day: date, added_on: date | None) -> bool:
    """Whether the window is open on `day`, and was not over before apbot knew of what it is about."""
    was_known = added_on is None or window.lapses_on is None or window.due_on >= added_on
    return window.opens_on <= day and (window.lapses_on is None or day <= window.lapses_on) and was_known


def _booked(transaction: Transaction, wanted: Iterable[Wanted]) -> dict[tuple[int | None, str], date]:
    """For which day the next one was agreed when the last was done, by placement and kind."""
    ids = {each.placement_id for each in wanted if each.placement_id is not None}
    rows = transaction.rows(
        sa.select(duty_records.c.placement_id, duty_records.c.kind, duty_records.c.next_on)
        .where(duty_records.c.placement_id.in_(ids), duty_records.c.next_on.is_not(None), IN_FORCE)
        .order_by(duty_records.c.happened_on, duty_records.c.id)
    )
    latest = {(row.placement_id, row.kind): row.next_on for row in rows}
    return {
        (each.placement_id, each.kind.name): on
        for each in wanted
        if (on := latest.get((each.placement_id, each.kind.name))) is not None and on >= each.window.opens_on
    }


def _follow(
    transaction: Transaction,
    day: date,
    calendars: Calendars,
    pairs: Iterable[tuple[sa.Row[tuple[object, ...]], Wanted]],
) -> None:
    """Move open duties with their windows: a closure has made the week shorter, a placement ends earlier."""
    moved = []
    for row, each in pairs:
        window = each.window
        if (row.opens_on, row.due_on, row.lapses_on) == (window.opens_on, window.due_on, window.lapses_on):
            continue
        standing = _standing(window, row.booked_on)
        next_at = told(each.kind, calendars.school(each.school_id), standing, day - DAY)
        if row.next_at is not None and next_at is not None and row.mentions and next_at < row.next_at:
            next_at = row.next_at  # today's list has been sent
        moved.append((row.id, window, next_at))
    for duty_id, window, next_at in moved:
        transaction.execute(
            sa.update(duties)
            .where(duties.c.id == duty_id)
            .values(opens_on=window.opens_on, due_on=window.due_on, lapses_on=window.lapses_on, next_at=next_at)
        )
    refresh_mentions(transaction, [duty_id for duty_id, _, _ in moved])


def _close(transaction: Transaction, day: date, rows: Iterable[sa.Row[tuple[object, ...]]]) -> None:
    """Close open duties whose window is over, or is not there any more."""
    closed: dict[State, list[int]] = {}
    for row in rows:
        kind = KINDS[row.kind]
        if row.lapses_on is not None and row.lapses_on < day:
            closed.setdefault(State.MISSED, []).append(row.id)
        elif kind.of_placement is not None or kind.of_provider is not None:
            closed.setdefault(kind.vanishing, []).append(row.id)
    for state, ids in closed.items():
        transaction.execute(
            sa.update(duties)
            .where(duties.c.id.in_(ids))
            .values(state=state.value, next_at=None, closed_at=transaction.now)
        )
        note_all(transaction, SCHEDULE, f"duty {state.value}", [(f"duty:{duty_id}", {}) for duty_id in ids])
        refresh_mentions(transaction, ids)
