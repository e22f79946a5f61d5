"""A day's duties, made to be as they should be: opened in their window, moved with it, and closed behind it.

Planning a day again, any number of times, changes only what the roster or a calendar has changed since.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

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
from apbot.store.prepared import Prepared
from apbot.store.tables import digests, duties, duty_records, mentions, placements

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
    school_ids = _at_school(calendars, day)
    _make(transaction, day, calendars, school_ids, wanted_on(transaction, day, calendars, school_ids))


def plan_provider(transaction: Transaction, day: date, provider_id: int) -> None:
    """Make what these schools owe about one provider anew, after something has become known of it."""
    calendars = load_calendars(transaction)
    school_ids = _at_school(calendars, day)
    wanted = _of_providers(transaction, day, calendars, school_ids, provider_id)
    _make(transaction, day, calendars, school_ids, wanted, provider_id)


def _at_school(calendars: Calendars, day: date) -> list[int]:
    return [school_id for school_id, calendar in calendars.schools.items() if calendar.is_school_day(day)]


def _make(
    transaction: Transaction,
    day: date,
    calendars: Calendars,
    school_ids: Collection[int],
    found: Iterable[Wanted],
    provider_id: int | None = None,
) -> None:
    """Make the open duties of these schools, or those of them about one provider, what they should be."""
    wanted = {each.key: each for each in found}
    existing = (
        transaction.rows(_STANDING, schools=list(school_ids))
        if provider_id is None
        else transaction.rows(_STANDING_OF_PROVIDER, schools=list(school_ids), provider=provider_id)
    )
    there = {row.key: row for row in existing}
    _open(transaction, day, calendars, [each for key, each in wanted.items() if key not in there])
    _close(transaction, day, [row for row in existing if row.key not in wanted])
    _follow(transaction, day, calendars, [(row, wanted.get(row.key)) for row in existing])


_OPEN = (
    sa.select(duties, placements.c.ends_on)
    .outerjoin_from(duties, placements, placements.c.id == duties.c.placement_id)
    .where(duties.c.school_id.in_(sa.bindparam("schools", expanding=True)), duties.c.state == State.OPEN.value)
)
_STANDING = Prepared(_OPEN)
_STANDING_OF_PROVIDER = Prepared(_OPEN.where(duties.c.provider_id == sa.bindparam("provider")))


def _open(transaction: Transaction, day: date, calendars: Calendars, new: Sequence[Wanted]) -> None:
    """Write down duties that are not there. One that was closed before is there, and stays closed."""
    booked = _booked(transaction, new)
    rows = []
    for each in new:
        booked_on = booked.get((each.placement_id, each.kind.name))
        standing = _standing(each.window, booked_on)
        rows.append(
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
                "booked_on": booked_on,
                "next_at": told(each.kind, calendars.school(each.school_id), standing, day - DAY),
            }
        )
    transaction.insert_new(duties, rows)


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
    yield from _of_providers(transaction, day, calendars, school_ids)


def _of_providers(
    transaction: Transaction,
    day: date,
    calendars: Calendars,
    school_ids: Collection[int],
    provider_id: int | None = None,
) -> Iterator[Wanted]:
    for provided in load_provided(transaction, day, calendars, school_ids, provider_id):
        for kind in KINDS.values():
            for window in kind.of_provider(provided, day) if kind.of_provider else ():
                if _is_open(window, day, provided.added_on):
                    key = f"{kind.name}:{provided.school_id}:provider:{provided.id}:{_short(window.about)}"
                    yield Wanted(f"{key}:{window.period}", kind, window, provided.school_id, provider_id=provided.id)


def _short(about: str) -> str:
    """What a duty is about, short enough for its key, and another for everything else that begins alike."""
    return about and sha256(about.encode()).hexdigest()[:16]


def _is_open(window: Window, day: date, added_on: date | None) -> bool:
    """Whether the window is open on `day`, and was not over before apbot knew of what it is about."""
    was_known = added_on is None or window.lapses_on is None or window.due_on >= added_on
    return window.opens_on <= day and (window.lapses_on is None or day <= window.lapses_on) and was_known


def _booked(transaction: Transaction, new: Sequence[Wanted]) -> dict[tuple[int | None, str], date]:
    """For which day of its window each was agreed when the last was done, by placement and kind."""
    opens_on = min((each.window.opens_on for each in new), default=None)
    if opens_on is None:
        return {}
    rows = transaction.rows(_BOOKED, schools=list({each.school_id for each in new}), since=opens_on)
    latest = {(row.placement_id, KINDS[row.kind].books): row.next_on for row in rows}
    return {
        at: on
        for each in new
        if (on := latest.get(at := (each.placement_id, each.kind.name))) is not None
        and each.window.opens_on <= on <= each.window.due_on
    }


_BOOKED = Prepared(
    sa.select(duty_records.c.placement_id, duty_records.c.kind, duty_records.c.next_on)
    .where(
        duty_records.c.school_id.in_(sa.bindparam("schools", expanding=True)),
        duty_records.c.next_on >= sa.bindparam("since"),
        IN_FORCE,
    )
    .order_by(duty_records.c.happened_on, duty_records.c.id)
)


def _follow(
    transaction: Transaction,
    day: date,
    calendars: Calendars,
    pairs: Iterable[tuple[sa.Row[Any], Wanted | None]],
) -> None:
    """Move open duties with their windows: a closure has made the week shorter, a placement ends earlier.

    One of which nobody would be told any more, because the calendar went no further, is spoken of again.
    """
    moved = []
    for row, each in pairs:
        window = each.window if each is not None else Window("", row.opens_on, row.due_on, row.lapses_on)
        is_moved = (row.opens_on, row.due_on, row.lapses_on) != (window.opens_on, window.due_on, window.lapses_on)
        if is_moved or (row.next_at is None and (each is not None or not _comes_by_itself(row))):
            moved.append((row, window))
    said = _said_on(transaction, day, [row.id for row, _ in moved])
    for row, window in moved:
        # Who has had today's list is next told on another day.
        after = day if row.id in said else day - DAY
        standing = _standing(window, row.booked_on)
        next_at = told(KINDS[row.kind], calendars.school(row.school_id), standing, after)
        transaction.update(
            duties, row.id, opens_on=window.opens_on, due_on=window.due_on, lapses_on=window.lapses_on, next_at=next_at
        )
    refresh_mentions(transaction, [row.id for row, _ in moved])


def _said_on(transaction: Transaction, day: date, duty_ids: Collection[int]) -> set[int]:
    """Which of these duties somebody was told of on `day`."""
    if not duty_ids:
        return set()
    return {row.duty_id for row in transaction.rows(_SAID, day=day)} & set(duty_ids)


_SAID = Prepared(sa.select(mentions.c.duty_id).join_from(mentions, digests).where(digests.c.day == sa.bindparam("day")))


def _comes_by_itself(row: sa.Row[Any]) -> bool:
    """Whether the calendar says when such a duty is there; others are opened by what happens."""
    kind = KINDS[row.kind]
    return kind.of_placement is not None or kind.of_provider is not None


def _has_ended(row: sa.Row[Any], day: date) -> bool:
    return row.ends_on is not None and row.ends_on < day


def _close(transaction: Transaction, day: date, rows: Iterable[sa.Row[Any]]) -> None:
    """Close open duties whose window is over, or is not there any more."""
    closed: dict[State, list[int]] = {}
    for row in rows:
        if row.lapses_on is not None and row.lapses_on < day:
            closed.setdefault(State.MISSED, []).append(row.id)
        elif _comes_by_itself(row) or (KINDS[row.kind].ends_with_placement and _has_ended(row, day)):
            closed.setdefault(KINDS[row.kind].vanishing, []).append(row.id)
    for state, ids in closed.items():
        transaction.execute(
            sa.update(duties)
            .where(duties.c.id.in_(ids))
            .values(state=state.value, next_at=None, closed_at=transaction.now)
        )
        note_all(transaction, SCHEDULE, f"duty {state.value}", [(f"duty:{duty_id}", {}) for duty_id in ids])
        refresh_mentions(transaction, ids)
