"""An invented world of any size: schools, providers, people and placements, the same for the same seed."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta

from apbot.domain.calendar import Closure, Term
from apbot.domain.marks import Session
from apbot.domain.rhythm import Every, Rhythms
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.roster.records import (
    LOCAL_AUTHORITY,
    SCHOOL,
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

FIRST_NAMES = ("Aisha", "Callum", "Zofia", "Tyrone", "Megan", "Arjun", "Niamh", "Kofi", "Ellie", "Siân", "Luca", "Hana")
LAST_NAMES = ("Ashdown", "Bello", "Carrow", "Dabrowski", "Eames", "Farrier", "Gill", "Hussain", "Ibe", "Jessop", "Moyo")
ACTIVITIES = ("animal care", "motor vehicle", "construction", "music production", "horticulture", "catering")
PATTERNS: Sequence[tuple[tuple[str, ...], int]] = (
    (("mon am", "mon pm", "tue am", "tue pm", "wed am", "wed pm", "thu am", "thu pm", "fri am"), 4),
    (("tue am", "tue pm", "thu am", "thu pm"), 3),
    (("wed am", "fri am"), 2),
    (("mon am A", "mon pm A", "thu pm B"), 1),
)


def invent(count: int, first: date, last: date, seed: int) -> Records:
    """A roster of `count` placements that covers the days from `first` to `last`, both included."""
    dice = random.Random(seed)  # noqa: S311  (an invented world keeps no secret)
    schools = tuple(_school(number) for number in range(max(1, count // 40)))
    providers = tuple(_provider(number, dice) for number in range(max(1, count // 12)))
    people = [
        *_staff(schools),
        *_provider_staff(providers),
        Person("ADMIN", "Ada Quill", frozenset({Post("", Role.ADMIN)})),
    ]
    pupils: list[Pupil] = []
    placements: list[Placement] = []
    for number in range(count):
        school = dice.choice(schools)
        # One pupil in ten is at a second provider on other days.
        if number % 10 == 9 and pupils:
            pupil = pupils[-1]
        else:
            pupil = Pupil(f"{school.ref}{number:04d}", dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES), school.ref)
            pupils.append(pupil)
        placements.append(_placement(number, pupil, dice.choice(providers), first, dice))
    years = range(first.year - 1, last.year + 1)
    return Records(
        schools=schools,
        people=tuple(people),
        providers=providers,
        pupils=tuple(pupils),
        placements=tuple(placements),
        terms=tuple(
            PlaceTerm(school.ref, term)
            for index, school in enumerate(schools)
            for year in years
            for term in school_year(year, late_break=index % 3 == 2)
        ),
        documents=tuple(
            paper for number, provider in enumerate(providers) for paper in _papers(number, provider, first)
        ),
        closures=tuple(
            closure
            for index, place in enumerate([each.ref for each in schools] + [each.ref for each in providers])
            for closure in _closures(index, place, years)
        ),
    )


def school_year(autumn: int, *, late_break: bool = False) -> tuple[Term, ...]:
    """The six half terms of the school year that begins in the autumn of this year, on real weekdays."""
    start = date(autumn, 9, 2)
    october = _monday(date(autumn, 10, 19 if late_break else 26))
    spring = _monday(date(autumn + 1, 1, 4))
    february = _monday(date(autumn + 1, 2, 15))
    easter = _monday(date(autumn + 1, 3, 29))
    may = _monday(date(autumn + 1, 5, 31))
    return (
        Term("Autumn 1", start, october - timedelta(days=3), "A"),
        Term("Autumn 2", october + timedelta(days=14 if late_break else 7), date(autumn, 12, 18)),
        Term("Spring 1", spring, february - timedelta(days=3), "A"),
        Term("Spring 2", february + timedelta(days=7), easter - timedelta(days=3)),
        Term("Summer 1", easter + timedelta(days=14), may - timedelta(days=3), "A"),
        Term("Summer 2", may + timedelta(days=7), date(autumn + 1, 7, 21)),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


SCHOOL_RHYTHMS = (Rhythms(), Rhythms(visit=Every.TERM, report=Every.TERM), Rhythms(contact=Every.FORTNIGHT))


def _school(number: int) -> School:
    ref = f"S{_letters(number)}"
    telephone = f"01632 960{number % 1000:03d}"
    return School(ref, f"School {_letters(number)}", telephone, rhythms=SCHOOL_RHYTHMS[number % len(SCHOOL_RHYTHMS)])


def _provider(number: int, dice: random.Random) -> Provider:
    starts = time(9, dice.choice((0, 15, 30)))
    hours = Hours(
        {Session.AM: Span(starts, time(12, 0)), Session.PM: Span(time(12, dice.choice((45, 50))), time(15, 0))},
        {(4, Session.PM): Span(time(12, 30), time(14, 0))} if number % 4 == 0 else {},
    )
    return Provider(
        f"P{_letters(number)}",
        f"Provider {_letters(number)}",
        f"01632 961{number % 1000:03d}",
        activity=dice.choice(ACTIVITIES),
        hours=hours,
        registered=number % 3 == 0,
        registration_checked_on=date(2026, 7, 1),
    )


def _papers(number: int, provider: Provider, first: date) -> Iterator[ProviderDocument]:
    """What a provider has shown. Some of it ends a few weeks after `first`, and some within the year."""
    for index, kind in enumerate(("letter of assurance", "public liability insurance", "safeguarding policy")):
        expires_on = first + timedelta(days=40 + (number * 67 + index * 113) % 320)
        yield ProviderDocument(provider.ref, kind, expires_on=expires_on)
    trained_on = first - timedelta(days=(number * 41) % 330)
    yield ProviderDocument(provider.ref, "safeguarding training level 2", f"Sam of {provider.name}", trained_on)


def _letters(number: int) -> str:
    return chr(65 + number // 26 % 26) + chr(65 + number % 26) if number < 676 else f"X{number}"


SCHOOL_POSTS = (
    (Role.ATTENDANCE_CONTACT, "Amara"),
    (Role.DSL, "Dorothy"),
    (Role.DEPUTY_DSL, "Tom"),
    (Role.HEAD, "Helen"),
    (Role.KEY_WORKER, "Kit"),
    (Role.KEY_WORKER, "Rosa"),
)


def _staff(schools: Sequence[School]) -> list[Person]:
    return [
        Person(f"{school.ref}-{name.upper()}", f"{name} of {school.name}", frozenset({Post(school.ref, role)}))
        for number, school in enumerate(schools)
        for role, name in (*SCHOOL_POSTS, *([(Role.NAMED_LEAD, "Lena")] if number % 2 else []))
    ]


def _provider_staff(providers: Sequence[Provider]) -> list[Person]:
    return [
        Person(f"{provider.ref}-{name.upper()}", f"{name} of {provider.name}", frozenset({Post(provider.ref, role)}))
        for provider in providers
        for role, name in ((Role.NAMED_CONTACT, "Sam"), (Role.DEPUTY_CONTACT, "Bea"))
    ]


def _placement(number: int, pupil: Pupil, provider: Provider, first: date, dice: random.Random) -> Placement:
    (pattern,) = dice.choices([each for each, _ in PATTERNS], [weight for _, weight in PATTERNS])
    # A few begin some weeks later, a few end. Of those that begin one lacks its agreement.
    begins_later, ends = number % 25 == 13, number % 25 == 7
    starts_on = first + timedelta(days=45 + number % 90) if begins_later else first - timedelta(days=7)
    return Placement(
        ref=f"{pupil.ref}-{number}",
        pupil=pupil.ref,
        provider=provider.ref,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=60 + number % 100) if ends else None,
        target_end_on=starts_on + timedelta(days=100 + number % 150),
        rhythms=Rhythms(contact=Every.FORTNIGHT) if number % 9 == 4 else Rhythms(),
        authorised_by=f"Helen of School {pupil.school[1:]}",
        agreement_on=None if number % 50 == 13 else first - timedelta(days=20),
        aims="return to full time at the school",
        risk_shared_on=first - timedelta(days=15),
        dsl_details_on=first - timedelta(days=15),
        review_dates=(starts_on + timedelta(days=30), starts_on + timedelta(days=90)) if number % 3 else (),
        meals="packed lunch",
        pattern=Pattern.from_json(pattern),
        alert_minutes=dice.choice((30, 30, 30, 30, 20, 45)),
        arranged_by=LOCAL_AUTHORITY if number % 7 == 0 else SCHOOL,
        dual_registered=number % 11 == 0,
        transport="taxi" if number % 3 == 0 else "bus",
        key_worker=f"{pupil.school}-{'KIT' if number % 2 else 'ROSA'}",
    )


def _closures(index: int, place: str, years: Sequence[int]) -> list[PlaceClosure]:
    found = []
    for year in years:
        inset = date(year, 11, 20) if index % 2 else date(year + 1, 1, 8)
        found.append(PlaceClosure(place, Closure(inset, inset, kind="INSET day")))
        half_day = date(year + 1, 6, 16)
        found.append(PlaceClosure(place, Closure(half_day, half_day, sessions="pm", kind="training")))
    return found
