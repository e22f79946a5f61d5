"""Three administrators fill in the roster, each in their own way, and the week that follows goes without a breach."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from apbot.domain.roles import Role
from apbot.domain.timetable import Pattern
from apbot.roster import Records, load, write_workbook
from apbot.roster.records import Post
from apbot.simulator.run import rehearse
from tests.roster.book import fill, new_database, stored, take_in

MONDAY, FRIDAY = date(2026, 9, 7), date(2026, 9, 11)


def in_a_hurry(folder: Path) -> Path:
    """Types straight below the examples, as things come: numbers for refs, names for refs, times and days anyhow."""
    oak = {"Provider ref": "OAK", "Name": "Oak Farm", "Telephone": 1632960201, "Activity": "animal care"}
    garage = {"Provider ref": "The Garage", "Name": "The Garage CIC", "Activity": "Motor vehicle"}
    return fill(
        folder / "AP roster FINAL (2).xlsx",
        {
            "Schools": [
                {"School ref": 101, "Name": "Hillcrest Academy ", "Telephone": 1632960101, "Initials in chat": "Y"},
                {"School ref": "Marsh ", "Name": "St Mary's CofE\xa0School", "Second step after": 5},
            ],
            "Providers": [
                {**oak, "am start": "9.30", "am end": 12, "pm start": "12:45pm", "Other times": "Fri pm 12.45 - 2.30"},
                {**garage, "am start": 0.395833333, "am end": time(12), "pm start": 1, "pm end": "3.00"},
            ],
            "People": [
                {"Person ref": "PN", "Name": "Priya Nair", "Organisation": 101, "Roles": "Attendance Officer"},
                {"Person ref": "DO", "Name": "Dorothy Okafor", "Organisation": "101 ", "Roles": "DSL / Head Teacher"},
                {"Person ref": "DO2", "Name": "Dorothy Okafor", "Organisation": "MARSH", "Roles": "dsl"},
                {"Person ref": "AP", "Name": "Alan Pugh", "Organisation": "marsh", "Roles": "attendance / SENDCo"},
                {"Person ref": "NB", "Name": "Nia Bowen", "Organisation": "marsh", "Roles": "senco", "Email": "n/a"},
                {"Person ref": "ST", "Name": "Sam Taylor", "Organisation": "Oak Farm", "Roles": "Manager"}
                | {"Mobile": 7700900104.0, "Starts on": "1/9/26"},
                {"Person ref": "GS", "Name": "Gary Stone", "Organisation": "the garage", "Roles": "contact"},
            ],
            "Placements": [
                {"Pupil ref": "cd34", "First name": "Joana", "Last name": "Silva", "School ref": 101}
                | {"Provider ref": "OAK", "Starts on": "7/9/26", "Target end date": "18/12/26", "Year group": "Year 10"}
                | {"Monday": "All Day", "Tuesday": "am", "Wednesday": "", "Thursday": "x", "Friday": "pm A"},
                {"Pupil ref": "CD 34", "Provider ref": "the garage", "Starts on": "07-Sep-2026", "Wednesday": "AM"},
                {"Pupil ref": "EF56", "First name": "Mo", "Last name": "Hassan", "School ref": "Marsh"}
                | {"Provider ref": "Oak Farm", "Starts on": datetime(2026, 9, 7), "Ends on": "ongoing"}  # noqa: DTZ001
                | {"Monday": "am", "Tuesday": "am", "Friday": "am", "Alert after": "30 mins"}
                | {"Arranged by": "LA", "Dual registered": "N", "Activity code": "K"},
                {},
                {"Pupil ref": "GH78", "First name": "Siân", "Last name": "O’Connor", "School ref": "marsh"}
                | {"Provider ref": "oak", "Starts on": "2026-09-07", "Monday": "am+pm", "Friday": "A am, B pm"}
                | {"Transport": "taxi", "Who calls home": "office", "Key worker": "Nia Bowen"},
            ],
            "Term dates": [
                {"Place": "101; MARSH", "Term name": "Autumn 1", "Starts on": "2/9/26", "Ends on": "23 October 2026"}
                | {"First week": "a"},
                {"Place": "101", "Term name": "Autumn 2", "Starts on": "2/11/2026", "Ends on": "18/12/2026"},
                {"Place": "Marsh", "Starts on": date(2026, 11, 2), "Ends on": date(2026, 12, 18)},
            ],
            "Closures": [
                {"Place": "101", "From": "25/9/26", "Kind": "INSET"},
                {"Place": "Oak", "From": "10/9/26", "To": "11/9/26", "Sessions": "AM", "Kind": "snow"},
            ],
        },
        examples=True,
    )


def in_their_own_way(folder: Path) -> Path:
    """Gives each sheet a title, moves and renames columns, merges cells, and adds what the school always has."""
    path = folder / "roster.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])

    def sheet(title: str, *rows: dict[str, object]) -> Any:
        made: Any = book.create_sheet(title)
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        for line in ([f"Northgate Learning Trust: {title}"], [], headings):
            made.append(line)
        for row in rows:
            made.append([row.get(heading) for heading in headings])
        return made

    sheet("SCHOOLS ", {"Name": "Northgate High", "School Reference": "old", "School Ref": "NG", "Tel": "020 7946 0101"})
    sheet(
        "Staff",
        {"Full name": "Oluwaseun Adébáyọ̀", "Person Ref": "OA", "Role(s)": "DSL\nHead", "Works at": "Northgate High"}
        | {"E-mail": "OA@Northgate.Example ", "Mobile number": "(07700) 900 111", "Start date": "1 Sept 2019"},
        {"Full name": "Mary-Kate Ní Dhomhnaill", "Person Ref": "MKND", "Role(s)": "Attendance & Welfare Officer"}
        | {"Works at": "NG", "Mobile number": "7700 900112", "Leaving date": "ongoing"},
        {"Full name": "Mary-Kate Ní Dhomhnaill", "Person Ref": "MKND", "Role(s)": "Key person", "Works at": "NG"},
        {"Full name": "T. van der Berg", "Person Ref": "TB", "Role(s)": "Provider Manager", "Works at": "GH"},
        {"Full name": "Ngọc Trần", "Person Ref": "NT", "Role(s)": "tutor", "Works at": "GH"},
        {"Full name": "Ann Trust", "Person Ref": "AT", "Role(s)": "Administrator"},
    )
    sheet(
        "Provider list",
        {"Provider ref": "GH", "Provider name": "Greenhouse Project", "Phone": "01632 960211 ext 3"}
        | {"Nature of activity": "Horticulture", "AM start": "0915", "AM finish": "1145", "PM start": "1215"},
    )
    placed = sheet(
        "Placement",
        {"School": "NG", "Provider": "Greenhouse Project", "Tutor group": "9C"}
        | {"Surname": "O'Neill-Bâ", "Forename": "Awa", "Pupil Ref.": "NG-101", "Start Date": 46272, "End date": "TBC"}
        | {"Mon": "all day", "Tues": "-", "Weds": "All Day", "Thurs": "School", "Fri": "am only"}
        | {"Key worker": "MKND", "Social worker?": "TRUE", "Dual registered": "no", "Yr": "Yr 9"},
        {"Surname": "Đặng", "Forename": "Minh", "Pupil Ref.": "NG-102", "Start Date": "Mon 7 Sep 2026", "Yr": "Y10"}
        | {"Mon": "week A am", "Tues": "both", "Thurs": "B: all day", "Fri": "n/a", "Key worker": "OA"}
        | {"Social worker?": 0, "Dual registered": "N/A"},
        {"Surname": "Smith", "Forename": "John", "Pupil Ref.": "NG-103", "Start Date": "7th September 2026", "Yr": 10}
        | {"Mon": "AM/PM", "Tues": "AM/PM", "Weds": "AM", "End date": "23/07/2027", "Dual registered": "Y"},
    )
    placed.merge_cells("A4:A6")
    placed.merge_cells("B4:B6")
    sheet(
        "Terms",
        {"School ref": "NG", "Term": "Autumn", "First day": "Thursday 3 September 2026"}
        | {"Last day": "Friday 18 December 2026", "Week": "Week A"},
    )
    sheet("Inset days", {"School": "NG", "Date": "26.10.26", "Until": "30.10.26", "Reason": "half term"})
    sheet("Rota", {"Duty": "gate"})
    book.save(path)
    return path


FROM_THE_MIS = {
    "SCHOOLS": "school_ref;name\n8881001.0;Ashdown School\n",
    "People": """person_ref;name;organisation_ref;roles
1.0;Chidi Eze;8881001;ATTENDANCE CONTACT,DSL
2.0;Chidi Eze;77;Named Contact
3;Łucja Zając;8881001;Deputy Designated Safeguarding Lead
""",
    "Providers": """provider_ref;name;activity;am_start;am_end;pm_start;pm_end;other_times
77;Harbour Boats;Boat building;09:00:00;12:00:00;;;Weds pm 13:00-15:30
""",
    "Placements": """pupil_ref;first_name;last_name;school_ref;provider_ref;starts_on;monday;wednesday;friday;alert
A0001;Björk;Åström;8881001;77;2026-09-07 00:00:00;AM;ALL DAY;;20.0
A0002;Jo;Li;8881001;77.0;20260907;;PM;AM;
A0002;Jo;Li;8881001;77.0;20260907;;PM;AM;
""",
    "term_dates": """place;term_name;starts_on;ends_on
8881001;HT1;2026-09-01;2026-10-16
8881001;HT2;2026-11-02;2026-12-18
""",
}


def out_of_another_system(folder: Path) -> Path:
    """Exports each list as CSV, with that system's headings, numbers and words."""
    made = folder / "export"
    made.mkdir()
    for name, content in FROM_THE_MIS.items():
        (made / f"{name}.csv").write_text(content, encoding="utf-8")
    return made


EVERYBODY = [in_a_hurry, in_their_own_way, out_of_another_system]


@pytest.mark.parametrize("fill_in", EVERYBODY)
async def test_a_week_goes_by_without_a_breach(tmp_path: Path, fill_in: Any) -> None:
    records = load(fill_in(tmp_path))
    report = await rehearse(records, MONDAY, FRIDAY, seed=7)
    assert report.breaches == 0, report.examples
    assert report.sessions_expected >= 5


@pytest.mark.parametrize("fill_in", EVERYBODY)
def test_what_is_stored_can_be_given_out_and_taken_in_without_a_difference(tmp_path: Path, fill_in: Any) -> None:
    database, path = new_database(), fill_in(tmp_path)
    take_in(database, path)
    assert not take_in(database, path)
    write_workbook(stored(database), tmp_path / "given-out.xlsx")
    changes = take_in(database, tmp_path / "given-out.xlsx")
    assert not changes, changes.lines()
    assert load(tmp_path / "given-out.xlsx") == stored(database)


def by_ref(records: Records, kind: str) -> dict[str, Any]:
    return {each.ref: each for each in getattr(records, kind)}


def test_what_was_typed_in_a_hurry_was_understood(tmp_path: Path) -> None:
    records = load(in_a_hurry(tmp_path))
    placements = by_ref(records, "placements")
    assert list(placements) == ["CD34-OAK", "CD34-The Garage", "EF56-OAK", "GH78-OAK"]
    monday_to_friday = ["mon am", "mon pm", "tue am", "thu am", "thu pm", "fri pm A"]
    assert placements["CD34-OAK"].pattern == Pattern.from_json(monday_to_friday)
    assert placements["EF56-OAK"].arranged_by == "local authority"
    assert placements["GH78-OAK"].key_worker == "NB"
    people = by_ref(records, "people")
    assert people["NB"].posts == {Post("Marsh", Role.SENCO), Post("Marsh", Role.KEY_WORKER)}
    assert people["ST"].mobile == "07700 900104"
    assert len(records.terms) == 4


def test_what_was_put_in_order_in_their_own_way_was_understood(tmp_path: Path) -> None:
    records = load(in_their_own_way(tmp_path))
    placements = by_ref(records, "placements")
    assert list(placements) == ["NG-101-GH", "NG-102-GH", "NG-103-GH"]
    assert placements["NG-101-GH"].starts_on == MONDAY
    in_turn = ["mon am A", "tue am", "tue pm", "thu am B", "thu pm B"]
    assert placements["NG-102-GH"].pattern == Pattern.from_json(in_turn)
    assert by_ref(records, "pupils")["NG-102"].school == "NG"
    both = {Post("NG", Role.ATTENDANCE_CONTACT), Post("NG", Role.KEY_WORKER)}
    assert by_ref(records, "people")["MKND"].posts == both
    assert "weeks long" not in "\n".join(records.notes)  # the half-term holiday stands among the closures


def test_what_came_out_of_another_system_was_understood(tmp_path: Path) -> None:
    records = load(out_of_another_system(tmp_path))
    assert [placement.ref for placement in records.placements] == ["A0001-77", "A0002-77"]
    assert by_ref(records, "placements")["A0001-77"].alert_minutes == 20
    assert [person.name for person in records.people].count("Chidi Eze") == 2
    assert "Placements.csv row 4 repeats row 3, and was passed over." in records.notes
