"""The pack that an inspector asks for about one pupil: why there, with whom, what happened, and where it leads.

No narrative is in it: kinds, days, times and who, and the pupil's own view in the words that were written down.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.attendance import Attendance, attendance
from apbot.domain.calendar import Calendar
from apbot.domain.startgate import Missing, missing
from apbot.domain.walltime import local_date
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.records import Record, load_records
from apbot.store.providerfacts import ProviderFacts, load_provider_facts
from apbot.store.pupils import Placement, Pupil
from apbot.store.reads import note_read
from apbot.store.reports.done import Done, count_done, fallen_due
from apbot.store.reports.nonarrivals import NonArrival, load_non_arrivals, non_arrivals
from apbot.store.reports.sessions import codes_by, counted
from apbot.store.safeguarding import ConcernRaised, Incidents, count_incidents, load_concerns_raised
from apbot.store.startgate import load_gates
from apbot.store.tables import duties, duty_records, entries, placements, pupils, registers

OUTSIDE = "outside the school's half terms"


@dataclass(frozen=True)
class HalfTerm:
    """Attendance in one half term: sessions, and how often each code was given; "" counts those without one."""

    name: str
    first: date
    last: date
    attendance: Attendance
    codes: Mapping[str, int]


@dataclass(frozen=True)
class PlacementPack:
    """One placement, whole."""

    ref: str
    placement: Placement
    row: Mapping[str, Any]
    """The columns of the roster that only this pack shows."""
    provider: ProviderFacts
    gaps: tuple[Missing, ...]
    """What should be in place and is not."""
    half_terms: tuple[HalfTerm, ...]
    non_arrivals: tuple[NonArrival, ...]
    done: Mapping[str, Done]
    records: tuple[Record, ...]
    incidents: Incidents | None

    def records_of(self, kind: str) -> list[Record]:
        """What was done of one kind, the oldest first."""
        return [each for each in self.records if each.kind == kind]

    @property
    def attendance(self) -> Attendance:
        """Of all half terms together."""
        return Attendance(
            sum(each.attendance.present for each in self.half_terms),
            sum(each.attendance.possible for each in self.half_terms),
        )


@dataclass(frozen=True)
class Pack:
    """What one person may see of one pupil, for an inspector. `name` is in full: for a page or a file alone."""

    pupil: Pupil
    name: str
    year_group: str
    flags: tuple[str, ...]
    made_at: datetime
    made_for: str
    day: date
    placements: tuple[PlacementPack, ...]
    """The newest first."""
    concerns: tuple[ConcernRaised, ...] | None
    """None for whoever may not know of them."""


def read_pack(transaction: Transaction, actor: Actor, pupil: Pupil, what: str) -> Pack | None:
    """The pack of a pupil in sight of `actor`, and a note (`what`) that it was read.

    None for whoever is not of the pupil's own school: an inspector's questions are the school's to answer. A key
    worker gets the placements that they hold.
    """
    if not pupil.knows_codes:
        return None
    note_read(transaction, actor, what, [pupil.id])
    own = [each for each in pupil.placements if actor.may_see(pupil.school_id, None, each.key_worker_id)]
    row = transaction.rows(sa.select(pupils).where(pupils.c.id == pupil.id))[0]
    flags = (("social worker", row.social_worker), ("EHC plan", row.ehc_plan), ("looked after", row.looked_after))
    return Pack(
        pupil=pupil,
        name=f"{row.first_name} {row.last_name}",
        year_group=row.year_group,
        flags=tuple(words for words, is_so in flags if is_so),
        made_at=transaction.now,
        made_for=actor.name,
        day=local_date(transaction.now),
        placements=tuple(_packs(transaction, pupil, own)),
        concerns=tuple(load_concerns_raised(transaction, pupil.id)) if pupil.sees_all else None,
    )


def _packs(transaction: Transaction, pupil: Pupil, own: list[Placement]) -> list[PlacementPack]:
    ids = [each.id for each in own]
    rows = {row.id: row._mapping for row in transaction.rows(sa.select(placements).where(placements.c.id.in_(ids)))}
    facts = load_provider_facts(transaction, {each.provider_id for each in own})
    gates = load_gates(transaction, ids)
    incidents = count_incidents(transaction, ids)
    records: dict[int | None, list[Record]] = defaultdict(list)
    for each in load_records(transaction, duty_records.c.placement_id.in_(ids)):
        records[each.placement_id].append(each)
    missed: dict[int, list[NonArrival]] = defaultdict(list)
    for found in load_non_arrivals(transaction, _NON_ARRIVALS, pupil=pupil.id, ids=ids):
        missed[found.placement_id].append(found)
    calendar = load_calendars(transaction).school(pupil.school_id)
    day = local_date(transaction.now)
    return [
        PlacementPack(
            ref=rows[each.id]["ref"],
            placement=each,
            row=rows[each.id],
            provider=facts[each.provider_id],
            gaps=tuple(missing(gates[each.id])),
            half_terms=tuple(_half_terms(transaction, pupil, each, calendar)),
            non_arrivals=tuple(missed[each.id]),
            done=count_done(transaction, _DONE, day, each.starts_on, day + timedelta(days=366), placement=each.id),
            records=tuple(records[each.id]),
            incidents=incidents.get(each.id),
        )
        for each in own
    ]


_OF_PUPIL = entries.c.pupil_id == sa.bindparam("pupil")
_NON_ARRIVALS = non_arrivals(_OF_PUPIL, entries.c.placement_id.in_(sa.bindparam("ids", expanding=True)))
_DONE = fallen_due(duties.c.placement_id == sa.bindparam("placement"))
_BY_DAY = counted(registers.c.day, _OF_PUPIL, entries.c.placement_id == sa.bindparam("placement"))


def _half_terms(transaction: Transaction, pupil: Pupil, each: Placement, calendar: Calendar) -> list[HalfTerm]:
    """The sessions that are over, half term by half term of the home school; the codes of each."""
    by_day = codes_by(transaction, _BY_DAY, pupil=pupil.id, placement=each.id)
    found = []
    terms = sorted(calendar.terms, key=lambda term: term.starts_on)
    for term in terms:
        days = [day for day in by_day if term.starts_on <= day <= term.ends_on]
        if days:
            found.append(_half_term(term.name, days, by_day))
    outside = [day for day in by_day if not any(term.starts_on <= day <= term.ends_on for term in terms)]
    return [*found, *([_half_term(OUTSIDE, outside, by_day)] if outside else [])]


def _half_term(name: str, days: list[date], by_day: Mapping[date, Counter[str | None]]) -> HalfTerm:
    codes: Counter[str | None] = sum((by_day[day] for day in days), Counter())
    named = {code or "": count for code, count in sorted(codes.items(), key=lambda pair: (-pair[1], pair[0] or ""))}
    return HalfTerm(name, min(days), max(days), attendance(codes.elements()), named)
