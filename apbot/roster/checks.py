"""What must hold in a roster beyond the single cell: references that exist, dates in order, sessions with times."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from apbot.domain.codes import PROVIDER_ACTIVITIES
from apbot.domain.roles import PROVIDER_ROLES, Role
from apbot.domain.timetable import Hours, Pattern
from apbot.domain.walltime import spoken_date
from apbot.roster.columns import PLACES, Sheet
from apbot.roster.directory import Directory, fold
from apbot.roster.documents_sheet import DOCUMENTS
from apbot.roster.hours import runs, session_named
from apbot.roster.placement_sheet import PLACEMENTS, WEEKDAY_KEYS
from apbot.roster.placing import SEES_PUPILS
from apbot.roster.problems import Problem
from apbot.roster.records import (
    ARRANGED_BY,
    Person,
    Placement,
    PlaceTerm,
    ProviderDocument,
    Pupil,
    Records,
)
from apbot.roster.refs import key
from apbot.roster.sheets import CLOSURES, PEOPLE, PROVIDERS, SCHOOLS, TERMS

LONGEST_REF_PART = 3
"""A name of so many letters or more must not stand in a pupil's reference."""


def check(whole: Records) -> list[Problem]:
    """Everything that is wrong in the roster as it would be; see `merged`."""
    directory = Directory()
    directory.add_all(whole)
    hours = {key(each.ref): each.hours for each in whole.providers}
    found = [
        *_shared_refs(whole),
        *(wrong for each in whole.people for wrong in _person(each, directory)),
        *(wrong for each in whole.pupils for wrong in _pupil(each, directory)),
        *(wrong for each in whole.placements for wrong in _placement(each, directory, hours)),
        *_key_workers(whole),
        *_calendar(whole, directory),
        *(wrong for each in whole.documents for wrong in _document(each, directory)),
    ]
    return list(dict.fromkeys(found))  # a person's row with three roles has one unknown organisation


def problem(sheet: Sheet, column: str, row: int | None, ref: str, value: object, wrong: str, expected: str) -> Problem:
    """A problem with a record; one that has no row is named by its reference."""
    place = sheet.title if row is not None else f"{sheet.title} {ref}"
    return Problem(place, row, sheet.heading(column), str(value), wrong, expected)


def repeated(records: Records) -> list[Problem]:
    """References that stand for two records of one kind: possible only in records that no file was read for."""
    found = []
    kinds: tuple[tuple[Sheet, str, Sequence[str]], ...] = (
        (SCHOOLS, "ref", [each.ref for each in records.schools]),
        (PEOPLE, "ref", [each.ref for each in records.people]),
        (PROVIDERS, "ref", [each.ref for each in records.providers]),
        (PLACEMENTS, "pupil", [each.ref for each in records.pupils]),
        (PLACEMENTS, "ref", [each.ref for each in records.placements]),
        (DOCUMENTS, "kind", [each.ref for each in records.documents]),
    )
    for sheet, column, refs in kinds:
        seen: set[str] = set()
        for ref in refs:
            if key(ref) in seen:
                found.append(problem(sheet, column, None, ref, ref, "stands for two records", "give each its own"))
            seen.add(key(ref))
    return found


def _shared_refs(whole: Records) -> Iterator[Problem]:
    schools = {key(each.ref) for each in whole.schools}
    for each in whole.providers:
        if key(each.ref) in schools:
            yield problem(
                PROVIDERS, "ref", each.row, each.ref, each.ref, "is a school's ref too", "give the provider another"
            )


def _person(person: Person, directory: Directory) -> Iterator[Problem]:
    for post in sorted(person.posts):
        row = post.row
        if not post.organisation:
            if post.role is not Role.ADMIN:
                wrong = f"is missing for a {post.role}"
                yield problem(PEOPLE, "organisation", row, person.ref, "", wrong, "write a School ref or Provider ref")
            continue
        unknown = directory.unknown(PLACES, post.organisation)
        if unknown:
            yield problem(PEOPLE, "organisation", row, person.ref, post.organisation, *unknown)
        elif (post.role in PROVIDER_ROLES) != (directory["providers"].find(post.organisation) is not None):
            wrong = f"is not held at {post.organisation}"
            right = "named contact, deputy contact and provider staff are at providers, all others at schools"
            yield problem(PEOPLE, "roles", row, person.ref, post.role.value, wrong, right)
    dates = ("starts_on", person.starts_on, "leaves_on", person.leaves_on)
    yield from _in_order(PEOPLE, person.row, person.ref, *dates)


def _in_order(
    sheet: Sheet, row: int | None, ref: str, first: str, starts: date | None, last: str, ends: date | None
) -> Iterator[Problem]:
    if starts is not None and ends is not None and ends < starts:
        wrong = f"is before {sheet.heading(first)} ({spoken_date(starts)})"
        yield problem(sheet, last, row, ref, spoken_date(ends), wrong, "check both dates")


def _pupil(pupil: Pupil, directory: Directory) -> Iterator[Problem]:
    unknown = directory.unknown("schools", pupil.school)
    if unknown:
        yield problem(PLACEMENTS, "school", pupil.row, pupil.ref, pupil.school, *unknown)
    letters = fold(pupil.ref)
    for name in (pupil.first_name, pupil.last_name):
        if len(fold(name)) >= LONGEST_REF_PART and fold(name) in letters:
            wrong = "shows the pupil's name"
            right = "the chat shows it to everybody: write one that does not, such as CD34"
            yield problem(PLACEMENTS, "pupil", pupil.row, pupil.ref, pupil.ref, wrong, right)
            return


def _placement(placement: Placement, directory: Directory, hours: dict[str, Hours]) -> Iterator[Problem]:
    def wrong(column: str, value: object, what: str, right: str) -> Problem:
        return problem(PLACEMENTS, column, placement.row, placement.ref, value, what, right)

    if unknown := directory.unknown("pupils", placement.pupil):
        yield wrong("pupil", placement.pupil, *unknown)
    if unknown := directory.unknown("providers", placement.provider):
        yield wrong("provider", placement.provider, *unknown)
    if placement.key_worker and (unknown := directory.unknown("people", placement.key_worker)):
        yield wrong("key_worker", placement.key_worker, *unknown)
    for last in ("ends_on", "target_end_on"):
        ends = getattr(placement, last)
        yield from _in_order(PLACEMENTS, placement.row, placement.ref, "starts_on", placement.starts_on, last, ends)
    if placement.arranged_by not in ARRANGED_BY:
        yield wrong("arranged_by", placement.arranged_by, "is not understood", f"write {' or '.join(ARRANGED_BY)}")
    if placement.activity_code not in PROVIDER_ACTIVITIES:
        yield wrong("activity_code", placement.activity_code, "is no such code", "write B, P, W or V")
    there = hours.get(key(placement.provider))
    if there is not None:
        yield from _sessions(placement.pattern, placement.hours, there, placement.provider, wrong)


def _document(document: ProviderDocument, directory: Directory) -> Iterator[Problem]:
    if unknown := directory.unknown("providers", document.provider):
        yield problem(DOCUMENTS, "provider", document.row, document.ref, document.provider, *unknown)
    dates = ("dated_on", document.dated_on, "expires_on", document.expires_on)
    yield from _in_order(DOCUMENTS, document.row, document.ref, *dates)


def _key_workers(whole: Records) -> Iterator[Problem]:
    """Who is not of the pupil's school must not be told of the pupil."""
    schools = {key(pupil.ref): pupil.school for pupil in whole.pupils}
    people = {key(person.ref): person for person in whole.people}
    for each in whole.placements:
        person, school = people.get(key(each.key_worker)), schools.get(key(each.pupil))
        if person is None or school is None or _may_be_key_worker(person, school):
            continue
        wrong = f"is no key worker at {school}, the pupil's school"
        right = f"write one who is, or give {person.ref} a row at {school} with the role key worker"
        yield problem(PLACEMENTS, "key_worker", each.row, each.ref, each.key_worker, wrong, right)


def _may_be_key_worker(person: Person, school: str) -> bool:
    return any(
        (post.role is Role.ADMIN and not post.organisation)
        or (key(post.organisation) == key(school) and post.role in SEES_PUPILS)
        for post in person.posts
    )


def _sessions(
    pattern: Pattern, own: Hours, there: Hours, provider: str, wrong: Callable[[str, object, str, str], Problem]
) -> Iterator[Problem]:
    if not pattern.sessions:
        yield wrong("monday", "", "no session is expected on any day", "write am, pm or all day under at least one")
    for weekday, session in sorted({(weekday, session) for weekday, session, _ in pattern.sessions}):
        if weekday >= len(WEEKDAY_KEYS):
            yield wrong("friday", "", "a session is expected at the weekend", "sessions run from Monday to Friday")
        elif not runs(own, there, weekday, session):
            what = f"there is no {session_named(weekday, session)} at {provider}"
            right = f"give {provider} its {session} times in the sheet Providers, or leave that session out here"
            yield wrong(WEEKDAY_KEYS[weekday], session.value, what, right)


def _calendar(whole: Records, directory: Directory) -> Iterator[Problem]:
    by_place: dict[str, list[PlaceTerm]] = defaultdict(list)
    for each in whole.terms:
        if unknown := directory.unknown(PLACES, each.place):
            yield problem(TERMS, "place", each.row, each.term.name, each.place, *unknown)
        dates = ("starts_on", each.term.starts_on, "ends_on", each.term.ends_on)
        yield from _in_order(TERMS, each.row, f"{each.place} {each.term.name}", *dates)
        by_place[key(each.place)].append(each)
    for terms in by_place.values():
        yield from _overlaps(terms)
    for closed in whole.closures:
        if unknown := directory.unknown(PLACES, closed.place):
            yield problem(CLOSURES, "place", closed.row, closed.closure.kind, closed.place, *unknown)
        dates = ("starts_on", closed.closure.starts_on, "ends_on", closed.closure.ends_on)
        yield from _in_order(CLOSURES, closed.row, f"{closed.place} {closed.closure.kind}", *dates)


def _overlaps(terms: Iterable[PlaceTerm]) -> Iterator[Problem]:
    ordered = sorted(terms, key=lambda each: (each.term.starts_on, each.term.ends_on))
    for before, after in pairwise(ordered):
        if after.term.starts_on <= before.term.ends_on:
            other = f"row {before.row}" if before.row else f"{before.term.name}"
            wrong = f"is within {other} of the same place, which ends on {spoken_date(before.term.ends_on)}"
            right = "each row is one half term: check the dates"
            starts = spoken_date(after.term.starts_on)
            yield problem(TERMS, "starts_on", after.row, f"{after.place} {after.term.name}", starts, wrong, right)
