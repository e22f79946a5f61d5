"""Would every role of a school's steps reach somebody, on every day; and if not, who is told instead."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.concern import LATER
from apbot.domain.escalation import Policy
from apbot.domain.recipients import Holder
from apbot.domain.roles import SAFEGUARDING_ROLES, Role
from apbot.domain.walltime import spoken_date
from apbot.readiness.expected import Coming, spans
from apbot.readiness.model import Finding, Severity
from apbot.store.database import Transaction
from apbot.store.people import SchoolTeam, names_of
from apbot.store.prepared import Prepared
from apbot.store.signin import CHANNEL, people_signed_in
from apbot.store.tables import addresses, people, roles


@dataclass(frozen=True)
class _Facts:
    """What is looked up of the people once."""

    names: Mapping[int, str]
    left: Mapping[tuple[int, Role], Sequence[str]]
    """Who held a role at a school and has left, or leaves in the days that are checked: in words."""
    able: Mapping[int, frozenset[int]]
    """Who may acknowledge, by school."""


def check_staffing(transaction: Transaction, coming: Coming) -> Iterator[Finding]:
    """For each school that expects pupils: the roles that would not reach their own holder."""
    facts = _facts(transaction, coming)
    told: dict[int, set[int]] = defaultdict(set)
    for school_id, school in coming.schools.items():
        wanted = _roles(Policy.from_json(school.steps))
        gaps: dict[tuple[Role, str, tuple[int, ...]], list[date]] = defaultdict(list)
        days = coming.days_of_school(school_id)
        for day in days:
            team = coming.teams[day][school_id]
            told[school_id].update(team.choose(wanted).person_ids)
            for role in team.choose(wanted).stood_in_for:
                why = _why(team, role, facts, facts.left.get((school_id, role), ()))
                gaps[role, why, team.choose([role]).person_ids].append(day)
        alike: dict[tuple[str, tuple[int, ...], tuple[tuple[date, date], ...]], list[str]] = defaultdict(list)
        for (role, why, instead), on in gaps.items():
            alike[why, instead, spans(on, days)].append(role.value)
        for (why, instead, when), held in alike.items():
            yield _gap(school, held, why, instead, when, facts)
        yield from _unable(school, told[school_id], facts)
    yield from _not_signed_in(transaction, coming, told, facts)


def _roles(policy: Policy) -> tuple[Role, ...]:
    """Every role that is ever told: of an alert, and of a concern."""
    return tuple(dict.fromkeys([role for step in policy.steps for role in step.roles] + list(LATER)))


def _why(team: SchoolTeam, role: Role, facts: _Facts, left: Sequence[str]) -> str:
    held = team.holders.get(role, ())
    if not held:
        return "; ".join(("nobody holds the role", *left))
    return "; ".join(_why_not_reached(holder, facts.names) for holder in held)


def _why_not_reached(holder: Holder, names: Mapping[int, str]) -> str:
    name = names.get(holder.person_id, "somebody")
    if not holder.away:
        return f"{name} can't be reached by chat (never signed in, or the address was refused)"
    if holder.cover is None:
        return f"{name} is away and nobody stands in"
    stand_in = names.get(holder.cover.person_id, "somebody")
    trouble = "is away too" if holder.cover.away else "can't be reached by chat"
    return f"{name} is away, and {stand_in}, who stands in, {trouble}"


def _gap(
    school: sa.Row[Any],
    held: Sequence[str],
    why: str,
    instead: Sequence[int],
    when: tuple[tuple[date, date], ...],
    facts: _Facts,
) -> Finding:
    who = ", ".join(facts.names.get(person, "somebody") for person in instead)
    then = f"{who} would be told instead" if instead else "nobody at all would be told"
    return Finding(
        Severity.MEND if instead else Severity.MISSED,
        school.name,
        f"{', '.join(held)}: {why}; {then}",
        "Give the role to somebody who is there, have them sign in, or arrange cover with /ap cover.",
        frozenset({school.id}),
        when,
        stand_in_for=tuple(held) if instead else (),
    )


def _unable(school: sa.Row[Any], told: set[int], facts: _Facts) -> Iterator[Finding]:
    """Somebody who would be told and could do nothing about it."""
    for person in sorted(told - facts.able[school.id]):
        yield Finding(
            Severity.MEND,
            school.name,
            f"{facts.names.get(person, 'somebody')} would be told of alerts but may not acknowledge them",
            "Give them a role that may: attendance contact, DSL, deputy DSL, head, named lead or admin.",
            frozenset({school.id}),
        )


def _not_signed_in(
    transaction: Transaction, coming: Coming, told: Mapping[int, set[int]], facts: _Facts
) -> Iterator[Finding]:
    """Whoever is reached in the built-in chat alone sees a message only where they are signed in."""
    everybody = {person for people_told in told.values() for person in people_told}
    elsewhere = {row.person_id for row in transaction.rows(_REACHED_ELSEWHERE, people=list(everybody))}
    unseen = everybody - elsewhere - people_signed_in(transaction)
    for school_id, people_told in told.items():
        if names := sorted(facts.names.get(person, "somebody") for person in people_told & unseen):
            yield Finding(
                Severity.MEND,
                coming.schools[school_id].name,
                f"not signed in to the web chat on any device: {', '.join(names)}",
                "Have them open the chat; `apbot link` makes a new sign-in link.",
                frozenset({school_id}),
            )


def _facts(transaction: Transaction, coming: Coming) -> _Facts:
    rows = transaction.rows(_STAFF)
    left: dict[tuple[int, Role], list[str]] = defaultdict(list)
    able: dict[int, set[int]] = {school_id: set() for school_id in coming.schools}
    names = names_of(transaction, [row.id for row in rows])
    for row in rows:
        if row.leaves_on is not None and row.leaves_on < coming.days[-1] and row.school_id is not None:
            verb = "left" if row.leaves_on < coming.today else "leaves"
            left[row.school_id, Role(row.role)].append(f"{names[row.id]} {verb} on {spoken_date(row.leaves_on)}")
        if row.school_id is None and row.role == Role.ADMIN.value:
            for own in able.values():
                own.add(row.id)
        elif Role(row.role) in SAFEGUARDING_ROLES:
            able[row.school_id].add(row.id)
    return _Facts(names, left, {school_id: frozenset(own) for school_id, own in able.items()})


_STAFF = Prepared(
    sa.select(people.c.id, people.c.leaves_on, roles.c.role, roles.c.school_id)
    .join_from(people, roles)
    .where(roles.c.provider_id.is_(None))
    .order_by(roles.c.id)
)
_REACHED_ELSEWHERE = Prepared(
    sa.select(addresses.c.person_id).where(
        addresses.c.person_id.in_(sa.bindparam("people", expanding=True)),
        addresses.c.channel != CHANNEL,
        addresses.c.disabled_at.is_(None),
    )
)
