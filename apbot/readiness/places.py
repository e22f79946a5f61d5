"""Would each provider's prompt reach somebody; are there term dates; is every session of a pattern ever asked about."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.calendar import Calendar
from apbot.domain.roles import Role
from apbot.domain.timetable import WEEKDAYS, Hours, Pattern
from apbot.domain.walltime import spoken_date
from apbot.readiness.expected import Coming, spans
from apbot.readiness.model import Finding, Severity
from apbot.roster.records import spoken_list
from apbot.store.database import Transaction
from apbot.store.people import addresses_of_people, addresses_of_providers, load_provider_people

TERMS_AHEAD = timedelta(weeks=6)
"""Term dates have to reach so far, or it is time to enter the next."""

CONTACTS = frozenset({Role.NAMED_CONTACT, Role.DEPUTY_CONTACT})


def check_providers(transaction: Transaction, coming: Coming) -> Iterator[Finding]:
    """For each provider that will be asked: whether anybody there would see it."""
    conversations = addresses_of_providers(transaction, coming.providers)
    for provider in coming.providers.values():
        days = coming.days_of_provider(provider.id)
        if not days:
            continue
        schools = coming.schools_of_provider(provider.id)
        staff = load_provider_people(transaction, [provider.id], days[0]).get(provider.id, [])
        reachable = addresses_of_people(transaction, staff)
        why = ""
        if provider.id not in conversations:
            why = "it has no conversation in any chat"
        elif not staff:
            why = "nobody works there"
        elif not reachable:
            why = "nobody who works there has ever signed in"
        if why:
            yield Finding(
                Severity.MISSED,
                provider.name,
                f"the register prompt would reach nobody: {why}; every pupil would be escalated",
                "Put its staff on the roster and send them sign-in links.",
                schools,
                spans(days, days),
            )
            continue
        yield from _contacts(transaction, provider, coming, schools)


def _contacts(
    transaction: Transaction, provider: sa.Row[Any], coming: Coming, schools: frozenset[int]
) -> Iterator[Finding]:
    """The nudge goes to the named contact and the deputy: each should be there, and reachable."""
    day = coming.days_of_provider(provider.id)[0]
    by_role = {role: load_provider_people(transaction, [provider.id], day, frozenset({role})) for role in CONTACTS}
    for role in sorted(CONTACTS):
        people = by_role[role].get(provider.id, [])
        if not people:
            what = f"there is no {role.value}"
        elif not addresses_of_people(transaction, people):
            what = f"the {role.value} can't be reached by chat"
        else:
            continue
        do = "Name one on the roster and have them sign in: the nudge goes to the named contact and the deputy."
        yield Finding(Severity.MEND, provider.name, what, do, schools)
    if not provider.telephone:
        yield Finding(
            Severity.MEND,
            provider.name,
            "no telephone number",
            "Enter it on the roster: an alert shows whom to ring.",
            schools,
        )


def check_terms(coming: Coming) -> Iterator[Finding]:
    """Without term dates no register is ever made; a provider without its own follows its schools."""
    placed = {row.school_id for row in coming.running()}
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
    for row in coming.running():
        key = (row.school_id, row.provider_id)
        pattern = Pattern.from_json(row.pattern)
        hours = Hours.from_json(row.hours).over(Hours.from_json(coming.providers[row.provider_id].hours))
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
