"""The calendars of every school and provider."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from apbot.domain.calendar import Calendar, Closure, Term
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import closures, terms


@dataclass(frozen=True)
class Calendars:
    """Each place's own calendar. A place without rows is a school that is never open, or a provider that follows."""

    schools: dict[int, Calendar]
    providers: dict[int, Calendar]

    def school(self, school_id: int) -> Calendar:
        """The school's calendar."""
        return self.schools.get(school_id) or Calendar()

    def provider(self, provider_id: int) -> Calendar:
        """The provider's calendar; with no terms of its own it is open whenever its schools are."""
        return self.providers.get(provider_id) or Calendar(always=True)


def load_calendars(transaction: Transaction) -> Calendars:
    """Every place's calendar."""
    return _calendars(transaction.rows(_TERMS), transaction.rows(_CLOSURES))


def load_school_calendars(transaction: Transaction, school_ids: Collection[int]) -> Calendars:
    """The calendars of these schools alone, and of no provider."""
    ids = list(school_ids)
    return _calendars(transaction.rows(_TERMS_OF_SCHOOLS, ids=ids), transaction.rows(_CLOSURES_OF_SCHOOLS, ids=ids))


def load_school_calendar(transaction: Transaction, school_id: int) -> Calendar:
    """One school's calendar."""
    return load_school_calendars(transaction, [school_id]).school(school_id)


_TERMS, _CLOSURES = Prepared(sa.select(terms)), Prepared(sa.select(closures))
_IDS: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)
_TERMS_OF_SCHOOLS = Prepared(sa.select(terms).where(terms.c.school_id.in_(_IDS)))
_CLOSURES_OF_SCHOOLS = Prepared(sa.select(closures).where(closures.c.school_id.in_(_IDS)))


def _calendars(of_terms: Iterable[sa.Row[Any]], of_closures: Iterable[sa.Row[Any]]) -> Calendars:
    term_rows: dict[tuple[str, int], list[Term]] = defaultdict(list)
    closure_rows: dict[tuple[str, int], list[Closure]] = defaultdict(list)
    for row in of_terms:
        term_rows[_place(row)].append(Term(row.name, row.starts_on, row.ends_on, row.first_week))
    for row in of_closures:
        closure_rows[_place(row)].append(Closure(row.starts_on, row.ends_on, row.sessions, row.kind, row.note))
    places = term_rows.keys() | closure_rows.keys()
    calendars = {
        (kind, place): Calendar(
            tuple(term_rows[kind, place]), tuple(closure_rows[kind, place]), always=kind == "provider"
        )
        for kind, place in places
    }
    return Calendars(
        {place: calendar for (kind, place), calendar in calendars.items() if kind == "school"},
        {place: calendar for (kind, place), calendar in calendars.items() if kind == "provider"},
    )


def _place(row: sa.Row[tuple[object, ...]]) -> tuple[str, int]:
    return ("school", row.school_id) if row.school_id is not None else ("provider", row.provider_id)
