"""Whether placements keep to guidance on providers that are no schools, and whether a pupil's week is whole."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.absences import Absence
from apbot.domain.registration import Place, planned_end, warnings
from apbot.domain.startgate import NEAR
from apbot.domain.timetable import Hours, Pattern
from apbot.domain.weekload import days_a_week, hours_a_week
from apbot.domain.wholeweek import PART_TIME, Part, at_several, clashes, slots_words, unexplained_gap
from apbot.readiness.expected import Coming
from apbot.readiness.model import Finding, Severity
from apbot.roster.records import spoken_list
from apbot.store.database import Transaction
from apbot.store.tables import planned_absences


def check_registration(coming: Coming) -> Iterator[Finding]:
    """For each school, what guidance says of its pupils at a provider that is not known to be registered."""
    by_provider: Mapping[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in coming.running:
        by_provider[row.provider_id].append(row)
    for provider_id, rows in by_provider.items():
        provider = coming.providers[provider_id]
        registered = provider.registered
        if registered is None and any(row.dual_registered for row in rows):
            continue  # a pupil is on its roll: it is a school
        usual = Hours.from_json(provider.hours)
        places = [_place(row, usual, coming) for row in rows] if not registered else []
        schools = {row.pupil_ref: row.school_id for row in rows}
        for warned in warnings(registered, places, coming.today):
            yield from _of_schools(
                coming,
                schools,
                {pupil: pupil for pupil in warned.pupils},
                f"{provider.name} (registration): {warned.what}",
                warned.do,
            )


def _place(row: sa.Row[Any], usual: Hours, coming: Coming) -> Place:
    pattern = Pattern.from_json(row.pattern)
    return Place(
        pupil=row.pupil_ref,
        starts_on=row.starts_on,
        last_on=planned_end(row.ends_on, row.target_end_on, row.off_roll_on, coming.today),
        hours=hours_a_week(pattern, Hours.from_json(row.hours).over(usual)),
        days=days_a_week(pattern),
        ehc_plan=row.ehc_plan,
        looked_after=row.looked_after,
    )


def check_whole_weeks(transaction: Transaction, coming: Coming) -> Iterator[Finding]:
    """Who is due at two places at once, whose part-time timetable nobody has explained, who is at several providers."""
    absences = _part_time(transaction, coming)
    twice: dict[str, str] = {}
    gaps: dict[str, str] = {}
    several: dict[str, str] = {}
    schools = {row.pupil_ref: row.school_id for row in coming.running}
    for pupil, rows in _by_pupil(coming).items():
        parts = [_part(row, coming) for row in rows]
        for one, other, slot in clashes(parts):
            twice.setdefault(pupil, f"{pupil} ({slots_words([slot])}: {one.provider} and {other.provider})")
        if gap := unexplained_gap(parts, absences.get(rows[0].pupil_id, ())):
            gaps[pupil] = f"{pupil} ({len(gap)} {'session' if len(gap) == 1 else 'sessions'}: {slots_words(gap)})"
        near = timedelta(days=NEAR)
        is_new = any(abs(row.starts_on - coming.today) <= near for row in rows)
        if is_new and (providers := at_several(parts)):
            several[pupil] = f"{pupil} ({', '.join(providers)})"
    yield from _of_schools(
        coming, schools, twice, "expected at two places at once", "Correct the days of one placement."
    )
    yield from _of_schools(
        coming,
        schools,
        gaps,
        f"a part-time timetable ({PART_TIME}) beside a placement, so that the week is less than full time",
        "Give the agreed reason under Rest of the week; or withdraw the absence, if the pupil is taught then.",
    )
    yield from _of_schools(
        coming,
        schools,
        several,
        "newly at several providers",
        "See to it that each provider knows of the others.",
    )


def _by_pupil(coming: Coming) -> Mapping[str, list[sa.Row[Any]]]:
    found: Mapping[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in coming.running:
        found[row.pupil_ref].append(row)
    return found


def _part(row: sa.Row[Any], coming: Coming) -> Part:
    return Part(
        pupil=row.pupil_ref,
        ref=row.ref,
        provider=coming.providers[row.provider_id].name,
        pattern=Pattern.from_json(row.pattern),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        reason=row.rest_of_week,
    )


def _part_time(transaction: Transaction, coming: Coming) -> Mapping[int, list[Absence]]:
    """The part-time timetables that are not over, by pupil."""
    found: Mapping[int, list[Absence]] = defaultdict(list)
    for row in transaction.rows(
        sa.select(planned_absences)
        .where(
            planned_absences.c.code == PART_TIME,
            planned_absences.c.ends_on >= coming.today,
            planned_absences.c.withdrawn_at.is_(None),
        )
        .order_by(planned_absences.c.id)
    ):
        found[row.pupil_id].append(Absence(row.code, row.starts_on, row.ends_on, row.sessions))
    return found


def _of_schools(
    coming: Coming,
    schools: Mapping[str, int],
    words: Mapping[str, str],
    what: str,
    do: str,
) -> Iterator[Finding]:
    """One finding for each school, which names its own pupils only. `words` is what to say of each pupil."""
    by_school: Mapping[int, list[str]] = defaultdict(list)
    for pupil, said in sorted(words.items()):
        by_school[schools[pupil]].append(said)
    for school_id, found in by_school.items():
        yield Finding(
            Severity.MEND, coming.schools[school_id].name, f"{what}: {spoken_list(found)}", do, frozenset({school_id})
        )
