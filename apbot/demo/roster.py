"""The sample roster: three schools, six providers, forty pupils, and the people who look after them. All invented."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time

from apbot.demo.papers import CHECKED, documents, in_place
from apbot.demo.pupils import PLACED, WEEKS
from apbot.domain.calendar import Closure, Term
from apbot.domain.marks import Session
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
    Pupil,
    Records,
    School,
)

DAY = date(2026, 9, 17)
"""The Thursday on which both mornings happen."""

STARTED = date(2026, 9, 2)

SCHOOLS = (
    School("HILL", "Hillcrest Academy", "01632 960101"),
    School("MARSH", "Marsh Lane School", "01632 960102"),
    School("TARN", "Tarn Road School", "01632 960103"),
)

HOURS = Hours({Session.AM: Span(time(9, 30), time(12, 0)), Session.PM: Span(time(12, 45), time(15, 0))})
SHORT_FRIDAY = Hours(HOURS.usual, {(4, Session.PM): Span(time(12, 45), time(14, 0))})

PROVIDERS = (
    Provider("OAK", "Oak Farm", "01632 960201", "Oak Lane, Netherby", activity="animal care", hours=SHORT_FRIDAY),
    Provider("GARAGE", "The Garage", "01632 960202", "Unit 4, Canal Street", activity="motor vehicle", hours=HOURS),
    Provider("STUDIO", "Riverside Studio", "01632 960203", "2 Wharf Road", activity="music production", hours=HOURS),
    Provider("KITCHEN", "Kiln Lane Kitchen", "01632 960204", "Kiln Lane", activity="catering", hours=HOURS),
    Provider("YARD", "The Skills Yard", "01632 960205", "Depot Road", activity="construction", hours=SHORT_FRIDAY),
    Provider("BOATS", "The Boatyard", "01632 960206", "Old Quay", activity="boat building", hours=HOURS),
)

NO_SCHOOL = "STUDIO"
"""The provider that is not registered as a school: its pupils are there on one or two days a week."""

STAFF: tuple[tuple[str, str, str, Role], ...] = (
    ("HILL-PN", "Priya Nair", "HILL", Role.ATTENDANCE_CONTACT),
    ("HILL-DO", "Dorothy Okafor", "HILL", Role.DSL),
    ("HILL-TB", "Tom Beckett", "HILL", Role.DEPUTY_DSL),
    ("HILL-HM", "Helen Marsh", "HILL", Role.HEAD),
    ("HILL-KL", "Kit Lowry", "HILL", Role.KEY_WORKER),
    ("HILL-RJ", "Rosa Jarvis", "HILL", Role.KEY_WORKER),
    ("MARSH-AP", "Alan Pugh", "MARSH", Role.ATTENDANCE_CONTACT),
    ("MARSH-ZM", "Zainab Malik", "MARSH", Role.DSL),
    ("MARSH-GF", "Gwen Farrow", "MARSH", Role.DEPUTY_DSL),
    ("MARSH-SC", "Stephen Chu", "MARSH", Role.HEAD),
    ("MARSH-OR", "Owen Rees", "MARSH", Role.KEY_WORKER),
    ("TARN-MN", "Magda Nowak", "TARN", Role.ATTENDANCE_CONTACT),
    ("TARN-JB", "Jerome Baptiste", "TARN", Role.DSL),
    ("TARN-LA", "Lucy Ashdown", "TARN", Role.DEPUTY_DSL),
    ("TARN-FH", "Farida Hussain", "TARN", Role.HEAD),
    ("TARN-SG", "Simran Gill", "TARN", Role.KEY_WORKER),
    ("OAK-ST", "Sam Taylor", "OAK", Role.NAMED_CONTACT),
    ("OAK-BW", "Bea Whitlock", "OAK", Role.DEPUTY_CONTACT),
    ("GARAGE-GS", "Gary Stone", "GARAGE", Role.NAMED_CONTACT),
    ("GARAGE-FA", "Femi Adeyemi", "GARAGE", Role.DEPUTY_CONTACT),
    ("STUDIO-MF", "Mel Ferris", "STUDIO", Role.NAMED_CONTACT),
    ("STUDIO-JT", "Josh Tan", "STUDIO", Role.DEPUTY_CONTACT),
    ("KITCHEN-RB", "Rukhsana Begum", "KITCHEN", Role.NAMED_CONTACT),
    ("KITCHEN-IC", "Ian Cope", "KITCHEN", Role.DEPUTY_CONTACT),
    ("YARD-DP", "Dean Prosser", "YARD", Role.NAMED_CONTACT),
    ("YARD-WZ", "Wiktoria Zając", "YARD", Role.DEPUTY_CONTACT),
    ("BOATS-CH", "Carys Howell", "BOATS", Role.NAMED_CONTACT),
    ("BOATS-NQ", "Neil Quaye", "BOATS", Role.DEPUTY_CONTACT),
    ("ADMIN", "Ada Quill", "", Role.ADMIN),
)

AUTUMN, WINTER = (date(2026, 9, 2), date(2026, 10, 23)), (date(2026, 11, 2), date(2026, 12, 18))
EARLY_AUTUMN = (date(2026, 9, 2), date(2026, 10, 16))
REST_OF_YEAR = (
    ("Spring 1", date(2027, 1, 4), date(2027, 2, 12)),
    ("Spring 2", date(2027, 2, 22), date(2027, 3, 25)),
    ("Summer 1", date(2027, 4, 12), date(2027, 5, 28)),
    ("Summer 2", date(2027, 6, 7), date(2027, 7, 21)),
)


def sample_roster() -> Records:
    """The whole roster, as a workbook would give it."""
    return Records(
        schools=SCHOOLS,
        people=tuple(_people()),
        providers=tuple(_checked(each) for each in PROVIDERS),
        pupils=tuple(_pupils()),
        placements=tuple(_placements()),
        terms=tuple(term for school in SCHOOLS for term in _terms(school.ref)),
        closures=(
            PlaceClosure("HILL", Closure(date(2026, 10, 9), date(2026, 10, 9), kind="INSET day")),
            PlaceClosure("TARN", Closure(date(2026, 11, 20), date(2026, 11, 20), kind="INSET day")),
            PlaceClosure("OAK", Closure(date(2026, 9, 30), date(2026, 9, 30), "pm", "closed", "staff training")),
        ),
        documents=tuple(
            documents({place: name for _, name, place, role in STAFF if role is Role.NAMED_CONTACT}),
        ),
    )


def _checked(provider: Provider) -> Provider:
    is_school = provider.ref != NO_SCHOOL
    how = "independent school" if is_school else "not a school: assured by the council"
    return replace(provider, registration=how, registered=is_school, registration_checked_on=CHECKED)


def _people() -> Iterator[Person]:
    for number, (ref, name, place, role) in enumerate(STAFF):
        mailbox = name.lower().replace(" ", ".").replace("ą", "a")
        yield Person(
            ref,
            name,
            frozenset({Post(place, role)}),
            email=f"{mailbox}@{place.lower() or 'trust'}.example",
            mobile=f"07700 900{number + 101}",
        )


def _pupils() -> Iterator[Pupil]:
    for each in PLACED:
        yield Pupil(
            each.ref,
            each.first_name,
            each.last_name,
            each.school,
            year_group=each.year,
            social_worker=each.social_worker,
        )


def _placements() -> Iterator[Placement]:
    heads = {place: name for _, name, place, role in STAFF if role is Role.HEAD}
    for each in PLACED:
        for provider, week in (each.here, each.elsewhere):
            if provider:
                placement = Placement(
                    ref=f"{each.ref}-{provider}",
                    pupil=each.ref,
                    provider=provider,
                    starts_on=STARTED,
                    pattern=Pattern.from_json(WEEKS[week]),
                    target_end_on=date(2026, 12, 18) if each.year == "11" else date(2027, 3, 25),
                    arranged_by=LOCAL_AUTHORITY if provider == "YARD" else SCHOOL,
                    transport=each.transport,
                    calls_home=each.calls_home,
                    key_worker=each.key_worker,
                )
                yield replace(placement, **in_place(placement, heads[each.school]))


def _terms(school: str) -> Iterator[PlaceTerm]:
    first = EARLY_AUTUMN if school == "TARN" else AUTUMN
    yield PlaceTerm(school, Term("Autumn 1", *first, first_week="A"))
    yield PlaceTerm(school, Term("Autumn 2", *WINTER))
    for name, starts_on, ends_on in REST_OF_YEAR:
        yield PlaceTerm(school, Term(name, starts_on, ends_on))
