"""What is read out of a workbook that is right, however untidily it was filled in."""

import re
import zipfile
from datetime import date, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from apbot.domain.calendar import Closure, Term
from apbot.domain.escalation import Policy
from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.roster import Records, load
from apbot.roster.records import Person, Post
from tests.roster.book import AUTUMN, DSL, HILL, JOANA, OAK, OFFICE, RIGHT, SAM, Cells, fill, problems_of, with_rows

MARSH: Cells = {"School ref": "MARSH", "Name": "Marsh Lane School"}


def read(path: Path, **sheets: list[Cells]) -> Records:
    return load(fill(path, with_rows(**sheets)))


def placement(path: Path, **cells: object) -> Any:
    """The pupil's placement with these cells written otherwise; underscores are spaces."""
    changed = {heading.replace("_", " "): value for heading, value in cells.items()}
    return read(path, Placements=[{**JOANA, **changed}]).placements[0]


def test_a_roster_in_which_everything_is_right(path: Path) -> None:
    records = load(fill(path, RIGHT))
    assert records.placements[0].ref == "CD34-OAK"
    assert records.placements[0].pattern == Pattern.from_json(["mon am", "mon pm", "fri pm"])
    assert records.placements[0].alert_minutes == 30
    assert records.pupils[0].last_name == "da Silva-O'Brien"
    assert records.providers[0].hours == Hours(
        {Session.AM: Span(time(9, 30), time(12)), Session.PM: Span(time(12, 45), time(15))}
    )
    assert records.terms[0].term == Term("Autumn 1", date(2026, 9, 2), date(2026, 10, 23))
    assert records.notes == ()


def test_a_pupil_at_two_providers_on_two_rows_is_one_pupil(path: Path) -> None:
    garage = {**OAK, "Provider ref": "GAR", "Name": "The Garage"}
    gary = {**SAM, "Person ref": "gstone", "Organisation": "GAR"}
    other = {**JOANA, "Provider ref": "GAR", "Monday": None, "Friday": None, "Tuesday": "am"}
    records = read(path, Providers=[OAK, garage], People=[DSL, OFFICE, SAM, gary], Placements=[JOANA, other])
    assert [pupil.ref for pupil in records.pupils] == ["CD34"]
    assert [placement.ref for placement in records.placements] == ["CD34-OAK", "CD34-GAR"]


def test_the_second_row_of_a_pupil_need_not_say_the_name_again(path: Path) -> None:
    other = {
        "Placement ref": "CD34-2",
        "Pupil ref": "CD34",
        "Provider ref": "OAK",
        "Starts on": "1/10/26",
        "Tuesday": "am",
    }
    assert len(read(path, Placements=[JOANA, other]).placements) == 2


def test_two_spellings_of_one_name_are_one_pupil(path: Path) -> None:
    records = read(
        path,
        Placements=[
            {**JOANA, "First name": "Zoë", "Last name": "O’Connor"},
            {**JOANA, "Placement ref": "CD34-2", "First name": "ZOE ", "Last name": "o'connor", "Monday": None},
        ],
    )
    assert records.pupils[0].first_name == "Zoë"


def test_two_people_with_the_same_name_are_two_people(path: Path) -> None:
    records = read(path, People=[DSL, OFFICE, SAM, {**OFFICE, "Person ref": "pnair2"}])
    assert [person.ref for person in records.people if person.name == "Priya Nair"] == ["pnair", "pnair2"]


def test_somebody_at_two_schools_has_two_rows_and_is_one_person(path: Path) -> None:
    records = read(
        path,
        Schools=[HILL, MARSH],
        People=[
            {**DSL, "Email": "d@hill.example"},
            {**DSL, "Organisation": "MARSH", "Roles": "Head; DSL"},
            OFFICE,
            SAM,
        ],
        Term_dates=[AUTUMN, {**AUTUMN, "Place": "MARSH"}],
    )
    assert records.people[0] == Person(
        "dokafor",
        "Dorothy Okafor",
        frozenset({Post("HILL", Role.DSL), Post("MARSH", Role.DSL), Post("MARSH", Role.HEAD)}),
        "d@hill.example",
    )


def test_somebody_with_the_same_roles_at_two_schools_may_have_one_row(path: Path) -> None:
    sheets = {"Schools": [HILL, MARSH], "People": [{**DSL, "Organisation": "HILL, marsh"}, OFFICE, SAM]}
    records = load(fill(path, {**RIGHT, **sheets, "Term dates": [{**AUTUMN, "Place": "HILL; MARSH"}]}))
    assert records.people[0].posts == {Post("HILL", Role.DSL), Post("MARSH", Role.DSL)}


def test_an_admin_with_no_organisation_is_one_over_everything(path: Path) -> None:
    quill = {"Person ref": "aquill", "Name": "Ada Quill", "Roles": "Administrator"}
    assert read(path, People=[DSL, OFFICE, SAM, quill]).people[-1].posts == {Post("", Role.ADMIN)}


def test_refs_are_the_same_in_capitals_with_spaces_and_as_numbers(path: Path) -> None:
    school = {**HILL, "School ref": 101}
    records = read(
        path,
        Schools=[school],
        People=[{**DSL, "Organisation": "101"}, {**OFFICE, "Organisation": 101.0}, {**SAM, "Organisation": " oak "}],
        Placements=[{**JOANA, "School ref": "0101", "Provider ref": "Oak"}],
        Term_dates=[{**AUTUMN, "Place": " 101.0"}],
    )
    assert records.pupils[0].school == "101"
    assert records.placements[0].provider == "OAK"
    assert {post.organisation for person in records.people for post in person.posts} == {"101", "OAK"}


def test_the_name_of_the_only_one_that_has_it_does_for_a_ref_and_is_noted(path: Path) -> None:
    records = read(path, Placements=[{**JOANA, "Provider ref": "Oak Farm"}])
    assert records.placements[0].provider == "OAK"
    assert "Placements: 'Oak Farm' taken to mean OAK." in records.notes


def test_the_colleague_named_as_key_worker_is_made_one(path: Path) -> None:
    kit = {"Person ref": "klowry", "Name": "Kit Lowry", "Organisation": "HILL", "Roles": "SENCO"}
    records = read(path, People=[DSL, OFFICE, SAM, kit], Placements=[{**JOANA, "Key worker": "Kit Lowry"}])
    assert records.placements[0].key_worker == "klowry"
    assert records.people[-1].posts == {Post("HILL", Role.SENCO), Post("HILL", Role.KEY_WORKER)}
    assert "klowry is named as a key worker, and is made one at HILL." in records.notes


def test_a_dsl_who_is_key_worker_too_needs_no_other_role(path: Path) -> None:
    records = read(path, Placements=[{**JOANA, "Key worker": "dokafor"}])
    assert records.people[0].posts == {Post("HILL", Role.DSL)}


def test_the_steps_of_a_school_are_the_standard_ones_unless_it_says(path: Path) -> None:
    assert read(path, Schools=[HILL]).schools[0].policy is None
    own = read(path, Schools=[{**HILL, "Second step after": "5 mins", "Then every": 10}]).schools[0]
    assert own.policy == Policy.standard(5, 20, 10)


def test_a_placement_that_starts_later_ends_when_the_provider_does(path: Path) -> None:
    assert placement(path, am_start="10.15").hours == Hours({Session.AM: Span(time(10, 15), time(12))})
    own = placement(path, Other_times="Fri pm 1:15").hours
    assert own == Hours({}, {(4, Session.PM): Span(time(13, 15), time(15))})


def test_a_provider_with_other_times_on_a_friday(path: Path) -> None:
    records = read(path, Providers=[{**OAK, "Other times": "Fri pm 12.30-2.30"}])
    assert records.providers[0].hours.span(4, Session.PM) == Span(time(12, 30), time(14, 30))


def test_a_provider_that_only_runs_in_the_mornings(path: Path) -> None:
    mornings = {**OAK, "pm start": None, "pm end": None, "am end": None}
    records = read(path, Providers=[mornings], Placements=[{**JOANA, "Monday": "am", "Friday": None}])
    assert records.providers[0].hours == Hours({Session.AM: Span(time(9, 30), time(12))})


def test_k_and_d_as_activity_codes_are_understood_where_the_row_agrees(path: Path) -> None:
    assert placement(path, Arranged_by="LA", Activity_code="K").arranged_by == "local authority"
    assert placement(path, Dual_registered="Y", Activity_code="D").dual_registered


def test_a_place_may_be_several(path: Path) -> None:
    records = read(
        path,
        Schools=[HILL, MARSH],
        Term_dates=[{**AUTUMN, "Place": "HILL; marsh"}],
        Closures=[{"Place": "HILL, OAK", "From": "25/9/26", "Sessions": "PM", "Kind": "snow"}],
    )
    assert [each.place for each in records.terms] == ["HILL", "MARSH"]
    snow = Closure(date(2026, 9, 25), date(2026, 9, 25), "pm", "snow")
    assert [(each.place, each.closure) for each in records.closures] == [("HILL", snow), ("OAK", snow)]


def test_a_pupil_without_a_placement_yet_is_taken_in_and_noted(path: Path) -> None:
    alone = {"Pupil ref": "EF56", "First name": "Mo", "Last name": "Hassan", "School ref": "HILL", "Year group": "Yr 9"}
    records = read(path, Placements=[JOANA, alone])
    assert [pupil.ref for pupil in records.pupils] == ["CD34", "EF56"]
    assert "Placements row 3: EF56 has no placement, and is not expected anywhere." in records.notes


def test_a_row_that_stands_there_twice_is_taken_once(path: Path) -> None:
    records = read(path, Schools=[HILL, HILL], Placements=[JOANA, JOANA])
    assert len(records.schools) == len(records.placements) == 1
    assert "Placements row 3 repeats row 2, and was passed over." in records.notes


def test_blank_rows_a_title_and_columns_of_ones_own_do_no_harm(path: Path) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    sheet: Any = book["Placements"]
    sheet.insert_rows(2, 3)
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Our pupils in alternative provision, autumn 2026"
    sheet.insert_cols(4)
    sheet["D3"], sheet["D7"] = "Tutor group", "10B"
    book.create_sheet("Staff rota")["A1"] = "nothing to do with it"
    book.save(path)
    records = load(path)
    assert [pupil.first_name for pupil in records.pupils] == ["Joana"]
    assert "Placements: these columns were passed over: Tutor group." in records.notes
    assert any("'Staff rota' was passed over" in note for note in records.notes)


def test_headings_and_sheets_are_known_by_other_names_and_in_any_order(path: Path) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    book["Placements"].title = " PLACEMENT "
    book["Term dates"].title = "Terms"
    book.move_sheet("Schools", 4)
    sheet: Any = book[" PLACEMENT "]
    for cell in sheet[1]:
        cell.value = {"Last name": "SURNAME", "Starts on": "Start Date*", "Pupil ref": "pupil_ref"}.get(
            cell.value, f" {cell.value.upper()} "
        )
    sheet.move_range("B1:B9", cols=40)
    book.save(path)
    assert load(path).pupils == load(fill(path, RIGHT)).pupils


def test_columns_that_may_be_left_out_may_be_left_out_altogether(path: Path) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    sheet: Any = book["Placements"]
    for column in range(sheet.max_column, 0, -1):
        if sheet.cell(2, column).value is None:
            sheet.delete_cols(column)
    del book["Closures"]
    book.save(path)
    assert load(path).placements == load(fill(path, RIGHT)).placements


def test_cells_merged_over_several_rows_count_for_each(path: Path) -> None:
    rows = [{**JOANA, "Pupil ref": f"CD{number}", "School ref": None} for number in (34, 35, 36)]
    book = openpyxl.load_workbook(fill(path, with_rows(Placements=rows)))
    sheet: Any = book["Placements"]
    sheet["E2"] = "HILL"
    sheet.merge_cells("E2:E4")
    book.save(path)
    assert [pupil.school for pupil in load(path).pupils] == ["HILL"] * 3


def test_hidden_rows_and_filters_hide_nobody(path: Path) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    book["Placements"].row_dimensions[2].hidden = True
    book.save(path)
    assert len(load(path).placements) == 1


def rewritten(path: Path, part: str, before: str, after: str) -> None:
    """Change the workbook's own XML, as a spreadsheet writes it and our library does not."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = re.sub(before, after, parts[part].decode())
    assert changed != parts[part].decode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, changed if name == part else content)


def with_formula(path: Path, cell: str, formula: str, result: str, kind: str = "") -> Path:
    """The right roster with a formula in a cell of Placements, and what the spreadsheet made of it."""
    book = openpyxl.load_workbook(fill(path, RIGHT))
    book["Placements"][cell] = formula
    book.save(path)
    part = "xl/worksheets/sheet5.xml"
    rewritten(path, part, rf'(<c r="{cell}"[^>]*)(>\s*<f>[^<]*</f>)<v\s*/>', rf"\1{kind}\2{result}")
    return path


def test_a_formula_counts_for_what_the_spreadsheet_made_of_it(path: Path) -> None:
    records = load(with_formula(path, "N2", "=M2+84", "<v>46356</v>"))
    assert records.placements[0].ends_on == date(2026, 11, 30)


def test_a_formula_that_comes_to_nothing_is_an_empty_cell(path: Path) -> None:
    records = load(with_formula(path, "N2", '=IF(M2="","",M2)', "<v></v>", ' t="str"'))
    assert records.placements[0].ends_on is None


def test_a_formula_that_no_spreadsheet_has_worked_out_is_not_taken_for_an_empty_cell(path: Path) -> None:
    with_formula(path, "N2", "=M2+84", "<v></v>")
    (found,) = problems_of(path)
    assert found.startswith("Placements row 2, Ends on: is a formula without a result in the file")


def test_a_tick_in_a_weekday_is_a_whole_day_and_noted(path: Path) -> None:
    records = read(path, Placements=[{**JOANA, "Wednesday": "x"}])
    assert Pattern.from_json(["wed am", "wed pm"]).sessions <= records.placements[0].pattern.sessions
    assert "Placements row 2, Wednesday: 'x' taken to mean all day." in records.notes


@pytest.mark.parametrize(
    ("sheets", "note"),
    [
        ({"People": [OFFICE, SAM]}, "School HILL has no DSL"),
        ({"People": [DSL, SAM]}, "School HILL has no attendance contact"),
        ({"People": [DSL, OFFICE]}, "Provider OAK has no named contact"),
        ({"Term dates": [{**AUTUMN, "Place": "OAK"}]}, "School HILL has no term dates"),
        ({"Term dates": [{**AUTUMN, "Ends on": "18/12/26"}]}, "is 15 weeks long: is the half-term holiday in it?"),
        (
            {"Closures": [{"Place": "HILL", "From": "1/10/26", "To": "1/10/27"}]},
            "no register is opened for all that time",
        ),
        ({"Providers": [{**OAK, "Activity": None}]}, "Code B must record the nature of the activity"),
        ({"Placements": [{**JOANA, "UPN": "X123"}]}, "The UPN does not look like one"),
        ({"Placements": [{**JOANA, "Other times": "Wed am 10:00"}]}, "sessions that are not expected: Wednesday am"),
        ({"Placements": [JOANA, {**JOANA, "Placement ref": "P2"}]}, "CD34 is expected twice on Monday am"),
        ({"Placements": [{**JOANA, "Pupil leaves on": "1/10/26"}]}, "leaves the school before the placement ends"),
        ({"Placements": [{**JOANA, "Transport": "taxi for Joana"}]}, "stand in alerts, and a name of the pupil"),
        ({"Placements": [{**JOANA, "Who calls home": "Ms O’Brien"}]}, "stand in alerts, and a name of the pupil"),
        ({"People": [DSL, OFFICE, SAM, {**SAM, "Person ref": "x", "Roles": None}]}, "Without a role"),
    ],
)
def test_what_is_no_mistake_but_worth_a_look_is_noted(path: Path, sheets: dict[str, list[Cells]], note: str) -> None:
    records = load(fill(path, {**RIGHT, **sheets}))
    assert any(note in each for each in records.notes), records.notes


def test_two_placements_in_alternate_weeks_are_not_twice_at_once(path: Path) -> None:
    rows = [{**JOANA, "Monday": "am A"}, {**JOANA, "Placement ref": "P2", "Monday": "am B", "Friday": None}]
    assert read(path, Placements=rows).notes == ()
