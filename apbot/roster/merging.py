"""The roster as it will be: what is stored, with what a file gives in its place.

Nothing is taken away, but for one thing: the terms and closures of a place in a school year that the file has any
of are the file's. What the file has no column for stays as it is (`absent`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from apbot.roster.absent import filled
from apbot.roster.records import PlaceClosure, PlaceTerm, Records, school_year
from apbot.roster.refs import key


class Referenced(Protocol):
    """A record with a reference of its own."""

    @property
    def ref(self) -> str:
        """Its reference."""
        ...


R = TypeVar("R", bound=Referenced)
Dated = TypeVar("Dated", bound=PlaceTerm | PlaceClosure)

PlaceYear = tuple[str, int]
"""A place by the key of its reference, and a school year by the year it begins in."""


def merged(stored: Records, given: Records) -> Records:
    """The whole roster once `given` is taken in. References of both are spelled alike."""
    given = filled(given, stored)
    years = {place_year(each) for each in dates(given)}
    return replace(
        stored,
        schools=_over(stored.schools, given.schools),
        people=_over(stored.people, given.people),
        providers=_over(stored.providers, given.providers),
        pupils=_over(stored.pupils, given.pupils),
        placements=_over(stored.placements, given.placements),
        documents=_over(stored.documents, given.documents),
        terms=_calendar(stored.terms, given.terms, years if "terms" in given.given else set()),
        closures=_calendar(stored.closures, given.closures, years if "closures" in given.given else set()),
    )


def _over(stored: Sequence[R], given: Sequence[R]) -> tuple[R, ...]:
    found = {key(each.ref): each for each in stored}
    found.update((key(each.ref), each) for each in given)
    return tuple(found.values())


def _calendar(stored: Iterable[Dated], given: Iterable[Dated], years: set[PlaceYear]) -> tuple[Dated, ...]:
    return (*(each for each in stored if place_year(each) not in years), *given)


def dates(records: Records) -> list[PlaceTerm | PlaceClosure]:
    """Every term and closure."""
    return [*records.terms, *records.closures]


def place_year(each: PlaceTerm | PlaceClosure) -> PlaceYear:
    """Which place's calendar of which school year a row belongs to."""
    starts_on = each.term.starts_on if isinstance(each, PlaceTerm) else each.closure.starts_on
    return key(each.place), school_year(starts_on)
