"""What a placement should have: a key worker, a target end date, something after it; and codes that are overdue."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from apbot.domain.walltime import spoken_date
from apbot.readiness.expected import Coming
from apbot.readiness.model import Finding, Severity
from apbot.roster.records import spoken_list
from apbot.store.coding import midnight
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import UNRESOLVED, Instant, entries


def check_placements(coming: Coming) -> Iterator[Finding]:
    """What is missing of each school's placements, said together."""
    running = coming.running
    placed = {row.pupil_id for row in running}
    no_key_worker = [row for row in running if not _has_key_worker(row, coming)]
    no_target = [row for row in running if row.target_end_on is None]
    passed = [row for row in running if row.target_end_on is not None and row.target_end_on < coming.today]
    over = [row for row in coming.placements if row.pupil_id not in placed]
    yield from _of_schools(
        coming, no_key_worker, "pupils without a key worker", "Name one on the roster: alerts are copied to them."
    )
    yield from _of_schools(coming, no_target, "placements without a target end date", "Agree one, and enter it.")
    yield from _of_schools(
        coming, passed, "placements whose target end date has passed", "Review them: end them, or set a new date."
    )
    yield from _of_schools(
        coming,
        _ending(coming, running),
        "placements that end in these days, with none after them",
        "Plan where the pupils will be: from then on nobody is asked about them.",
    )
    yield from _of_schools(
        coming,
        over,
        "placements that are over, of pupils still on roll without another",
        "See that it is known where they are; nobody is asked about them.",
    )


def _has_key_worker(row: sa.Row[Any], coming: Coming) -> bool:
    return row.key_worker_id is not None and (
        row.key_worker_leaves_on is None or row.key_worker_leaves_on >= coming.today
    )


def _ending(coming: Coming, running: Iterable[sa.Row[Any]]) -> list[sa.Row[Any]]:
    """Placements that end in the days that are checked, where the pupil has none that goes on or follows."""
    by_pupil: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in running:
        by_pupil[row.pupil_id].append(row)
    last_day = coming.days[-1]
    return [
        max(own, key=lambda row: row.ends_on)
        for own in by_pupil.values()
        if all(row.ends_on is not None and row.ends_on <= last_day for row in own)
        and not any(row.off_roll_on is not None and row.off_roll_on <= last_day for row in own)
    ]


def _of_schools(coming: Coming, rows: Iterable[sa.Row[Any]], what: str, do: str) -> Iterator[Finding]:
    by_school: Mapping[int, dict[str, None]] = defaultdict(dict)
    for row in rows:
        by_school[row.school_id][row.pupil_ref] = None
    for school_id, references in by_school.items():
        yield Finding(
            Severity.MEND,
            coming.schools[school_id].name,
            f"{what}: {spoken_list(references)}",
            do,
            frozenset({school_id}),
        )


def check_codes(transaction: Transaction, coming: Coming, reason_school_days: int) -> Iterator[Finding]:
    """Absences without an established reason (N) that are older than so many school days of their school."""
    for school in coming.schools.values():
        day = coming.calendars.school(school.id).school_days_before(coming.today, reason_school_days)
        if day is None:
            continue
        count = transaction.value(_COUNT_UNRESOLVED, school=school.id, before=midnight(day))
        if count:
            yield Finding(
                Severity.MEND,
                school.name,
                f"{count} {'absence' if count == 1 else 'absences'} without an established reason (N), "
                f"from before {spoken_date(day)}",
                "Establish the reason and decide the code, from the list of codes.",
                frozenset({school.id}),
            )


_COUNT_UNRESOLVED = Prepared(
    sa.select(sa.func.count()).where(
        entries.c.school_id == sa.bindparam("school"),
        entries.c.starts_at < sa.bindparam("before", type_=Instant),
        sa.literal_column(UNRESOLVED),
    )
)
