"""Records laid out as the rows of the sheets: what `load` reads again as the same records."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import Any

from apbot.domain.calendar import ALL_DAY
from apbot.domain.rhythm import Rhythms
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours
from apbot.roster.columns import Sheet
from apbot.roster.duty_columns import RHYTHM_KEYS
from apbot.roster.hours import placement_cells, provider_cells
from apbot.roster.placement_sheet import WEEKDAY_KEYS
from apbot.roster.records import (
    ALERT_MINUTES,
    SCHOOL,
    Person,
    PlaceClosure,
    Placement,
    PlaceTerm,
    Provider,
    ProviderDocument,
    Pupil,
    Records,
    School,
)
from apbot.roster.refs import key
from apbot.roster.sheets import ALL
from apbot.roster.vocabulary import spell_roles
from apbot.roster.weeks import spell_sessions

Cell = str | int | date | time | None
Laid = Mapping[str, Any]
"""The cells of one row that are not empty, by the key of their column."""


def laid_out(records: Records) -> dict[str, list[list[Cell]]]:
    """The rows of each sheet, by its key, with a cell for each of its columns."""
    pupils = {key(pupil.ref): pupil for pupil in records.pupils}
    hours = {key(provider.ref): provider.hours for provider in records.providers}
    rows: dict[str, Iterable[Laid]] = {
        "schools": map(_school, records.schools),
        "people": (row for person in records.people for row in _person(person)),
        "providers": map(_provider, records.providers),
        "placements": _placements(records, pupils, hours),
        "terms": map(_term, records.terms),
        "closures": map(_closure, records.closures),
        "documents": map(_document, records.documents),
    }
    return {sheet.key: [cells_of(sheet, row) for row in rows[sheet.key]] for sheet in ALL}


def cells_of(sheet: Sheet, row: Laid) -> list[Cell]:
    """The row's cells in the order of the columns; what says nothing is left empty."""
    return [None if row.get(column.key) == "" else row.get(column.key) for column in sheet.columns]


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _school(school: School) -> Laid:
    row: dict[str, Any] = {
        "ref": school.ref,
        "name": school.name,
        "telephone": school.telephone,
        "initials_in_chat": _yes_no(school.initials_in_chat),
        **_rhythms(school.rhythms),
    }
    if school.policy is not None and len(school.policy.steps) == 3:
        _, second, third = school.policy.steps
        row |= {"second_after": second.after_minutes, "third_after": third.after_minutes}
        row["then_every"] = school.policy.every_minutes
    return row


def _rhythms(rhythms: Rhythms) -> dict[str, Any]:
    said = {column: getattr(rhythms, what) for what, column in RHYTHM_KEYS.items()}
    return {column: every.value for column, every in said.items() if every is not None}


def _person(person: Person) -> Iterator[Laid]:
    """A row for each organisation; one without any, for somebody who has no role."""
    held: dict[str, set[Role]] = defaultdict(set)
    for post in person.posts:
        held[post.organisation].add(post.role)
    for organisation, roles in sorted(held.items()) or [("", set())]:
        yield {
            "ref": person.ref,
            "name": person.name,
            "organisation": organisation,
            "roles": spell_roles(frozenset(roles)),
            "email": person.email,
            "mobile": person.mobile,
            "starts_on": person.starts_on,
            "leaves_on": person.leaves_on,
        }


def _provider(provider: Provider) -> Laid:
    return {
        "ref": provider.ref,
        "name": provider.name,
        "telephone": provider.telephone,
        "address": provider.address,
        "registration": provider.registration,
        "registered": None if provider.registered is None else _yes_no(provider.registered),
        "registration_checked_on": provider.registration_checked_on,
        "activity": provider.activity,
        **provider_cells(provider.hours),
    }


def _placements(records: Records, pupils: Mapping[str, Pupil], hours: Mapping[str, Hours]) -> Iterator[Laid]:
    placed = set()
    for placement in records.placements:
        placed.add(key(placement.pupil))
        pupil = pupils.get(key(placement.pupil))
        there = hours.get(key(placement.provider), Hours())
        yield {**(_pupil(pupil) if pupil is not None else {}), **_placement(placement, there)}
    for pupil in records.pupils:
        if key(pupil.ref) not in placed:
            yield _pupil(pupil)


def _pupil(pupil: Pupil) -> Laid:
    return {
        "pupil": pupil.ref,
        "first_name": pupil.first_name,
        "last_name": pupil.last_name,
        "school": pupil.school,
        "upn": pupil.upn,
        "year_group": pupil.year_group,
        "social_worker": _yes_no(pupil.social_worker),
        "ehc_plan": _yes_no(pupil.ehc_plan),
        "looked_after": _yes_no(pupil.looked_after),
        "pupil_ends_on": pupil.ends_on,
    }


def _placement(placement: Placement, there: Hours) -> Laid:
    days = {
        name: spell_sessions((session, week) for at, session, week in placement.pattern.sessions if at == weekday)
        for weekday, name in enumerate(WEEKDAY_KEYS)
    }
    return {
        "ref": placement.ref,
        "pupil": placement.pupil,
        "provider": placement.provider,
        "starts_on": placement.starts_on,
        "ends_on": placement.ends_on,
        "target_end_on": placement.target_end_on,
        **days,
        **placement_cells(placement.hours, there),
        "alert_minutes": placement.alert_minutes if placement.alert_minutes != ALERT_MINUTES else None,
        "arranged_by": placement.arranged_by if placement.arranged_by != SCHOOL else None,
        "dual_registered": "yes" if placement.dual_registered else None,
        "activity": placement.activity,
        "activity_code": placement.activity_code if placement.activity_code != "B" else None,
        "transport": placement.transport,
        "calls_home": placement.calls_home,
        "key_worker": placement.key_worker,
        "referred_on": placement.referred_on,
        "authorised_by": placement.authorised_by,
        "agreement_on": placement.agreement_on,
        "aims": placement.aims,
        "risk_shared_on": placement.risk_shared_on,
        "dsl_details_on": placement.dsl_details_on,
        "review_dates": "; ".join(f"{each:%d/%m/%Y}" for each in placement.review_dates),
        "meals": placement.meals,
        "rest_of_week": placement.rest_of_week,
        **_rhythms(placement.rhythms),
    }


def _document(document: ProviderDocument) -> Laid:
    return vars(document)


def _term(each: PlaceTerm) -> Laid:
    return {"place": each.place, **vars(each.term)}


def _closure(each: PlaceClosure) -> Laid:
    cells = vars(each.closure)
    one_day = each.closure.starts_on == each.closure.ends_on
    return {
        "place": each.place,
        **cells,
        "ends_on": None if one_day else each.closure.ends_on,
        "sessions": None if each.closure.sessions == ALL_DAY else each.closure.sessions,
    }
