"""Files that are no roster, or were made to do harm: one clear sentence, and nothing lost."""

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apbot.roster import RosterProblems, load
from apbot.roster.grid import MOST_ROWS
from tests.roster.book import HILL, JOANA, RIGHT, fill, problems_of, with_rows

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def said_of(path: Path) -> str:
    """The one sentence about a file that can't be read."""
    (found,) = problems_of(path)
    return found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not an Excel workbook, or is damaged"),
        (b"Pupil ref,First name\r\nCD34,Joana\r\n", "is not an Excel workbook"),
        (random.Random(1).randbytes(50_000), "is not an Excel workbook"),
        (b"PK\x03\x04" + b"\x00" * 500, "is not an Excel workbook"),
        (OLD_EXCEL + b"\x00" * 600 + "Workbook".encode("utf-16-le"), "is an old Excel file (.xls)"),
        (OLD_EXCEL + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
    ],
)
def test_a_file_that_is_no_workbook_is_named_for_what_it_is(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    assert said in said_of(path)


def test_a_file_that_is_not_there(path: Path) -> None:
    assert "can't be read: No such file or directory" in said_of(path)


def test_a_workbook_cut_short_on_its_way(path: Path) -> None:
    whole = fill(path, RIGHT).read_bytes()
    for length in (100, len(whole) // 3, len(whole) - 40):
        path.write_bytes(whole[:length])
        assert "roster.xlsx is" in said_of(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_a_workbook_with_bytes_changed_is_read_or_refused_and_nothing_else_happens(path: Path, dice: Any) -> None:
    if not path.exists():
        fill(path, RIGHT)
    whole = bytearray(path.read_bytes())
    for _ in range(dice.randrange(1, 40)):
        whole[dice.randrange(len(whole))] = dice.randrange(256)
    spoiled = path.with_name("spoiled.xlsx")
    spoiled.write_bytes(whole)
    problems_of(spoiled)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_a_workbook_whose_xml_is_spoiled_is_read_or_refused_and_nothing_else_happens(path: Path, dice: Any) -> None:
    if not path.exists():
        fill(path, RIGHT)
    spoiled = path.with_name("spoiled.xlsx")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(spoiled, "w") as target:
        for name in archive.namelist():
            content = bytearray(archive.read(name))
            if dice.random() < 0.4:
                for _ in range(dice.randrange(1, 5)):
                    at = dice.randrange(len(content))
                    content[at : at + dice.randrange(30)] = dice.randbytes(dice.randrange(20))
            target.writestr(name, bytes(content))
    problems_of(spoiled)


def test_a_zip_file_that_unpacks_to_too_much_is_not_unpacked(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 101 * 1024 * 1024)
    assert path.stat().st_size < 1024 * 1024
    assert "unpacks to more than 100 MB" in said_of(path)


def test_xml_that_expands_itself_does_no_harm(path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
    )
    fill(path, RIGHT)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = (bomb + "]><workbook>&j;</workbook>").encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert "is damaged" in said_of(path)


def test_a_file_that_is_too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    assert "is larger than 20 MB" in said_of(path)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("content.xml", "is an OpenDocument spreadsheet (.ods)"),
        ("Index/Document.iwa", "is not an Excel workbook (.xlsx)"),
        ("xl/workbook.bin", "is not an Excel workbook (.xlsx)"),
    ],
)
def test_a_spreadsheet_of_another_kind(path: Path, part: str, said: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    assert said in said_of(path)


def test_a_workbook_without_any_of_the_sheets(path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(path)
    assert said_of(path).startswith("roster.xlsx has none of the roster's sheets — name them Schools, People")


def test_a_cell_of_ten_megabytes(path: Path) -> None:
    with pytest.raises(RosterProblems) as trouble:
        load(_with_long_cell(path))
    (problem,) = trouble.value.problems
    assert (problem.sheet, problem.row, problem.column) == ("Schools", 2, "Name")
    assert problem.wrong == "is 10,000,000 characters long"
    assert len(str(problem)) < 200


def _with_long_cell(path: Path) -> Path:
    fill(path, RIGHT)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(b"Hillcrest Academy", b"x" * 10_000_000))
    return path


def test_a_sheet_with_too_many_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apbot.roster.workbook.MOST_ROWS", 30)
    schools = [{**HILL, "School ref": f"S{number}"} for number in range(31)]
    fill(path, with_rows(Schools=schools))
    assert "the sheet Schools has more than 30 rows — split it" in said_of(path)
    fill(path, with_rows(Schools=schools[1:]))
    assert not any("split it" in problem for problem in problems_of(path))


def test_a_cell_far_out_to_the_right_and_far_down_costs_nothing_and_is_passed_over(path: Path) -> None:
    book = openpyxl.load_workbook(fill(path, RIGHT))
    book["Placements"]["XFD2"] = "?"
    book["Closures"]["A1048576"] = " "
    book.save(path)
    assert len(load(path).placements) == 1


def test_the_size_that_a_sheet_claims_for_itself_is_not_believed(path: Path) -> None:
    fill(path, RIGHT)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            if name.endswith("sheet5.xml"):
                start = content.index(b"<dimension")
                end = content.index(b"/>", start)
                content = content[:start] + b'<dimension ref="A1:B1"' + content[end:]
            archive.writestr(name, content)
    assert len(load(path).placements) == 1


def csv_folder(tmp_path: Path, **files: str | bytes) -> Path:
    folder = tmp_path / "roster"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name.replace('_', '-')}.csv").write_bytes(data)
    return folder


SCHOOLS = "School ref,Name,Telephone\nHILL,Hillcrest Academy,1632960101\n"


@pytest.mark.parametrize(
    "content",
    [
        SCHOOLS,
        SCHOOLS.replace(",", ";"),
        SCHOOLS.replace(",", "\t"),
        "sep=;\n" + SCHOOLS.replace(",", ";"),
        SCHOOLS.replace("\n", "\r\n"),
        SCHOOLS.encode("utf-8-sig"),
        SCHOOLS.encode("utf-16"),
        'School ref,Name,Telephone\n\n,,\nHILL,"Hillcrest\nAcademy",01632 960101\n',
    ],
)
def test_a_csv_file_as_any_spreadsheet_writes_it(tmp_path: Path, content: str | bytes) -> None:
    (school,) = load(csv_folder(tmp_path, schools=content)).schools
    assert (school.ref, school.name, school.telephone) == ("HILL", "Hillcrest Academy", "01632 960101")


def test_a_name_with_accents_from_the_plain_csv_of_excel(tmp_path: Path) -> None:
    content = "School ref,Name\nHILL,École Sainte-Thérèse\n".encode("cp1252")
    assert load(csv_folder(tmp_path, schools=content)).schools[0].name == "École Sainte-Thérèse"


def test_a_problem_in_a_csv_file_names_the_file(tmp_path: Path) -> None:
    folder = csv_folder(
        tmp_path, schools=SCHOOLS.replace("1632960101", "on request"), term_dates="Place,Starts on,Ends on\nX,1/9,2\n"
    )
    assert [line.split(":")[0] for line in problems_of(folder)] == [
        "schools.csv row 2, Telephone",
        "term-dates.csv row 2, Place",
        "term-dates.csv row 2, Starts on",
        "term-dates.csv row 2, Ends on",
    ]


def test_one_csv_file_alone_will_do(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path, schools=SCHOOLS)
    records = load(folder / "schools.csv")
    assert records.given == {"schools"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (random.Random(2).randbytes(9_000), "is not text"),
        (b"School ref,Name\n" + b"x" * 200_000 + b",y\n", "is not a CSV file, or is damaged"),
        (b"", "has no row of headings"),
        (b"School ref,Name\n" + b"S,N\n" * (MOST_ROWS + 1), "has more than 20,000 rows"),
        (b"a" * 21 * 1024 * 1024, "is larger than 20 MB"),
    ],
)
def test_a_csv_file_that_is_none(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in said_of(csv_folder(tmp_path, schools=content))


def test_a_folder_without_csv_files(tmp_path: Path) -> None:
    assert "there is no CSV file in" in said_of(tmp_path)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.text(max_size=200))
def test_any_bytes_as_a_csv_file_are_read_or_refused(tmp_path: Path, content: bytes, text: str) -> None:
    problems_of(csv_folder(tmp_path, schools=content))
    problems_of(csv_folder(tmp_path, schools="School ref,Name\nHILL," + text))


CELLS = st.one_of(
    st.text(max_size=12),
    st.integers(-5, 99999),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(JOANA)), CELLS), st.dictionaries(st.sampled_from(sorted(HILL)), CELLS))
def test_whatever_stands_in_the_cells_is_read_or_refused(
    path: Path, placement: dict[str, Any], school: dict[str, Any]
) -> None:
    import csv

    for name, rows in (("placements", [{**JOANA, **placement}]), ("schools", [{**HILL, **school}])):
        written = io.StringIO()
        writer = csv.DictWriter(written, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        folder = csv_folder(path.parent, **{name: written.getvalue().encode("utf-8", "replace")})
    problems_of(folder)
