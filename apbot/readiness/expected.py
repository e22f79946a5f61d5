"""What the coming days will expect, and the roster as the checks need it: read once, for all of them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.timetable import WEEKDAYS
from apbot.domain.walltime import local_date
from apbot.store.calendars import Calendars, load_calendars
from apbot.store.database import Transaction
from apbot.store.expected import work_out
from apbot.store.lasting import not_over
from apbot.store.people import SchoolTeam, load_teams
from apbot.store.prepared import Prepared
from apbot.store.tables import people, placements, providers, pupils, schools


@dataclass(frozen=True)
class Coming:
    """The days that are checked, who will be expected and asked on each, and who works there then."""

    days: Sequence[date]
    expecting: Mapping[date, frozenset[int]]
    """The schools of which a pupil is expected at a provider."""
    asked: Mapping[date, frozenset[int]]
    """The providers that will be asked for a register."""
    teams: Mapping[date, Mapping[int, SchoolTeam]]
    calendars: Calendars
    schools: Mapping[int, sa.Row[Any]]
    providers: Mapping[int, sa.Row[Any]]
    placements: Sequence[sa.Row[Any]]
    """Those of pupils on roll that run, are to begin, or ended in the last four weeks."""
    running: Sequence[sa.Row[Any]]
    """Those of them that are not over."""
    placing: Mapping[int, frozenset[int]]
    """The schools that have a pupil at each provider."""

    @property
    def today(self) -> date:
        """The day on which the check is made."""
        return self.days[0]

    def days_of_school(self, school_id: int) -> list[date]:
        """The days on which a pupil of this school is expected at a provider."""
        return [day for day in self.days if school_id in self.expecting[day]]

    def days_of_provider(self, provider_id: int) -> list[date]:
        """The days on which this provider will be asked for a register."""
        return [day for day in self.days if provider_id in self.asked[day]]

    def schools_of_provider(self, provider_id: int) -> frozenset[int]:
        """The schools that have a pupil there."""
        return self.placing.get(provider_id, frozenset())


def spans(days: Sequence[date], among: Sequence[date]) -> tuple[tuple[date, date], ...]:
    """`days` as spans, each the first and the last of days that follow each other `among` those that count."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and among.index(day) == among.index(found[-1][1]) + 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple(found)


LATELY = timedelta(days=28)


def look_ahead(transaction: Transaction, days: int) -> Coming:
    """Today and the next `days` days."""
    today = local_date(transaction.now)
    every_day = [today + timedelta(days=ahead) for ahead in range(days + 1)]
    calendars = load_calendars(transaction)
    placed = _placements(transaction, today)
    running = [row for row in placed if row.ends_on is None or row.ends_on >= today]
    placing: dict[int, set[int]] = defaultdict(set)
    for row in running:
        placing[row.provider_id].add(row.school_id)
    expected = {day: _expected(transaction, day, running, calendars) for day in every_day}
    expecting = {day: school_ids for day, (school_ids, _) in expected.items()}
    return Coming(
        days=every_day,
        expecting=expecting,
        asked={day: provider_ids for day, (_, provider_ids) in expected.items()},
        teams={day: load_teams(transaction, expecting[day], day) for day in every_day},
        calendars=calendars,
        schools={row.id: row for row in transaction.rows(_SCHOOLS)},
        providers={row.id: row for row in transaction.rows(_PROVIDERS)},
        placements=placed,
        running=running,
        placing={provider_id: frozenset(school_ids) for provider_id, school_ids in placing.items()},
    )


def _expected(
    transaction: Transaction, day: date, running: Sequence[sa.Row[Any]], calendars: Calendars
) -> tuple[frozenset[int], frozenset[int]]:
    """The schools and the providers of which somebody is expected on `day`.

    One pupil is enough to know it of a school and of a provider. So a few of each are worked out, then more of
    those that are still in doubt: on most days the first round settles all of a county.
    """
    weekday = WEEKDAYS[day.weekday()]
    teaching = {school for school, calendar in calendars.schools.items() if calendar.is_school_day(day)}
    left = [row for row in running if row.school_id in teaching and any(each[:3] == weekday for each in row.pattern)]
    found_schools: set[int] = set()
    found_providers: set[int] = set()
    size = 1
    while left:
        sample = _sample(left, size)
        wanted = work_out(transaction, day, sorted(sample), calendars)
        found_schools.update(each.school_id for each in wanted)
        found_providers.update(each.provider_id for each in wanted)
        left = [
            row
            for row in left
            if row.pupil_id not in sample
            and not (row.school_id in found_schools and row.provider_id in found_providers)
        ]
        size *= 10
    return frozenset(found_schools), frozenset(found_providers)


def _sample(rows: Sequence[sa.Row[Any]], size: int) -> set[int]:
    """So many pupils of each school, and of each provider."""
    of_school: Counter[int] = Counter()
    of_provider: Counter[int] = Counter()
    chosen = set()
    for row in rows:
        if of_school[row.school_id] < size or of_provider[row.provider_id] < size:
            chosen.add(row.pupil_id)
            of_school[row.school_id] += 1
            of_provider[row.provider_id] += 1
    return chosen


def _placements(transaction: Transaction, today: date) -> Sequence[sa.Row[Any]]:
    return transaction.rows(_PLACEMENTS, lately=today - LATELY, today=today)


_SCHOOLS = Prepared(sa.select(schools).order_by(schools.c.name))
_PROVIDERS = Prepared(sa.select(providers).order_by(providers.c.name))
_PLACEMENTS = Prepared(
    sa.select(
        placements,
        pupils.c.ref.label("pupil_ref"),
        pupils.c.school_id,
        pupils.c.ehc_plan,
        pupils.c.looked_after,
        pupils.c.ends_on.label("off_roll_on"),
        people.c.leaves_on.label("key_worker_leaves_on"),
    )
    .select_from(placements)
    .join(pupils, pupils.c.id == placements.c.pupil_id)
    .outerjoin(people, people.c.id == placements.c.key_worker_id)
    .where(
        not_over(placements, sa.bindparam("lately", type_=sa.Date)),
        not_over(pupils, sa.bindparam("today", type_=sa.Date)),
    )
    .order_by(pupils.c.ref, placements.c.id)
)
