"""What is no mistake but is worth a look: somebody nobody would reach, a term as long as two, a pupil due twice."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from apbot.domain.marks import Session
from apbot.domain.roles import PROVIDER_ROLES, Role
from apbot.domain.walltime import spoken_date
from apbot.domain.wholeweek import Part, clashes
from apbot.roster.documents_sheet import is_known
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
        *_documents(given),
    ]


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
    nameless, idle, after, named = [], [], [], []
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
        if pupil is not None and _words(each.transport, each.calls_home) & _words(pupil.first_name, pupil.last_name):
            named.append(each.ref)
    if nameless:
        yield f"Code B must record the nature of the activity, and nothing says what it is for {spoken_list(nameless)}."
    if idle:
        yield f"Other times are given for sessions that are not expected: {spoken_list(idle)}."
    if after:
        yield f"The pupil leaves the school before the placement ends: {spoken_list(after)}."
    if named:
        yield f"Transport and Who calls home stand in alerts, and a name of the pupil in them: {spoken_list(named)}."


def _words(*texts: str) -> set[str]:
    return set(re.findall(r"\w{3,}", " ".join(texts).casefold()))


def _expects(placement: Placement, weekday: int, session: Session) -> bool:
    return any((at, part) == (weekday, session) for at, part, _ in placement.pattern.sessions)


def _twice(given: Records, whole: Records) -> Iterator[str]:
    """Pupils expected at two places at once."""
    by_pupil = parts_by_pupil(whole)
    for pupil in {key(each.pupil): None for each in given.placements}:
        for one, other, slot in clashes(by_pupil[pupil]):
            yield f"{one.pupil} is expected twice on {session_named(*slot)}: by {one.ref} and by {other.ref}."


def parts_by_pupil(whole: Records) -> dict[str, list[Part]]:
    """The placements of each pupil, by the key of the pupil's reference."""
    found: dict[str, list[Part]] = defaultdict(list)
    for each in whole.placements:
        found[key(each.pupil)].append(
            Part(
                pupil=each.pupil,
                ref=each.ref,
                provider=each.provider,
                pattern=each.pattern,
                starts_on=each.starts_on,
                ends_on=each.ends_on,
                reason=each.rest_of_week,
            )
        )
    return found


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


def _documents(given: Records) -> Iterator[str]:
    """Names that may have been meant for one of the list, which the start gate would then not find."""
    odd = dict.fromkeys(each.kind for each in given.documents if not is_known(each.kind))
    if odd:
        yield (
            f"These documents are none of the usual ones, and are kept as they are named: {spoken_list(odd)}. "
            "Without an Expires on nobody is reminded of them."
        )
