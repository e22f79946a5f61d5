"""A day's registers and their entries, made to be as they should be now.

Making a day again, any number of times, changes only what the roster, a calendar or a planned absence has changed
since; what has been said about a pupil is never touched.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.codes import PLANNED, planned
from apbot.domain.marks import Fact, Session
from apbot.domain.register import NUDGE_AFTER, EntryState
from apbot.domain.walltime import instant, parse_wall
from apbot.store.audit import SCHEDULE, note
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.expected import Wanted, work_out
from apbot.store.outbox import refresh
from apbot.store.prepared import Prepared
from apbot.store.tables import (
    Instant,
    entries,
    escalated,
    registers,
    school_days,
)


def open_day(
    transaction: Transaction, day: date, *, chased_at: str = "08:30", pupil_ids: Sequence[int] | None = None
) -> None:
    """Make the registers of `day` as they should be now; only for these pupils, where given."""
    wanted = work_out(transaction, day, pupil_ids)
    asked_for = [each for each in wanted if not each.is_too_late]
    register_ids = _open_registers(transaction, day, asked_for, whole=pupil_ids is None)
    changed = _open_entries(transaction, day, wanted, register_ids, pupil_ids)
    school_ids = {each.school_id for each in wanted} | _schools_open(transaction, day)
    _open_school_days(transaction, day, school_ids, chased_at)
    refresh(transaction, ["register", "nudge"], changed)


def open_missed_day(transaction: Transaction, day: date, *, chased_at: str) -> list[int]:
    """Make the registers of a day that has gone by without any: the school days on which nobody was asked.

    No alert comes of them: what was due then is told as one, by whoever calls this.
    """
    open_day(transaction, day, chased_at=chased_at)
    of_the_day = entries.c.register_id.in_(sa.select(registers.c.id).where(registers.c.day == day))
    expected = sa.select(entries.c.school_id).where(of_the_day, entries.c.alert_at.is_not(None)).distinct()
    school_ids = [row.school_id for row in transaction.rows(expected)]
    transaction.execute(sa.update(entries).where(of_the_day).values(alert_at=None))
    days = sa.select(school_days.c.id).where(school_days.c.day == day, school_days.c.school_id.in_(school_ids))
    return [row.id for row in transaction.rows(days)]


def _open_registers(
    transaction: Transaction, day: date, wanted: Sequence[Wanted], *, whole: bool
) -> dict[tuple[int, Session], int]:
    """Insert and change registers; the ids of all of the day. `whole`: everybody on them is among `wanted`."""
    spans: dict[tuple[int, Session], list[datetime]] = {}
    for each in wanted:
        span = spans.setdefault((each.provider_id, each.session), [each.starts_at, each.ends_at])
        span[0], span[1] = min(span[0], each.starts_at), max(span[1], each.ends_at)
    transaction.insert_new(
        registers,
        [
            {
                "provider_id": provider_id,
                "day": day,
                "session": session.value,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "next_at": starts_at,
            }
            for (provider_id, session), (starts_at, ends_at) in spans.items()
        ],
    )
    ids = {}
    for row in transaction.rows(_REGISTERS, day=day):
        key = (row.provider_id, Session(row.session))
        ids[key] = row.id
        if key not in spans:
            continue
        starts_at, ends_at = spans[key]
        is_asked = row.step > 0  # from then on it is only ever made longer
        if is_asked or not whole:
            starts_at, ends_at = min(starts_at, row.starts_at), max(ends_at, row.ends_at)
        if (starts_at, ends_at) != (row.starts_at, row.ends_at) or (row.next_at is None and not is_asked):
            next_at = row.next_at if is_asked else starts_at
            transaction.update(registers, row.id, starts_at=starts_at, ends_at=ends_at, next_at=next_at)
    return ids


def _open_entries(
    transaction: Transaction,
    day: date,
    wanted: Sequence[Wanted],
    register_ids: Mapping[tuple[int, Session], int],
    pupil_ids: Sequence[int] | None,
) -> set[int]:
    """Insert, change and withdraw entries; the ids of the registers that changed."""
    there = (
        transaction.rows(_THERE, day=day)
        if pupil_ids is None
        else transaction.rows(_THERE_OF_PUPILS, day=day, pupils=pupil_ids)
    )
    existing = {(row.register_id, row.placement_id): row for row in there}
    new, changed, asked_again = [], set(), defaultdict(list)
    for each in wanted:
        register_id = register_ids.get((each.provider_id, each.session), 0)
        row = existing.pop((register_id, each.placement_id), None)
        if each.is_too_late and (row is None or row.state == EntryState.WITHDRAWN.value):
            continue
        if row is None:
            new.append(_new_entry(register_id, each))
            changed.add(register_id)
            asked_again[register_id].append(max(each.starts_at, each.touched_at) + NUDGE_AFTER)
        elif values := _changes(row, each, transaction.now):
            transaction.update(entries, row.id, **values)
            note(transaction, SCHEDULE, "entry changed by the roster", f"entry:{row.id}", state=each.state.value)
            changed.add(register_id)
            if each.state is EntryState.EXPECTED and (row.state, row.starts_at) != (each.state.value, each.starts_at):
                asked_again[register_id].append(max(each.starts_at, transaction.now) + NUDGE_AFTER)
    transaction.insert_new(entries, new)
    transaction.change(
        _ASK_AGAIN, *({"register": register_id, "at": min(times)} for register_id, times in asked_again.items())
    )
    return changed | _withdraw(transaction, list(existing.values()))


_REGISTERS = Prepared(sa.select(registers).where(registers.c.day == sa.bindparam("day")))
_ENTRIES = (
    sa.select(
        entries.c.id,
        entries.c.register_id,
        entries.c.placement_id,
        entries.c.starts_at,
        entries.c.ends_at,
        entries.c.alert_at,
        entries.c.alert_due,
        entries.c.alert_minutes,
        entries.c.state,
        entries.c.fact,
        entries.c.suggested_code,
    )
    .join_from(entries, registers)
    .where(registers.c.day == sa.bindparam("day"))
)
_THERE = Prepared(_ENTRIES)
_THERE_OF_PUPILS = Prepared(_ENTRIES.where(entries.c.pupil_id.in_(sa.bindparam("pupils", expanding=True))))
_ASK_AGAIN = Prepared(
    sa.update(registers)
    .where(
        registers.c.id == sa.bindparam("register"),
        registers.c.step > 0,
        sa.or_(registers.c.next_at.is_(None), registers.c.next_at > sa.bindparam("at", type_=Instant)),
    )
    .values(next_at=sa.bindparam("at", type_=Instant))
)


def _new_entry(register_id: int, each: Wanted) -> dict[str, Any]:
    expected = each.state is EntryState.EXPECTED
    suggestion = None if each.absence_code is None else planned(each.absence_code)
    return {
        "register_id": register_id,
        "placement_id": each.placement_id,
        "pupil_id": each.pupil_id,
        "school_id": each.school_id,
        "starts_at": each.starts_at,
        "ends_at": each.ends_at,
        "state": each.state.value,
        "alert_minutes": each.alert_minutes,
        "alert_at": each.alert_due if expected else None,
        "alert_due": each.alert_due,
        "suggested_code": suggestion and suggestion.code,
        "suggested_why": suggestion and suggestion.why,
    }


def _changes(row: sa.Row[Any], each: Wanted, now: datetime) -> dict[str, Any]:
    """What to change in an entry that is there already.

    Nothing where something has been said; but "not arrived" is excused by an absence that the school has planned,
    and no longer when that is withdrawn.
    """
    if row.fact not in (None, Fact.NOT_ARRIVED.value):
        return {}
    values: dict[str, Any] = {}
    alert_due = row.alert_due
    times = (each.starts_at, each.ends_at, each.alert_minutes)
    if row.fact is None and times != (row.starts_at, row.ends_at, row.alert_minutes):
        values |= {"starts_at": each.starts_at, "ends_at": each.ends_at, "alert_minutes": each.alert_minutes}
        is_expected = row.state == EntryState.EXPECTED.value
        # Who was missed has been missed since then; only at a start that has been put off are they expected once more.
        if not is_expected or row.alert_at is not None or each.starts_at > now:
            fresh = each.starts_at + timedelta(minutes=each.alert_minutes)
            # An alert that the change makes overdue is due now, unless it was to be later than now all along.
            alert_due = fresh if fresh > now else min(row.alert_due, now)
            values["alert_due"] = alert_due
            if is_expected:
                values["alert_at"] = alert_due
    excused_otherwise = row.suggested_code in PLANNED and each.absence_code not in (None, row.suggested_code)
    if row.state != each.state.value or excused_otherwise:
        values["state"] = each.state.value
        if each.absence_code is not None:
            suggestion = planned(each.absence_code)
            values |= {"alert_at": None, "suggested_code": suggestion.code, "suggested_why": suggestion.why}
        else:
            alert_due = max(alert_due, now)
            values |= {"alert_at": alert_due, "alert_due": alert_due, "suggested_code": None, "suggested_why": None}
    return values


def _withdraw(transaction: Transaction, rows: Sequence[sa.Row[Any]]) -> set[int]:
    """Withdraw entries that are no longer expected, unless something was said or an escalation is about them."""
    candidates = [row for row in rows if row.fact is None and row.state != EntryState.WITHDRAWN.value]
    if not candidates:
        return set()
    about = sa.select(escalated.c.entry_id).where(escalated.c.entry_id.in_([row.id for row in candidates]))
    kept = {row.entry_id for row in transaction.rows(about)}
    gone = [row for row in candidates if row.id not in kept]
    if not gone:
        return set()
    transaction.execute(
        sa.update(entries)
        .where(entries.c.id.in_([row.id for row in gone]))
        .values(state=EntryState.WITHDRAWN.value, alert_at=None)
    )
    for row in gone:
        note(transaction, SCHEDULE, "entry withdrawn by the roster", f"entry:{row.id}")
    return {row.register_id for row in gone}


def _schools_open(transaction: Transaction, day: date) -> set[int]:
    """The schools that have a school day, though no pupil of theirs be expected anywhere."""
    calendars = load_calendars(transaction)
    return {school_id for school_id, calendar in calendars.schools.items() if calendar.is_school_day(day)}


def _open_school_days(transaction: Transaction, day: date, school_ids: set[int], chased_at: str) -> None:
    transaction.insert_new(
        school_days,
        [
            {"school_id": school_id, "day": day, "next_at": instant(day, parse_wall(chased_at))}
            for school_id in sorted(school_ids)
        ],
    )
