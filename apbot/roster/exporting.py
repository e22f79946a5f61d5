"""The roster as it is stored, as records."""

from collections import defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.calendar import Closure, Term
from apbot.domain.escalation import Policy
from apbot.domain.rhythm import Rhythms
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern
from apbot.roster.records import (
    Person,
    PlaceClosure,
    Placement,
    PlaceTerm,
    Post,
    Provider,
    ProviderDocument,
    Pupil,
    Records,
    School,
)
from apbot.store.database import Transaction
from apbot.store.roster import all_rows
from apbot.store.tables import closures, documents, people, placements, providers, pupils, roles, schools, terms


def export(transaction: Transaction) -> Records:
    """Everything that the workbook holds, with who is where by reference."""
    school_rows, provider_rows = all_rows(transaction, schools), all_rows(transaction, providers)
    people_rows, pupil_rows = all_rows(transaction, people), all_rows(transaction, pupils)
    refs = Refs(school_rows, provider_rows)
    person_refs = {row.id: row.ref for row in people_rows}
    pupil_refs = {row.id: row.ref for row in pupil_rows}
    posts: dict[int, set[Post]] = defaultdict(set)
    for row in all_rows(transaction, roles):
        posts[row.person_id].add(Post(refs.place(row), Role(row.role)))
    return Records(
        schools=tuple(_school(row) for row in school_rows),
        people=tuple(_person(row, frozenset(posts[row.id])) for row in people_rows),
        providers=tuple(_provider(row) for row in provider_rows),
        pupils=tuple(_pupil(row, refs.schools[row.school_id]) for row in pupil_rows),
        placements=tuple(
            _placement(
                row,
                pupil_refs[row.pupil_id],
                refs.providers[row.provider_id],
                person_refs.get(row.key_worker_id, ""),
            )
            for row in all_rows(transaction, placements)
        ),
        terms=tuple(PlaceTerm(refs.place(row), term_of(row)) for row in all_rows(transaction, terms)),
        closures=tuple(PlaceClosure(refs.place(row), closure_of(row)) for row in all_rows(transaction, closures)),
        documents=tuple(
            ProviderDocument(refs.providers[row.provider_id], row.kind, row.about, row.dated_on, row.expires_on)
            for row in all_rows(transaction, documents)
        ),
    )


class Refs:
    """The references of schools and providers, by id."""

    def __init__(self, school_rows: Any, provider_rows: Any) -> None:
        self.schools: dict[int, str] = {row.id: row.ref for row in school_rows}
        self.providers: dict[int, str] = {row.id: row.ref for row in provider_rows}

    def place(self, row: sa.Row[Any]) -> str:
        """The school or provider of a row that has one; "" for a role held everywhere."""
        if row.school_id is not None:
            return self.schools[row.school_id]
        return "" if row.provider_id is None else self.providers[row.provider_id]


def term_of(row: sa.Row[Any]) -> Term:
    """The term in a row of `terms`."""
    return Term(row.name, row.starts_on, row.ends_on, row.first_week)


def closure_of(row: sa.Row[Any]) -> Closure:
    """The closure in a row of `closures`."""
    return Closure(row.starts_on, row.ends_on, row.sessions, row.kind, row.note)


def _school(row: sa.Row[Any]) -> School:
    policy = None if row.steps is None else Policy.from_json(row.steps)
    return School(row.ref, row.name, row.telephone, row.initials_in_chat, policy, Rhythms.from_json(row.rhythms))


def _person(row: sa.Row[Any], posts: frozenset[Post]) -> Person:
    return Person(row.ref, row.name, posts, row.email, row.mobile, row.starts_on, row.leaves_on)


def _provider(row: sa.Row[Any]) -> Provider:
    return Provider(
        ref=row.ref,
        name=row.name,
        telephone=row.telephone,
        address=row.address,
        registration=row.registration,
        activity=row.activity,
        hours=Hours.from_json(row.hours),
        registered=row.registered,
        registration_checked_on=row.registration_checked_on,
    )


def _pupil(row: sa.Row[Any], school: str) -> Pupil:
    return Pupil(
        ref=row.ref,
        first_name=row.first_name,
        last_name=row.last_name,
        school=school,
        upn=row.upn,
        year_group=row.year_group,
        social_worker=row.social_worker,
        ends_on=row.ends_on,
        ehc_plan=row.ehc_plan,
        looked_after=row.looked_after,
    )


def _placement(row: sa.Row[Any], pupil: str, provider: str, key_worker: str) -> Placement:
    return Placement(
        ref=row.ref,
        pupil=pupil,
        provider=provider,
        starts_on=row.starts_on,
        pattern=Pattern.from_json(row.pattern),
        ends_on=row.ends_on,
        target_end_on=row.target_end_on,
        hours=Hours.from_json(row.hours),
        alert_minutes=row.alert_minutes,
        arranged_by=row.arranged_by,
        dual_registered=row.dual_registered,
        activity=row.activity,
        activity_code=row.activity_code,
        transport=row.transport,
        calls_home=row.calls_home,
        key_worker=key_worker,
        rhythms=Rhythms.from_json(row.rhythms),
        referred_on=row.referred_on,
        authorised_by=row.authorised_by,
        agreement_on=row.agreement_on,
        aims=row.aims,
        risk_shared_on=row.risk_shared_on,
        dsl_details_on=row.dsl_details_on,
        review_dates=tuple(map(date.fromisoformat, row.review_dates or ())),
        meals=row.meals,
        rest_of_week=row.rest_of_week,
    )
