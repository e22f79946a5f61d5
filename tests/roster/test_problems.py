"""What is wrong is said all at once: where, what, and what would be right."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from apbot.roster import RosterProblems, load
from tests.roster.book import AUTUMN, DSL, HILL, JOANA, OAK, OFFICE, RIGHT, SAM, Cells, fill, problems_of, with_rows

KIT: Cells = {"Person ref": "klowry", "Name": "Kit Lowry", "Organisation": "MARSH", "Roles": "key worker"}
MARSH: Cells = {"School ref": "MARSH", "Name": "Marsh Lane"}


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        (
            {"Placements": [{**JOANA, "Monday": "alday"}]},
            "Placements row 2, Monday: 'alday' is not a part of the day — write am, pm or all day",
        ),
        (
            {"Placements": [{**JOANA, "Provider ref": "OKA"}]},
            "Placements row 2, Provider ref: 'OKA' is not the ref of a provider — write OAK, if that is meant",
        ),
        ({"Placements": [{**JOANA, "Provider ref": "Oke Farms"}]}, "write OAK, if that is meant"),
        ({"Placements": [{**JOANA, "School ref": "Hilcrest Acad."}]}, "write HILL, if that is meant"),
        ({"Placements": [{**JOANA, "Provider ref": None}]}, "Placements row 2, Provider ref: is missing"),
        ({"Placements": [{**JOANA, "Starts on": None}]}, "Placements row 2, Starts on: is missing"),
        ({"Placements": [{**JOANA, "Starts on": "tbc"}]}, "Placements row 2, Starts on: 'tbc' is not a day"),
        ({"Placements": [{**JOANA, "Pupil ref": None}]}, "Placements row 2, Pupil ref: is missing"),
        ({"Placements": [{**JOANA, "First name": None}]}, "Placements row 2, First name: is missing"),
        ({"Placements": [{**JOANA, "School ref": None}]}, "Placements row 2, School ref: is missing"),
        ({"Placements": [{**JOANA, "School ref": "OAK"}]}, "School ref: 'OAK' is not the ref of a school"),
        (
            {"Placements": [{**JOANA, "Ends on": "1/9/26"}]},
            "Placements row 2, Ends on: 'Tue 1 Sep 2026' is before Starts on (Mon 7 Sep 2026) — check both dates",
        ),
        ({"Placements": [{**JOANA, "Target end date": "1/9/26"}]}, "Target end date: 'Tue 1 Sep 2026' is before"),
        (
            {"Placements": [{**JOANA, "Monday": None, "Friday": "-"}]},
            "Placements row 2, Monday: no session is expected on any day",
        ),
        (
            {"Providers": [{**OAK, "pm start": None, "pm end": None}], "Placements": [{**JOANA, "Monday": "am"}]},
            "Placements row 2, Friday: 'pm' there is no Friday pm at OAK — give OAK its pm times",
        ),
        ({"Placements": [{**JOANA, "am start": "12.00"}]}, "am start: '12.00' is 12:00, not before the session's end"),
        ({"Placements": [{**JOANA, "pm start": "9:30"}]}, "pm start: '9:30' is 09:30, which is no afternoon"),
        ({"Placements": [{**JOANA, "am start": "1:30"}]}, "am start: '1:30' is 13:30, which is no morning"),
        ({"Placements": [{**JOANA, "Pupil ref": "SIL-VA1", "Last name": "Silva"}]}, "shows the pupil's name"),
        ({"Placements": [{**JOANA, "Pupil ref": "JOANA07"}]}, "Pupil ref: 'JOANA07' shows the pupil's name"),
        ({"Placements": [{**JOANA, "Alert after": "3 hours"}]}, "Alert after: '3 hours' is not a number of minutes"),
        ({"Placements": [{**JOANA, "Activity code": "K"}]}, "say so under Arranged by"),
        ({"Placements": [{**JOANA, "Key worker": "kit"}]}, "Key worker: 'kit' is not the ref of a person"),
        (
            {"Placements": [JOANA, {**JOANA, "Monday": "pm"}]},
            "Placements row 3, Placement ref: is missing, and row 2 has the same pupil and provider "
            "— give each of the rows a ref of its own",
        ),
        (
            {"Placements": [{**JOANA, "Placement ref": 7}, {**JOANA, "Placement ref": "7", "Monday": "pm"}]},
            "Placements row 3, Placement ref: '7' stands in row 2 too",
        ),
        (
            {"Placements": [JOANA, {**JOANA, "Placement ref": "P2", "First name": "Joan"}]},
            "Placements row 3, First name: 'Joan' differs: Placements row 2 has 'Joana' for the same ref",
        ),
        (
            {"Schools": [HILL, MARSH], "Placements": [JOANA, {**JOANA, "Placement ref": "P2", "School ref": "marsh"}]},
            "Placements row 3, School ref: 'marsh' differs: Placements row 2 has 'HILL' for the same ref",
        ),
        ({"Schools": [HILL, {**HILL, "Name": "Hillside"}]}, "Schools row 3, School ref: 'HILL' stands in row 2 too"),
        ({"Schools": [HILL, {"School ref": "OAK", "Name": "Oak School"}]}, "Provider ref: 'OAK' is a school's ref too"),
        ({"Schools": [{**HILL, "Telephone": "call us"}]}, "Schools row 2, Telephone: 'call us' is not a telephone"),
        (
            {"Schools": [{**HILL, "Second step after": 25}]},
            "Schools row 2, Second step after: '25' makes the steps 25 and 20 minutes",
        ),
        (
            {"People": [DSL, OFFICE, SAM, {**DSL, "Name": "Derek Okafor", "Roles": "head"}]},
            "People row 5, Name: 'Derek Okafor' differs: People row 2 has 'Dorothy Okafor' for the same ref",
        ),
        ({"People": [DSL, OFFICE, {**SAM, "Organisation": "HILL"}]}, "Roles: 'named contact' is not held at HILL"),
        ({"People": [DSL, {**OFFICE, "Organisation": "OAK"}, SAM]}, "Roles: 'attendance contact' is not held at OAK"),
        ({"People": [{**DSL, "Organisation": None}, OFFICE, SAM]}, "Organisation: is missing for a DSL"),
        ({"People": [{**DSL, "Organisation": "HLIL"}, OFFICE, SAM]}, "write HILL, if that is meant"),
        ({"People": [{**DSL, "Email": "d.okafor(at)hill"}, OFFICE, SAM]}, "is not an email address"),
        ({"People": [{**DSL, "Mobile": "0770090012"}, OFFICE, SAM]}, "has 10 digits and should have 11"),
        ({"People": [{**DSL, "Leaves on": "1/9/26", "Starts on": "2/9/26"}, OFFICE, SAM]}, "is before Starts on"),
        ({"People": [{**DSL, "Roles": "DSL; boss"}, OFFICE, SAM]}, "holds no role that is known: 'boss'"),
        ({"Providers": [{**OAK, "am start": "12:15"}]}, "am start: '12:15' is 12:15, not before the end at 12:00"),
        ({"Providers": [{**OAK, "am start": None}]}, "am end: '12:00' has no start to it"),
        ({"Providers": [{**OAK, "Other times": "Fri pm closed"}]}, "says that there is no session: 'fri pm closed'"),
        (
            {
                "Term dates": [
                    AUTUMN,
                    {**AUTUMN, "Term name": "Autumn 2", "Starts on": "19/10/26", "Ends on": "18/12/26"},
                ]
            },
            "Term dates row 3, Starts on: 'Mon 19 Oct 2026' is within row 2 of the same place, "
            "which ends on Fri 23 Oct 2026",
        ),
        ({"Term dates": [{**AUTUMN, "Ends on": "23/10/25"}]}, "Ends on: 'Thu 23 Oct 2025' is before Starts on"),
        ({"Term dates": [{**AUTUMN, "Starts on": "31/9/26"}]}, "Starts on: '31/9/26' is a day that does not exist"),
        ({"Term dates": [{**AUTUMN, "Place": "HOLL"}]}, "Place: 'HOLL' is not the ref of a school or provider"),
        ({"Term dates": [{**AUTUMN, "First week": "odd"}]}, "First week: 'odd' is not understood"),
        ({"Closures": [{"Place": "HILL", "From": "1/10/26", "To": "30/9/26"}]}, "To: 'Wed 30 Sep 2026' is before From"),
        ({"Closures": [{"Place": "HILL", "From": "1/10"}]}, "Closures row 2, From: '1/10' has no year"),
        (
            {"Closures": [{"Place": "HILL", "From": "1/10/26", "Sessions": "most"}]},
            "Sessions: 'most' is not understood",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(
    path: Path, sheets: dict[str, list[Cells]], said: str
) -> None:
    found = problems_of(fill(path, {**RIGHT, **sheets}))
    assert len(found) == 1, found
    assert said in found[0]


def test_a_key_worker_of_another_school_must_not_be_told_of_the_pupil(path: Path) -> None:
    sheets = with_rows(
        Schools=[HILL, MARSH], People=[DSL, OFFICE, SAM, KIT], Placements=[{**JOANA, "Key worker": "klowry"}]
    )
    (found,) = problems_of(fill(path, sheets))
    assert "'klowry' is no key worker at HILL, the pupil's school" in found


def test_every_mistake_is_reported_at_once_in_the_order_of_the_workbook(path: Path) -> None:
    sheets = {
        "Schools": [{**HILL, "Telephone": "?!"}],
        "People": [{**DSL, "Email": "x"}, {**OFFICE, "Organisation": "HOLL"}, {**SAM, "Mobile": "1"}],
        "Providers": [{**OAK, "am start": "25:00", "Other times": "whenever"}],
        "Placements": [
            {**JOANA, "Monday": "alday", "Starts on": "31/2/26", "Provider ref": "ELM", "Key worker": "nobody"},
            {**JOANA, "Pupil ref": "EF 56 X", "Alert after": 0},
        ],
        "Term dates": [{**AUTUMN, "Ends on": "never"}],
        "Closures": [{"Place": "X9", "From": "25/9/26"}],
    }
    found = problems_of(fill(path, sheets))
    assert [line.split(":")[0] for line in found] == [
        "Schools row 2, Telephone",
        "People row 2, Email",
        "People row 3, Organisation",
        "People row 4, Mobile",
        "Providers row 2, am start",
        "Providers row 2, Other times",
        "Placements row 2, Provider ref",
        "Placements row 2, Starts on",
        "Placements row 2, Monday",
        "Placements row 2, Key worker",
        "Placements row 3, Pupil ref",
        "Placements row 3, Alert after",
        "Term dates row 2, Ends on",
        "Closures row 2, Place",
    ]


def test_one_mistake_is_not_reported_again_for_every_row_that_depends_on_it(path: Path) -> None:
    rows = [{**JOANA, "Pupil ref": f"CD{number}"} for number in range(30, 40)]
    found = problems_of(fill(path, with_rows(Providers=[{**OAK, "pm start": "lunch"}], Placements=rows)))
    assert [line.split(":")[0] for line in found] == ["Providers row 2, pm start"]


def test_a_problem_holds_its_parts_for_whoever_shows_it(path: Path) -> None:
    with pytest.raises(RosterProblems) as trouble:
        load(fill(path, with_rows(Placements=[{**JOANA, "Monday": "alday"}])))
    (problem,) = trouble.value.problems
    assert (problem.sheet, problem.row, problem.column, problem.value) == ("Placements", 2, "Monday", "alday")


def test_the_exception_itself_names_nobody_since_it_may_reach_a_log(path: Path) -> None:
    with pytest.raises(RosterProblems) as trouble:
        load(fill(path, with_rows(Placements=[{**JOANA, "First name": "x" * 200}])))
    assert str(trouble.value) == "1 problem in the roster; nothing was changed"


def test_a_long_value_is_quoted_in_part() -> None:
    from apbot.roster.problems import Problem

    assert len(str(Problem("Schools", 2, "Name", "x" * 10_000, "is too long", "shorten it"))) < 150


def test_dates_that_excel_has_made_are_shown_as_people_write_them(path: Path) -> None:
    found = problems_of(fill(path, with_rows(Placements=[{**JOANA, "Pupil ref": date(2026, 3, 1)}])))
    assert found[0].startswith("Placements row 2, Pupil ref: '01/03/2026' has been made a date")


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Providr ref", "Placements row 1: 'Providr ref' is not a heading — write Provider ref if that is meant"),
        ("Moday", "'Moday' is not a heading — write Monday if that is meant"),
    ],
)
def test_a_heading_that_is_nearly_right_is_not_passed_over(path: Path, heading: str, said: str) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    wanted = "Monday" if heading == "Moday" else "Provider ref"
    for cell in book["Placements"][1]:
        if cell.value == wanted:
            cell.value = heading
    book.save(path)
    assert said in "\n".join(problems_of(path))


def test_a_heading_that_is_there_twice(path: Path) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    book["Placements"]["AK1"], book["Placements"]["AK2"] = "monday", "am"
    book.save(path)
    assert problems_of(path) == ["Placements row 1: 'monday' is there twice — keep one of them"]


def test_a_sheet_without_headings_is_all_that_is_said(path: Path) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    book["Providers"].delete_rows(1)
    book.save(path)
    (found,) = problems_of(path)
    assert found.startswith("Providers: has no row of headings — put these in its first row: Provider ref, Name")


def test_a_workbook_without_the_sheet_that_others_name(path: Path) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    del book["Providers"]
    book.save(path)
    assert "'OAK' is not the ref of a provider — none is known: is their sheet in the file?" in problems_of(path)[-1]
