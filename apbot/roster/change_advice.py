"""What is worth a look in a change: a reference passed on, a provider that should be a school, several providers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from apbot.domain.registration import Place, planned_end, warnings
from apbot.domain.timetable import Hours
from apbot.domain.walltime import spoken_date
from apbot.domain.weekload import days_a_week, hours_a_week
from apbot.domain.wholeweek import at_several
from apbot.roster.advice import parts_by_pupil
from apbot.roster.changes import Changes
from apbot.roster.directory import fold
from apbot.roster.records import Placement, Provider, Pupil, Records, spoken_list
from apbot.roster.refs import key


def advise_changes(changes: Changes, whole: Records, today: date) -> Iterator[str]:
    """Sentences about what is new or changed in `whole`, the roster as it will be."""
    yield from _passed_on(changes)
    yield from _registration(changes, whole, today)
    yield from _several_providers(changes, whole, today)


def _passed_on(changes: Changes) -> Iterator[str]:
    """A reference that may have been passed on to somebody or something else."""
    for pupil in changes.changed["pupils"]:
        if {"first_name", "last_name"} <= pupil.values.keys():
            yield _another("pupil", pupil.ref, pupil.values["first_name"])
    for person in changes.changed["people"]:
        if "name" in person.values and not _share_a_word(*person.values["name"]):
            yield _another("person", person.ref, person.values["name"])
    for placement in changes.changed["placements"]:
        ended, _ = placement.values.get("ends_on", (None, None))
        _, starts = placement.values.get("starts_on", (None, None))
        if ended is not None and starts is not None and starts > ended:
            yield (
                f"{placement.ref} ended on {spoken_date(ended)} and now starts on {spoken_date(starts)}: "
                "for a new placement write a Placement ref of its own, and the old one stays on record."
            )


def _another(what: str, ref: str, names: tuple[str, str]) -> str:
    return f"{ref} was {names[0]} and is now {names[1]}: if that is another {what}, give them a ref of their own."


def _share_a_word(before: str, after: str) -> bool:
    return bool({fold(word) for word in before.split()} & {fold(word) for word in after.split()})


def _registration(changes: Changes, whole: Records, today: date) -> Iterator[str]:
    """What guidance says of a provider that is not known to be a school, where it or who goes there has changed."""
    placed: Mapping[str, list[Placement]] = defaultdict(list)
    for each in whole.placements:
        placed[key(each.provider)].append(each)
    pupils = {key(pupil.ref): pupil for pupil in whole.pupils}
    touched_providers = _touched(changes, "providers")
    touched = _touched(changes, "placements")
    touched_pupils = _touched(changes, "pupils")
    for provider in whole.providers:
        there = placed[key(provider.ref)]
        is_new = key(provider.ref) in touched_providers or any(
            key(each.ref) in touched or key(each.pupil) in touched_pupils for each in there
        )
        if provider.registered or not is_new or (provider.registered is None and _is_school(there)):
            continue
        places = [_place(each, pupils[key(each.pupil)], provider, today) for each in there]
        for warned in warnings(provider.registered, places, today):
            yield f"{provider.ref}: {warned.what}: {spoken_list(sorted(warned.pupils))}. {warned.do}"


def _touched(changes: Changes, kind: str) -> set[str]:
    return {key(each.ref) for each in (*changes.added[kind], *changes.changed[kind])}


def _is_school(placements: list[Placement]) -> bool:
    """A provider on whose roll a pupil is too, such as a pupil referral unit, is a school."""
    return any(each.dual_registered for each in placements)


def _place(placement: Placement, pupil: Pupil, provider: Provider, today: date) -> Place:
    none = Hours()
    hours = provider.hours if placement.hours == none else placement.hours.over(provider.hours)
    return Place(
        pupil=placement.pupil,
        starts_on=placement.starts_on,
        last_on=planned_end(placement.ends_on, placement.target_end_on, pupil.ends_on, today),
        hours=hours_a_week(placement.pattern, hours),
        days=days_a_week(placement.pattern),
        ehc_plan=pupil.ehc_plan,
        looked_after=pupil.looked_after,
    )


def _several_providers(changes: Changes, whole: Records, today: date) -> Iterator[str]:
    """Each provider of a pupil should know the others."""
    new = {key(each.pupil) for each in changes.added["placements"]}
    moved = {
        key(each.ref)
        for each in changes.changed["placements"]
        if each.values.keys() & {"pupil", "provider", "starts_on", "ends_on"}
    }
    new |= {key(each.pupil) for each in whole.placements if key(each.ref) in moved}
    found = []
    for pupil, parts in parts_by_pupil(whole).items():
        going_on = [part for part in parts if part.ends_on is None or part.ends_on >= today]
        if pupil in new and (providers := at_several(going_on)):
            found.append(f"{going_on[0].pupil} ({', '.join(providers)})")
    if found:
        yield f"At several providers, each of which should know of the others: {spoken_list(found)}."
