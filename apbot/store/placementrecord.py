"""One placement whole: its facts, its sessions a page at a time, its alerts, its duties and what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.registry import KINDS
from apbot.domain.register import EntryState
from apbot.domain.startgate import Missing, missing
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty, load_duties
from apbot.store.duties.records import Entry, load_entries
from apbot.store.escalations import Escalation, load_escalations
from apbot.store.pupils import Placement, Pupil, load_pupil
from apbot.store.pupilsessions import PupilSession, load_pupil_sessions
from apbot.store.reads import note_read
from apbot.store.startgate import load_gates
from apbot.store.tables import duties, entries, escalated, escalations, placements, providers, pupils

PAGE = 30
"""Sessions on one page: three school weeks."""

MOST = 100
"""So many alerts, duties and things that were done are shown, the newest first."""


@dataclass(frozen=True)
class PlacementRecord:
    """What one person may see of a placement. `older` is the start of the last session shown, where there are more."""

    ref: str
    name: str
    """The pupil's full name; "" where the reader knows the pupil by reference."""
    pupil: Pupil
    placement: Placement
    provider_ref: str
    facts: Mapping[str, Any]
    """The columns of the roster."""
    gaps: tuple[Missing, ...]
    sessions: tuple[PupilSession, ...]
    older: datetime | None
    escalations: tuple[Escalation, ...]
    duties: tuple[Duty, ...]
    done: tuple[Entry, ...]
    """What was done, the newest first."""

    @property
    def is_own(self) -> bool:
        """Whether the reader is of the pupil's own school, or their key worker: sees names, codes and what was done."""
        return self.pupil.knows_codes


def read_placement(
    transaction: Transaction, actor: Actor, ref: str, before: datetime | None = None
) -> PlacementRecord | None:
    """The placement with this reference, and a note that it was read; None where `actor` may not see it.

    `before` is where an earlier page ended.
    """
    row = transaction.row(
        sa.select(placements, pupils.c.first_name, pupils.c.last_name, providers.c.ref.label("provider_ref"))
        .select_from(placements)
        .join(pupils, pupils.c.id == placements.c.pupil_id)
        .join(providers, providers.c.id == placements.c.provider_id)
        .where(placements.c.ref == ref)
    )
    pupil = None if row is None else load_pupil(transaction, actor, row.pupil_id)
    if row is None or pupil is None:
        return None
    placement = next((each for each in pupil.placements if each.id == row.id), None)
    if placement is None:
        return None
    note_read(transaction, actor, "placement read", [pupil.id])
    is_own = actor.may_see(pupil.school_id, None, placement.key_worker_id)
    of_placement = sa.and_(entries.c.pupil_id == pupil.id, entries.c.placement_id == placement.id)
    sessions, older = _sessions(transaction, actor, of_placement, before)
    return PlacementRecord(
        ref=row.ref,
        name=f"{row.first_name} {row.last_name}" if is_own else "",
        pupil=pupil,
        placement=placement,
        provider_ref=row.provider_ref,
        facts=row._mapping,
        gaps=_gaps(transaction, placement.id) if is_own else (),
        sessions=tuple(sessions),
        older=older,
        escalations=tuple(_escalations(transaction, of_placement, placement.id)),
        duties=tuple(
            each
            for each in load_duties(transaction, duties.c.placement_id == placement.id)[-MOST:]
            if each.may_be_done_by(actor)
        ),
        done=tuple(
            each
            for each in reversed(load_entries(transaction, placement.id)[-MOST:])
            if each.record.kind in KINDS and (is_own or KINDS[each.record.kind].is_for_providers)
        ),
    )


def _gaps(transaction: Transaction, placement_id: int) -> tuple[Missing, ...]:
    facts = load_gates(transaction, [placement_id]).get(placement_id)
    return tuple(missing(facts)) if facts is not None else ()


def _sessions(
    transaction: Transaction, actor: Actor, of_placement: sa.ColumnElement[bool], before: datetime | None
) -> tuple[list[PupilSession], datetime | None]:
    """A page of the sessions that have begun, the newest first, and where the next page begins, if there is one."""
    begun = entries.c.starts_at <= transaction.now if before is None else entries.c.starts_at < before
    rows = transaction.rows(
        sa.select(entries.c.id, entries.c.starts_at)
        .where(of_placement, entries.c.state != EntryState.WITHDRAWN.value, begun)
        .order_by(entries.c.starts_at.desc(), entries.c.id.desc())
        .limit(PAGE + 1)
    )
    shown: Sequence[Any] = rows[:PAGE]
    found = load_pupil_sessions(transaction, actor, entries.c.id.in_([row.id for row in shown]))
    return found[::-1], shown[-1].starts_at if len(rows) > PAGE else None


def _escalations(transaction: Transaction, of_placement: sa.ColumnElement[bool], placement_id: int) -> list[Escalation]:
    """The alerts in which the placement's pupil was, the newest first, without the others who were in them."""
    ids = [
        row.escalation_id
        for row in transaction.rows(
            sa.select(escalated.c.escalation_id)
            .join(entries, entries.c.id == escalated.c.entry_id)
            .where(of_placement)
            .order_by(escalated.c.escalation_id.desc())
            .limit(MOST)
        )
    ]
    return [
        replace(each, pupils=tuple(one for one in each.pupils if one.entry.placement_id == placement_id))
        for each in reversed(load_escalations(transaction, escalations.c.id.in_(ids)))
    ]
