"""What the API reads: each function gives a page, as far as the key may see it, and the pupils that are on it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from apbot.domain.duties.model import State as DutyState
from apbot.domain.escalation import State
from apbot.domain.register import EntryState, minutes_late
from apbot.domain.timetable import Pattern
from apbot.store.calendars import load_calendars
from apbot.store.counts import count_pupils
from apbot.store.duties.reading import load_duties
from apbot.store.escalations import load_escalations
from apbot.store.lasting import not_over
from apbot.store.pupilsessions import PupilSession, load_pupil_sessions
from apbot.store.tables import duties, entries, escalations, people, placements, pupils, registers
from apbot.store.today import is_opened
from apbot.web.api.reader import Page, Reader


def today(reader: Reader) -> dict[str, Any]:
    """How many pupils of each school stand where; no record of a pupil is read."""
    transaction = reader.transaction
    only = reader.given.get("school")
    ids = list(reader.schools) if only is None else [reader.school_called(only)]
    return {
        "day": reader.today.isoformat(),
        "registers_made": is_opened(transaction, reader.today),
        "schools": [
            {"ref": each.ref, "name": each.school, **{k: v for k, v in each.to_json().items() if k != "school"}}
            for each in count_pupils(transaction, reader.today, load_calendars(transaction), ids)
        ],
    }


def read_placements(reader: Reader, ref: str | None = None) -> Page:
    """The placements that run, or are to begin; those that are over too where `state` says all. Or the one called."""
    conditions = [reader.of_school(pupils.c.school_id), reader.of_provider(placements.c.provider_id)]
    if ref is not None:
        conditions.append(placements.c.ref == ref)
    elif reader.given.get("state", "current") == "current":
        conditions.append(not_over(placements, reader.today))
    rows, after = reader.page(
        sa.select(
            placements,
            pupils.c.ref.label("pupil_ref"),
            pupils.c.first_name,
            pupils.c.last_name,
            pupils.c.school_id,
            people.c.name.label("key_worker"),
        )
        .select_from(placements)
        .join(pupils, pupils.c.id == placements.c.pupil_id)
        .outerjoin(people, people.c.id == placements.c.key_worker_id)
        .where(*conditions),
        placements.c.id,
    )
    items = [
        {
            "ref": row.ref,
            "pupil": reader.pupil(row.pupil_ref, row.first_name, row.last_name),
            "school": reader.schools[row.school_id],
            "provider": reader.providers[row.provider_id],
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "target_end_on": row.target_end_on,
            "arranged_by": row.arranged_by,
            "dual_registered": row.dual_registered,
            "pattern": Pattern.from_json(row.pattern).to_json(),
            "activity": row.activity,
            "key_worker": row.key_worker,
            "alert_minutes": row.alert_minutes,
        }
        for row in rows
    ]
    return Page(items, sorted({row.pupil_ref for row in rows}), after)


def read_registers(reader: Reader) -> Page:
    """The registers of these days, with those of their pupils whom the key may see."""
    first, last = reader.days()
    seen = (entries.c.state != EntryState.WITHDRAWN.value, reader.of_school(entries.c.school_id))
    rows, after = reader.page(
        sa.select(registers).where(
            registers.c.day.between(first, last),
            reader.of_provider(registers.c.provider_id),
            sa.exists().where(entries.c.register_id == registers.c.id, *seen),
        ),
        registers.c.id,
    )
    sessions: dict[int, list[PupilSession]] = defaultdict(list)
    for each in _sessions(reader, entries.c.register_id.in_([row.id for row in rows]), seen[1]):
        sessions[each.entry.register_id].append(each)
    refs = _placement_refs(reader, [each for some in sessions.values() for each in some])
    items = [
        {
            "id": row.id,
            "provider": reader.providers[row.provider_id],
            "day": row.day,
            "session": row.session,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "expected": sum(each.entry.is_expected for each in sessions[row.id]),
            "unanswered": sum(each.entry.is_unanswered for each in sessions[row.id]),
            "pupils": [_session(reader, each, refs) for each in sessions[row.id]],
        }
        for row in rows
    ]
    return Page(items, sorted({each.entry.reference for some in sessions.values() for each in some}), after)


def read_attendance(reader: Reader) -> Page:
    """Every session of these days that has begun, with its code."""
    first, last = reader.days()
    rows, after = reader.page(
        sa.select(entries.c.id)
        .join_from(entries, registers)
        .where(
            registers.c.day.between(first, last),
            entries.c.starts_at <= reader.transaction.now,
            entries.c.state != EntryState.WITHDRAWN.value,
            reader.of_school(entries.c.school_id),
            reader.of_provider(registers.c.provider_id),
        ),
        entries.c.id,
    )
    found = _sessions(reader, entries.c.id.in_([row.id for row in rows]))
    refs = _placement_refs(reader, found)
    items = [
        {
            "id": each.entry.id,
            **_session(reader, each, refs),
            "minutes_late": minutes_late(
                each.entry.said.fact if each.entry.said else None,
                each.entry.said.at if each.entry.said else None,
                each.entry.starts_at,
            ),
            "suggested_code": each.entry.suggested_code,
            "code": each.entry.code,
        }
        for each in sorted(found, key=lambda each: each.entry.id)
    ]
    return Page(items, sorted({each.entry.reference for each in found}), after)


def read_escalations(reader: Reader) -> Page:
    """Those that are open; with `state` all, or with days, the others too."""
    conditions = [reader.of_school(escalations.c.school_id), reader.of_provider(registers.c.provider_id)]
    if reader.given.get("state", "open") == "open":
        conditions += [
            escalations.c.next_at.is_not(None),
            escalations.c.state.in_([each.value for each in State if each.is_live]),
        ]
    if "from" in reader.given or "to" in reader.given:
        conditions.append(registers.c.day.between(*reader.days()))
    rows, after = reader.page(
        sa.select(escalations.c.id).join_from(escalations, registers).where(*conditions), escalations.c.id
    )
    found = load_escalations(reader.transaction, escalations.c.id.in_([row.id for row in rows]))
    items = [
        {
            "id": each.id,
            "school": reader.schools[each.school_id],
            "provider": reader.providers[each.register.provider_id],
            "day": each.register.day,
            "session": each.register.session.value,
            "kind": each.kind.value,
            "state": each.state.value,
            "due_at": each.due_at,
            "opened_at": each.opened_at,
            "step": each.step + 1,
            "round": each.round + 1,
            "next_at": each.next_at,
            "acknowledged_by": each.acknowledged_by or None,
            "acknowledged_at": each.acknowledged_at,
            "closed_at": each.closed_at,
            "pupils": [
                {
                    "pupil": reader.pupil(one.entry.reference, one.entry.first_name, one.entry.last_name),
                    "outcome": one.outcome and one.outcome.value,
                    "outcome_by": one.outcome_by or None,
                    "outcome_at": one.outcome_at,
                    "is_safe": one.is_settled,
                }
                for one in each.pupils
            ],
        }
        for each in found
    ]
    return Page(items, sorted({one.entry.reference for each in found for one in each.pupils}), after)


def read_duties(reader: Reader) -> Page:
    """Those that are open; with `state` all, or with days on which they are due, the others too."""
    conditions = [
        reader.of_school(duties.c.school_id),
        reader.of_provider(sa.func.coalesce(duties.c.provider_id, placements.c.provider_id)),
    ]
    if reader.given.get("state", "open") == "open":
        conditions.append(duties.c.state == DutyState.OPEN.value)
    if "from" in reader.given or "to" in reader.given:
        conditions.append(duties.c.due_on.between(*reader.days()))
    rows, after = reader.page(
        sa.select(duties.c.id, placements.c.ref, pupils.c.first_name, pupils.c.last_name)
        .select_from(duties)
        .outerjoin(placements, placements.c.id == duties.c.placement_id)
        .outerjoin(pupils, pupils.c.id == placements.c.pupil_id)
        .where(*conditions),
        duties.c.id,
    )
    about = {row.id: row for row in rows}
    found = load_duties(reader.transaction, duties.c.id.in_(list(about)))
    items = [
        {
            "id": each.id,
            "kind": each.kind.name,
            "label": each.kind.label,
            "about": each.about,
            "school": reader.schools[each.school_id],
            "provider": reader.providers[each.provider_id],
            "placement": about[each.id].ref,
            "pupil": reader.pupil(each.reference, about[each.id].first_name, about[each.id].last_name)
            if each.reference
            else None,
            "opens_on": each.opens_on,
            "due_on": each.due_on,
            "booked_on": each.booked_on,
            "state": each.state.value,
            "is_overdue": each.is_open and each.standing.is_overdue(reader.today),
            "closed_at": each.closed_at,
        }
        for each in sorted(found, key=lambda each: each.id)
    ]
    return Page(items, sorted({each.reference for each in found if each.reference}), after)


def _sessions(reader: Reader, *conditions: sa.ColumnElement[bool]) -> list[PupilSession]:
    return load_pupil_sessions(reader.transaction, reader.actor, *conditions)


def _placement_refs(reader: Reader, sessions: Sequence[PupilSession]) -> dict[int, str]:
    ids = {each.entry.placement_id for each in sessions}
    rows = reader.transaction.rows(sa.select(placements.c.id, placements.c.ref).where(placements.c.id.in_(ids)))
    return {row.id: row.ref for row in rows}


def _session(reader: Reader, each: PupilSession, refs: Mapping[int, str]) -> dict[str, Any]:
    entry, said = each.entry, each.entry.said
    return {
        "pupil": reader.pupil(entry.reference, entry.first_name, entry.last_name),
        "school": reader.schools[entry.school_id],
        "provider": reader.providers[entry.provider_id],
        "placement": refs[entry.placement_id],
        "day": each.day,
        "session": each.session.value,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "presence": each.presence.value,
        "fact": said and said.fact.value,
        "at": said and said.at,
        "reason": said and said.reason and said.reason.value,
        "said_at": entry.marked_at,
    }
