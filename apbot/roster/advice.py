"""What is no mistake but is worth a look: somebody nobody would reach, a term as long as two, a pupil due twice."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations

from apbot.domain.marks import Session
from apbot.domain.roles import PROVIDER_ROLES, Role
from apbot.domain.timetable import EVERY_WEEK, Pattern
from apbot.domain.walltime import spoken_date
from apbot.roster.changes import Changes
from apbot.roster.directory import fold
from apbot.roster.hours import session_named
from apbot.roster.records import SCHOOL, PlaceClosure, Placement, PlaceTerm, Records, spoken_list
from apbot.roster.refs import key
from apbot.roster.vocabulary import UPN_SHAPE

LONGEST_HALF_TERM = 10
"""In weeks. A longer row is a whole term, and its half-term holiday would be taken for school days."""

SHORTEST_BREAK = 4
"""In days. A closure of so many days within a term is its half-term holiday."""

LONGEST_CLOSURE = 21
"""In days. A longer closure may be a year typed wrongly; nobody is asked about a pupil while it lasts."""


def advise(given: Records, whole: Records) -> list[str]:
    """Sentences about what was given, seen in the roster as it will be."""
    return [
        *_schools(given, whole),
        *_providers(given, whole),
        *_people(given),
        *_pupils(given),
        *_placements(given, whole),
        *_twice(given, whole),
        *_calendar(given),
    ]


def advise_changes(changes: Changes) -> Iterator[str]:
    """Sentences about changes that may be a reference passed on to somebody or something else."""
    for pupil in changes.changed["pupils"]:
        if {"first_name", "last_name"} <= pupil.values.keys():
            yield _passed_on("pupil", pupil.ref, pupil.values["first_name"])
    for person in changes.changed["people"]:
        if "name" in person.values and not _share_a_word(*person.values["name"]):
            yield _passed_on("person", person.ref, person.values["name"])
    for placement in changes.changed["placements"]:
        ended, _ = placement.values.get("ends_on", (None, None))
        _, starts = placement.values.get("starts_on", (None, None))
        if ended is not None and starts is not None and starts > ended:
            yield (
                f"{placement.ref} ended on {spoken_date(ended)} and now starts on {spoken_date(starts)}: "
                "for a new placement write a Placement ref of its own, and the old one stays on record."
            )


def _passed_on(what: str, ref: str, names: tuple[str, str]) -> str:
    return f"{ref} was {names[0]} and is now {names[1]}: if that is another {what}, give them a ref of their own."


def _share_a_word(before: str, after: str) -> bool:
    return bool({fold(word) for word in before.split()} & {fold(word) for word in after.split()})


def _held(whole: Records) -> dict[tuple[str, Role], int]:
    held: dict[tuple[str, Role], int] = defaultdict(int)
    for person in whole.people:
        for post in person.posts:
            held[key(post.organisation), post.role] += 1
    return held


def _schools(given: Records, whole: Records) -> Iterator[str]:
    held = _held(whole)
    with_terms = {key(each.place) for each in whole.terms}
    for school in given.schools:
        for role, means in (
            (Role.DSL, "no DSL: nobody is told of a non-arrival first"),
            (Role.ATTENDANCE_CONTACT, "no attendance contact: the DSL alone is told of a non-arrival first"),
        ):
            if not held[key(school.ref), role]:
                yield f"School {school.ref} has {means}."
        if key(school.ref) not in with_terms:
            yield f"School {school.ref} has no term dates: no register is opened for its pupils."


def _providers(given: Records, whole: Records) -> Iterator[str]:
    held = _held(whole)
    for provider in given.providers:
        contacts = sum(held[key(provider.ref), role] for role in PROVIDER_ROLES)
        if not contacts:
            yield f"Provider {provider.ref} has no named contact: nobody is asked for its registers."
        if provider.hours.usual == {} and provider.hours.on == {}:
            yield f"Provider {provider.ref} has no session times."


def _people(given: Records) -> Iterator[str]:
    without = [person.ref for person in given.people if not person.posts]
    if without:
        yield f"Without a role, and so without access: {spoken_list(without)}."


def _pupils(given: Records) -> Iterator[str]:
    odd = [pupil.ref for pupil in given.pupils if pupil.upn and not UPN_SHAPE.fullmatch(pupil.upn)]
    if odd:
        yield f"The UPN does not look like one (a letter and 12 digits) for {spoken_list(odd)}."
    bare = [pupil.ref for pupil in given.pupils if pupil.ref.isdecimal()]
    if bare:
        yield f"Pupil refs with a letter are harder to take for a time or a count in the chat than {spoken_list(bare)}."


def _placements(given: Records, whole: Records) -> Iterator[str]:
    activities = {key(provider.ref): provider.activity for provider in whole.providers}
    pupils = {key(pupil.ref): pupil for pupil in whole.pupils}
    nameless, idle, after = [], [], []
    for each in given.placements:
        pupil = pupils.get(key(each.pupil))
        codes_b = each.activity_code == "B" and each.arranged_by == SCHOOL and not each.dual_registered
        if codes_b and not each.activity and not activities.get(key(each.provider)):
            nameless.append(each.ref)
        idle += [
            f"{session_named(*there)} ({each.ref})" for there in sorted(each.hours.on) if not _expects(each, *there)
        ]
        if pupil is not None and pupil.ends_on is not None and pupil.ends_on < (each.ends_on or date.max):
            after.append(each.ref)
    if nameless:
        yield f"Code B must record the nature of the activity, and nothing says what it is for {spoken_list(nameless)}."
    if idle:
        yield f"Other times are given for sessions that are not expected: {spoken_list(idle)}."
    if after:
        yield f"The pupil leaves the school before the placement ends: {spoken_list(after)}."


def _expects(placement: Placement, weekday: int, session: Session) -> bool:
    return any((at, part) == (weekday, session) for at, part, _ in placement.pattern.sessions)


def _twice(given: Records, whole: Records) -> Iterator[str]:
    """Pupils expected at two places at once."""
    by_pupil: dict[str, list[Placement]] = defaultdict(list)
    for each in whole.placements:
        by_pupil[key(each.pupil)].append(each)
    for pupil in {key(each.pupil): None for each in given.placements}:
        for one, other in combinations(by_pupil[pupil], 2):
            if one.starts_on <= (other.ends_on or date.max) and other.starts_on <= (one.ends_on or date.max):
                clash = _clash(one.pattern, other.pattern)
                if clash is not None:
                    yield f"{one.pupil} is expected twice on {session_named(*clash)}: by {one.ref} and by {other.ref}."


def _clash(one: Pattern, other: Pattern) -> tuple[int, Session] | None:
    for weekday, session, week in sorted(one.sessions):
        weeks = ("A", "B", EVERY_WEEK) if week == EVERY_WEEK else (week, EVERY_WEEK)
        if any((weekday, session, each) in other.sessions for each in weeks):
            return weekday, session
    return None


def _calendar(given: Records) -> Iterator[str]:
    for each in given.terms:
        weeks = ((each.term.ends_on - each.term.starts_on).days + 1) / 7
        if weeks > LONGEST_HALF_TERM and not any(_is_break_in(closed, each) for closed in given.closures):
            yield (
                f"{each.term.name} of {each.place} is {weeks:.0f} weeks long: is the half-term holiday in it? "
                "Give each half term a row of its own."
            )
    for closed in given.closures:
        closure = closed.closure
        if (closure.ends_on - closure.starts_on).days >= LONGEST_CLOSURE:
            yield (
                f"{closed.place} is closed from {spoken_date(closure.starts_on)} to {spoken_date(closure.ends_on)}: "
                "no register is opened for all that time."
            )


def _is_break_in(closed: PlaceClosure, term: PlaceTerm) -> bool:
    """Whether the closure is the half-term holiday of a term that was written as one row."""
    closure = closed.closure
    return (
        key(closed.place) == key(term.place)
        and (closure.ends_on - closure.starts_on).days + 1 >= SHORTEST_BREAK
        and term.term.starts_on <= closure.starts_on
        and closure.ends_on <= term.term.ends_on
    )
