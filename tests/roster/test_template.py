"""The workbook to fill in."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from apbot.roster import RosterProblems, load, write_template
from apbot.roster.headings import match_sheets, normal
from apbot.roster.sheets import ALL
from tests.roster.book import RIGHT, SHEETS, fill, problems_of


@pytest.fixture
def template(tmp_path: Path) -> Any:
    write_template(tmp_path / "roster.xlsx")
    return openpyxl.load_workbook(tmp_path / "roster.xlsx")


def test_it_has_the_notes_and_one_sheet_for_each_part(template: Any) -> None:
    assert template.sheetnames == SHEETS


def test_the_notes_explain_every_column(template: Any) -> None:
    explained = {row[0] for row in template["Notes"].iter_rows(values_only=True)}
    for sheet in ALL:
        assert {column.heading for column in sheet.columns} <= explained


def test_what_can_be_chosen_is_offered_and_other_things_may_be_typed(template: Any) -> None:
    offered = {str(rule.sqref): rule for rule in template["Placements"].data_validations.dataValidation}
    monday = next(rule for where, rule in offered.items() if where.startswith("P2:"))
    assert monday.formula1.startswith('"all day,am,pm,')
    assert not monday.showErrorMessage
    assert any("'Providers'!$A$2" in rule.formula1 for rule in offered.values())


def test_no_drop_down_is_longer_than_excel_can_hold(template: Any) -> None:
    for sheet in template.worksheets:
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.formula1) <= 255


def test_telephone_numbers_and_refs_are_typed_into_text_cells_so_that_excel_eats_nothing(template: Any) -> None:
    people = template["People"]
    assert people.column_dimensions["A"].number_format == "@"
    assert people.column_dimensions["F"].number_format == "@"


def test_left_as_it_is_there_is_nothing_to_take_in_and_the_examples_are_named(tmp_path: Path) -> None:
    write_template(tmp_path / "roster.xlsx")
    with pytest.raises(RosterProblems) as trouble:
        load(tmp_path / "roster.xlsx")
    assert [problem.wrong for problem in trouble.value.problems] == ["there is no row to take in"]
    assert any("example" in note for note in trouble.value.notes)


def test_examples_left_in_are_passed_over_with_a_note(tmp_path: Path) -> None:
    records = load(fill(tmp_path / "roster.xlsx", RIGHT, examples=True))
    assert [school.ref for school in records.schools] == ["HILL"]
    assert "Placements: the template's own example in row 2 was passed over." in records.notes


def test_an_example_row_that_was_half_filled_in_is_no_example(tmp_path: Path) -> None:
    path = fill(tmp_path / "roster.xlsx", RIGHT, examples=True)
    book = openpyxl.load_workbook(path)
    book["Placements"]["B2"], book["Placements"]["C2"] = "EF56", "Mo"
    book.save(path)
    found = problems_of(path)
    assert "Placements row 2, Last name: 'Example: Silva' is still the template's example" in found[0]
    assert all("row 2" in problem for problem in found)


def test_the_examples_are_good_examples(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    write_template(path)
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = re.sub("^example[-: ]*", "", cell.value, flags=re.IGNORECASE)
    book["Placements"]["B2"] = "CD34"
    book.save(path)
    assert problems_of(path) == []


def test_no_two_columns_of_a_sheet_go_by_the_same_heading() -> None:
    for sheet in ALL:
        headings = [normal(name) for column in sheet.columns for name in {column.heading, *column.also}]
        assert len(headings) == len({*headings}), sheet.title
        assert all(name == normal(name) for column in sheet.columns for name in column.also), sheet.title


def test_every_name_of_a_sheet_means_that_sheet() -> None:
    for sheet in ALL:
        for name in (sheet.title, *sheet.also, sheet.title.upper(), f" {sheet.title} ", f"{sheet.title}.csv"):
            assert match_sheets([name], []) == {name: sheet}
