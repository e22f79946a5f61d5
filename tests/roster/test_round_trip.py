"""What is given out is taken in again as the same."""

import string
from datetime import date, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apbot.domain.calendar import Closure, Term
from apbot.domain.documents import BY_NAME
from apbot.domain.escalation import Policy
from apbot.domain.marks import Session
from apbot.domain.rhythm import CHOICES, Every, Rhythms
from apbot.domain.roles import PROVIDER_ROLES, SCHOOL_ROLES, Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.roster import Records, apply, load, write_csv_folder, write_workbook
from apbot.roster.checks import check
from apbot.roster.records import (
    ARRANGED_BY,
    Person,
    PlaceClosure,
    Placement,
    PlaceTerm,
    Post,
    Provider,
    ProviderDocument,
    Pupil,
    School,
)
from tests.roster.book import RIGHT, SHEETS, fill, new_database, stored, take_in

RHYTHMS = Rhythms(Every.FORTNIGHT, Every.TERM, Every.HALF_TERM, Every.NEVER)
EVERYTHING = Records(
    schools=(
        School("HILL", "Hillcrest Academy", "01632 960101", policy=Policy.standard(5, 15, 30), rhythms=RHYTHMS),
        School("007", "St Mary's CofE", initials_in_chat=False),
    ),
    people=(
        Person(
            "dokafor",
            "Dorothy Okafor",
            frozenset({Post("HILL", Role.DSL), Post("007", Role.DSL), Post("007", Role.HEAD)}),
            "d.okafor@hillcrest.example",
            "07700 900101",
            date(2020, 9, 1),
            date(2027, 8, 31),
        ),
        Person("aquill", "Ada Quill", frozenset({Post("", Role.ADMIN)})),
        Person("klowry", "Kit Łowry-Ní Bhriain", frozenset({Post("HILL", Role.KEY_WORKER)})),
        Person("pnair", "Priya Nair", frozenset({Post("HILL", Role.ATTENDANCE_CONTACT)}), mobile="+353851234567"),
        Person("staylor", "Sam 'Taylor'", frozenset({Post("OAK", Role.NAMED_CONTACT)})),
        Person("nobody", "=SUM(A1)"),
    ),
    providers=(
        Provider(
            "OAK",
            "Oak Farm",
            "01632 960201 / 07700 900102",
            "Oak Lane, Anytown",
            "Independent school 123456",
            "animal care",
            Hours(
                {Session.AM: Span(time(9, 30), time(12)), Session.PM: Span(time(12, 45), time(15))},
                {(4, Session.PM): Span(time(12, 30), time(14, 30))},
            ),
            registered=False,
            registration_checked_on=date(2026, 7, 1),
        ),
        Provider("GAR", "The Garage", hours=Hours({}, {(2, Session.AM): Span(time(10), time(12))})),
    ),
    pupils=(
        Pupil("CD34", "Joana", "da Silva-O’Brien", "HILL", "A123456789012", "10", True, date(2027, 7, 21), True, True),
        Pupil("EF56", "Mo", "Hassan", "007"),
        Pupil("GH78", "Siân", "Ó Néill", "007"),
    ),
    placements=(
        Placement(
            "CD34-OAK",
            "CD34",
            "OAK",
            date(2026, 9, 7),
            Pattern.from_json(["mon am", "mon pm", "tue am A", "tue pm B", "wed am", "wed pm A", "fri pm"]),
            date(2027, 7, 16),
            date(2026, 12, 18),
            Hours(
                {Session.AM: Span(time(10), time(12)), Session.PM: Span(time(13), time(14))},
                {(4, Session.PM): Span(time(13), time(14, 15))},
            ),
            45,
            "local authority",
            True,
            "dog grooming",
            "W",
            "taxi 12, 01632 960300",
            "office; then DSL",
            "klowry",
            Rhythms(visit=Every.TERM),
            date(2026, 6, 22),
            "Helen Marsh, head",
            date(2026, 7, 13),
            "=to come every day",
            date(2026, 7, 14),
            date(2026, 7, 15),
            (date(2026, 10, 12), date(2026, 12, 7)),
            "not needed",
            "phased return; agreed",
        ),
        Placement("EF56-GAR", "EF56", "GAR", date(2026, 9, 7), Pattern.from_json(["wed am"])),
    ),
    terms=(
        PlaceTerm("HILL", Term("Autumn 1", date(2026, 9, 2), date(2026, 10, 23), "A")),
        PlaceTerm("007", Term("Autumn 1", date(2026, 9, 3), date(2026, 10, 16))),
    ),
    closures=(
        PlaceClosure("HILL", Closure(date(2026, 9, 25), date(2026, 9, 25), kind="INSET day", note="all staff")),
        PlaceClosure("OAK", Closure(date(2026, 9, 28), date(2026, 9, 29), "pm", "strike")),
    ),
    documents=(
        ProviderDocument("OAK", "letter of assurance", dated_on=date(2026, 7, 1)),
        ProviderDocument("OAK", "first aid", "Sam 'Taylor'", date(2026, 7, 1), date(2029, 6, 30)),
        ProviderDocument("GAR", "-DBS list", "all staff", expires_on=date(2027, 3, 31)),
    ),
)


@pytest.mark.parametrize("name", ["roster.xlsx", "folder"])
def test_every_field_survives_the_way_out_and_in(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    (write_workbook if path.suffix else write_csv_folder)(EVERYTHING, path)
    assert load(path) == EVERYTHING


@pytest.mark.parametrize("name", ["roster.xlsx", "folder"])
def test_the_stored_roster_given_out_makes_no_difference_when_taken_in(tmp_path: Path, name: str) -> None:
    database = new_database()
    database.run(apply, EVERYTHING)
    path = tmp_path / name
    (write_workbook if path.suffix else write_csv_folder)(stored(database), path)
    changes = take_in(database, path)
    assert not changes, changes.lines()
    assert changes.kept == {kind: [] for kind in changes.kept}


def test_a_filled_in_template_taken_in_given_out_and_taken_in_makes_no_difference(tmp_path: Path) -> None:
    database = new_database()
    take_in(database, fill(tmp_path / "roster.xlsx", RIGHT, examples=True))
    write_workbook(stored(database), tmp_path / "again.xlsx")
    assert not take_in(database, tmp_path / "again.xlsx")
    other = new_database()
    take_in(other, tmp_path / "again.xlsx")
    assert stored(other) == stored(database)


def test_it_is_the_same_workbook_with_its_notes_and_without_the_examples(tmp_path: Path) -> None:
    write_workbook(EVERYTHING, tmp_path / "roster.xlsx")
    book = openpyxl.load_workbook(tmp_path / "roster.xlsx")
    assert book.sheetnames == SHEETS
    assert book["Placements"].data_validations.dataValidation
    assert not any("xample" in str(cell) for row in book["Schools"].values for cell in row)


def test_a_name_that_looks_like_a_formula_is_not_run(tmp_path: Path) -> None:
    write_workbook(EVERYTHING, tmp_path / "roster.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "roster.xlsx")["People"]["B8"]
    assert (cell.value, cell.data_type) == ("=SUM(A1)", "s")
    write_csv_folder(EVERYTHING, tmp_path)
    assert ",'=SUM(A1)," in (tmp_path / "people.csv").read_text(encoding="utf-8-sig")


def test_writing_over_a_file_that_can_not_be_finished_keeps_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "roster.xlsx"
    write_workbook(EVERYTHING, path)
    before = path.read_bytes()

    def full(unfinished: Path, content: bytes) -> None:
        unfinished.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_workbook(Records(), path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["roster.xlsx"]


NAMES = st.text(
    st.characters(categories=["L", "Nd"], include_characters="'’-. ", max_codepoint=0x24F), min_size=1, max_size=20
).filter(
    lambda name: " ".join(name.split()) == name and name[0] not in "'" and not name.casefold().startswith("example")
)
REFS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8).map(lambda ref: f"X{ref}")
DAYS = st.dates(date(2024, 1, 1), date(2030, 1, 1))


def times(first: int, last: int) -> st.SearchStrategy[time]:
    return st.builds(time, st.integers(first, last), st.integers(0, 59))


SPANS = {
    Session.AM: st.builds(Span, times(8, 10), times(11, 13)),
    Session.PM: st.builds(Span, times(11, 13), times(14, 16)),
}


SAID = NAMES.filter(lambda said: said.casefold() not in ("na", "nil", "none", "no"))
RHYTHM = st.builds(Rhythms, **{what: st.sampled_from([None, *choices]) for what, choices in CHOICES.items()})


@st.composite
def rosters(draw: st.DrawFn) -> Records:
    refs = iter(draw(st.lists(REFS, min_size=6, max_size=6, unique_by=str.casefold)))
    school, provider, dsl, contact = (next(refs) for _ in range(4))
    usual = {session: draw(SPANS[session]) for session in Session}
    odd = draw(st.dictionaries(st.tuples(st.integers(0, 4), st.sampled_from(Session)), st.none(), max_size=3))
    hours = Hours(usual, {(day, session): draw(SPANS[session]) for day, session in odd})
    own = draw(st.dictionaries(st.sampled_from(Session), st.none(), max_size=2))
    sessions = draw(
        st.frozensets(
            st.tuples(st.integers(0, 4), st.sampled_from(Session), st.sampled_from(["", "A", "B"])), min_size=1
        )
    )
    starts = draw(DAYS)
    placement = Placement(
        ref=next(refs),
        pupil="ZZ99",
        provider=provider,
        starts_on=starts,
        pattern=Pattern(sessions),
        ends_on=draw(st.one_of(st.none(), st.dates(starts, date(2040, 1, 1)))),
        hours=Hours({session: draw(SPANS[session]) for session in own}),
        alert_minutes=draw(st.integers(1, 120)),
        arranged_by=draw(st.sampled_from(ARRANGED_BY)),
        dual_registered=draw(st.booleans()),
        activity_code=draw(st.sampled_from("BPWV")),
        transport=draw(st.one_of(st.just(""), SAID)),
        rhythms=draw(RHYTHM),
        referred_on=draw(st.none() | DAYS),
        review_dates=tuple(sorted(draw(st.sets(DAYS, max_size=3)))),
        meals=draw(st.one_of(st.just(""), SAID)),
        rest_of_week=draw(st.one_of(st.just(""), SAID)),
    )
    return Records(
        schools=(School(school, draw(NAMES), initials_in_chat=draw(st.booleans()), rhythms=draw(RHYTHM)),),
        people=(
            Person(
                dsl,
                draw(NAMES),
                frozenset(
                    Post(school, role) for role in draw(st.sets(st.sampled_from(sorted(SCHOOL_ROLES)), min_size=1))
                ),
            ),
            Person(
                contact,
                draw(NAMES),
                frozenset(
                    Post(provider, role) for role in draw(st.sets(st.sampled_from(sorted(PROVIDER_ROLES)), min_size=1))
                ),
            ),
        ),
        providers=(Provider(provider, draw(NAMES), hours=hours, registered=draw(st.none() | st.booleans())),),
        pupils=(Pupil("ZZ99", draw(NAMES), draw(NAMES), school, social_worker=draw(st.booleans())),),
        placements=(placement,),
        documents=tuple(
            ProviderDocument(provider, kind, draw(st.one_of(st.just(""), SAID)), draw(DAYS))
            for kind in draw(st.sets(st.sampled_from(sorted(BY_NAME))))
        ),
        closures=(
            PlaceClosure(school, Closure(starts, starts, draw(st.sampled_from(["all day", "am", "pm"])), "closed")),
        ),
    )


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rosters())
def test_any_roster_that_is_accepted_comes_back_the_same(tmp_path: Path, records: Records) -> None:
    if check(records):
        return
    write_csv_folder(records, tmp_path)
    assert load(tmp_path) == records
