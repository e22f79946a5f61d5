"""Everything that the API offers: where, for which scope, with which parameters. The OpenAPI page is made of this."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apbot.domain.scopes import Scope
from apbot.web.api import reading
from apbot.web.api.params import FROM, PAGED, PROVIDER, SCHOOL, TO, Kind, Param
from apbot.web.api.problems import not_there
from apbot.web.api.reader import Page, Reader

ROOT = "/api/v1"


@dataclass(frozen=True)
class Answered:
    """What is answered, and the references of the pupils in it."""

    body: dict[str, Any]
    references: list[str]
    after: int | None = None


@dataclass(frozen=True)
class Resource:
    """One address. `read` takes the reference in the path where there is one, else ""."""

    path: str
    name: str
    title: str
    words: str
    scope: Scope
    schema: str
    params: tuple[Param, ...]
    read: Callable[[Reader, str], Answered]
    is_paged: bool = True


def _paged(read: Callable[[Reader], Page]) -> Callable[[Reader, str], Answered]:
    def answer(reader: Reader, _: str) -> Answered:
        page = read(reader)
        return Answered({"items": page.items}, page.references, page.after)

    return answer


def _today(reader: Reader, _: str) -> Answered:
    return Answered(reading.today(reader), [])


def _placement(reader: Reader, ref: str) -> Answered:
    page = reading.read_placements(reader, ref)
    if not page.items:
        raise not_there("placement")
    return Answered(page.items[0], page.references)


def _state(first: str, words: str) -> Param:
    return Param("state", Kind.CHOICE, words, (first, "all"))


RESOURCES = (
    Resource(
        "/today",
        "today",
        "Today in counts",
        "How many pupils of each school stand where, and how many alerts are open. For a screen on a wall.",
        Scope.TODAY,
        "Today",
        (SCHOOL,),
        _today,
        is_paged=False,
    ),
    Resource(
        "/placements",
        "placements",
        "Placements",
        "Who goes where, when, and until when.",
        Scope.PLACEMENTS,
        "Placement",
        (SCHOOL, PROVIDER, _state("current", "Only those that run or are to begin, or all."), *PAGED),
        _paged(reading.read_placements),
    ),
    Resource(
        "/placements/{ref}",
        "placement",
        "One placement",
        "The placement with this reference.",
        Scope.PLACEMENTS,
        "Placement",
        (),
        _placement,
        is_paged=False,
    ),
    Resource(
        "/registers",
        "registers",
        "Registers",
        "The registers of these days as they stand, with each pupil.",
        Scope.REGISTERS,
        "Register",
        (FROM, TO, SCHOOL, PROVIDER, *PAGED),
        _paged(reading.read_registers),
    ),
    Resource(
        "/attendance",
        "attendance",
        "Attendance",
        "Every session of these days that has begun, with the suggested code and the school's own.",
        Scope.ATTENDANCE,
        "Attendance",
        (FROM, TO, SCHOOL, PROVIDER, *PAGED),
        _paged(reading.read_attendance),
    ),
    Resource(
        "/escalations",
        "escalations",
        "Escalations",
        "Alerts, with their step, who has taken them on, and what was established of each pupil.",
        Scope.ESCALATIONS,
        "Escalation",
        (_state("open", "Only those that are open, or all."), FROM, TO, SCHOOL, PROVIDER, *PAGED),
        _paged(reading.read_escalations),
    ),
    Resource(
        "/duties",
        "duties",
        "Duties",
        "Contacts, visits, reviews, reports and documents: what is due when, and what has become of it.",
        Scope.DUTIES,
        "Duty",
        (_state("open", "Only those that are open, or all."), FROM, TO, SCHOOL, PROVIDER, *PAGED),
        _paged(reading.read_duties),
    ),
)
