"""Would each provider's prompt reach somebody; are there term dates; is every session of a pattern ever asked about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.calendar import Calendar
from apbot.domain.roles import PROVIDER_ROLES, Role
from apbot.domain.timetable import WEEKDAYS, Hours, Pattern
from apbot.domain.walltime import spoken_date
from apbot.readiness.expected import Coming, spans
from apbot.readiness.model import Finding, Severity
from apbot.roster.records import spoken_list
from apbot.store.database import Transaction
from apbot.store.people import addresses_of_people, addresses_of_providers, load_provider_people

TERMS_AHEAD = timedelta(weeks=6)
"""Term dates have to reach so far, or it is time to enter the next."""


@dataclass(frozen=True)
class _Staff:
    """Who works at the providers on each day, by role, and which of them can be reached."""

    on: Mapping[tuple[date, Role], Mapping[int, Sequence[int]]]
    reachable: frozenset[int]

    def reached(self, provider_id: int, day: date, roles: Iterable[Role]) -> tuple[bool, bool]:
        """Whether anybody holds one of these roles there on `day`, and whether anybody who does can be reached."""
        people = [person for role in roles for person in self.on[day, role].get(provider_id, ())]
        return bool(people), not self.reachable.isdisjoint(people)


def check_providers(transaction: Transaction, coming: Coming) -> Iterator[Finding]:
    """For each provider that will be asked: whether anybody there would see it, and be nudged."""
    conversations = addresses_of_providers(transaction, coming.providers)
    staff = _load_staff(transaction, coming)
    for provider in coming.providers.values():
        days = coming.days_of_provider(provider.id)
        found: dict[tuple[Severity, str, str], list[date]] = defaultdict(list)
        for day in days:
            for problem in _problems(provider, staff, day, has_conversation=provider.id in conversations):
                found[problem].append(day)
        schools = coming.schools_of_provider(provider.id)
        for (severity, what, do), on in found.items():
            yield Finding(severity, provider.name, what, do, schools, spans(on, days))


def _load_staff(transaction: Transaction, coming: Coming) -> _Staff:
    on = {
        (day, role): load_provider_people(transaction, coming.asked[day], day, frozenset({role}))
        for day in coming.days
        for role in PROVIDER_ROLES
    }
    everybody = {person for held in on.values() for people in held.values() for person in people}
    return _Staff(on, frozenset(addresses_of_people(transaction, everybody)))


def _problems(
    provider: sa.Row[Any], staff: _Staff, day: date, *, has_conversation: bool
) -> Iterator[tuple[Severity, str, str]]:
    """What is wrong at one provider on one day: how bad, what, and what to do."""
    anybody, is_reached = staff.reached(provider.id, day, PROVIDER_ROLES)
    why = ""
    if not has_conversation:
        why = "it has no conversation in any chat"
    elif not anybody:
        why = "nobody works there"
    elif not is_reached:
        why = "nobody who works there has ever signed in"
    if why:
        what = f"the register prompt would reach nobody: {why}; every pupil would be escalated"
        yield Severity.MISSED, what, "Put its staff on the roster and send them sign-in links."
        return
    for role in (Role.NAMED_CONTACT, Role.DEPUTY_CONTACT):
        held, is_reached = staff.reached(provider.id, day, [role])
        if not is_reached:
            what = f"the {role.value} can't be reached by chat" if held else f"there is no {role.value}"
            yield Severity.MEND, what, "Name one on the roster and have them sign in: the two of them are nudged."
    if not provider.telephone:
        yield Severity.MEND, "no telephone number", "Enter it on the roster: an alert shows whom to ring."


def check_terms(coming: Coming) -> Iterator[Finding]:
    """Without term dates no register is ever made; a provider without its own follows its schools."""
    placed = {row.school_id for row in coming.running}
    for school in coming.schools.values():
        if school.id in placed:
            yield from _terms(school, coming.calendars.school(school.id), coming, frozenset({school.id}))
    for provider in coming.providers.values():
        schools = coming.schools_of_provider(provider.id)
        calendar = coming.calendars.provider(provider.id)
        if schools and calendar.terms:
            yield from _terms(provider, calendar, coming, schools)


def _terms(place: sa.Row[Any], calendar: Calendar, coming: Coming, schools: frozenset[int]) -> Iterator[Finding]:
    do = "Enter the next term dates on the roster."
    last = max((term.ends_on for term in calendar.terms), default=None)
    if last is None:
        what, severity = "there are no term dates: no register is ever made", Severity.MISSED
    elif last < coming.today:
        what, severity = f"the term dates ended on {spoken_date(last)}: no register is made", Severity.MISSED
    elif last <= coming.today + TERMS_AHEAD:
        what, severity = f"the term dates end on {spoken_date(last)}: from then on no register is made", Severity.MEND
    else:
        return
    yield Finding(severity, place.name, what, do, schools)


def check_patterns(coming: Coming) -> Iterator[Finding]:
    """A session that a placement expects and the provider has no times for is on no register at all."""
    never: dict[tuple[int, int], list[str]] = defaultdict(list)
    empty: dict[tuple[int, int], list[str]] = defaultdict(list)
    usual: dict[int, Hours] = {}
    for row in coming.running:
        key = (row.school_id, row.provider_id)
        pattern = Pattern.from_json(row.pattern)
        if row.provider_id not in usual:
            usual[row.provider_id] = Hours.from_json(coming.providers[row.provider_id].hours)
        hours = Hours.from_json(row.hours).over(usual[row.provider_id])
        lacking = [
            f"{WEEKDAYS[weekday].capitalize()} {session.value}"
            for weekday, session, _ in sorted(pattern.sessions)
            if hours.span(weekday, session) is None
        ]
        if lacking:
            never[key].append(f"{row.pupil_ref} ({', '.join(dict.fromkeys(lacking))})")
        elif not pattern.sessions:
            empty[key].append(row.pupil_ref)
    for (school_id, provider_id), found in never.items():
        yield _pattern_finding(
            coming, school_id, provider_id, found, "expected in sessions for which there are no times, so never asked"
        )
    for (school_id, provider_id), found in empty.items():
        yield _pattern_finding(coming, school_id, provider_id, found, "placed without any session, so never asked")


def _pattern_finding(coming: Coming, school_id: int, provider_id: int, found: Sequence[str], what: str) -> Finding:
    provider = coming.providers[provider_id].name
    return Finding(
        Severity.MISSED,
        coming.schools[school_id].name,
        f"{provider}: {what} about: {spoken_list(found)}",
        "Enter the provider's session times, or correct the pattern of the placement.",
        frozenset({school_id}),
    )
