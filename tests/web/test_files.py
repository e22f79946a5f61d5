"""Files taken out behind sign-in: whose, over which days, harmless in a spreadsheet, and never without a trace."""

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from apbot.store.tables import audit, placements, pupils
from apbot.web import files
from tests.web.office import Office
from tests.web.visits import amended, visited

THAT_DAY = "from=2026-09-17&to=2026-09-17"
EVERY = ("attendance", "duties", "records", "non-arrivals")


async def rows_of(office: Office, name: str, what: str, more: str = "") -> list[dict[str, str]]:
    answer = await office.get(name, f"/files/{what}.csv?{THAT_DAY}{more}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_a_schools_attendance_holds_its_own_pupils(office: Office) -> None:
    await office.day.until("10:05")
    rows = await rows_of(office, "Priya Nair", "attendance")
    assert {row["Pupil ref"] for row in rows} == {"AB12", "CD34", "EF56"}
    assert {row["Last name"] for row in rows} == {"Ward", "da Silva", "Hassan"}
    assert {row["Pupil ref"] for row in await rows_of(office, "Alan Pugh", "attendance")} == {"GH78"}
    everything = await rows_of(office, "Ada Quill", "attendance")
    assert {row["School"] for row in everything} == {"Hillcrest", "Marsh Lane"}
    assert {row["School"] for row in await rows_of(office, "Ada Quill", "attendance", "&school=MARS")} == {"Marsh Lane"}


async def test_every_non_arrival_says_who_took_it_on_and_how_long_it_took(office: Office) -> None:
    day = office.day
    await day.until("09:31")
    await day.provider("Oak Farm").taps("All arrived")
    await day.until("10:04")
    await day.dsl("Hillcrest").taps("Acknowledge")
    await day.until("10:15")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="EF56", outcome="in school")
    (row,) = await rows_of(office, "Priya Nair", "non-arrivals")
    told = {name: row[name] for name in ("Pupil ref", "Opened at", "Acknowledged by", "Outcome", "Established by")}
    assert told == {
        "Pupil ref": "EF56",
        "Opened at": "17/09/2026 10:00",
        "Acknowledged by": "Dorothy Okafor",
        "Outcome": "in school",
        "Established by": "Dorothy Okafor",
    }
    assert (row["Minutes to acknowledge"], row["Minutes to outcome"]) == ("4", "15")


async def test_duties_say_what_has_become_of_them(office: Office) -> None:
    await office.day.until("09:00")
    assert await rows_of(office, "Priya Nair", "duties") == [], "nothing is due on that day"
    answer = await office.get("Priya Nair", "/files/duties.csv?from=2026-09-17&to=2026-09-30")
    found = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    contacts = [row for row in found if row["Duty"] == "Contact with the provider"]
    assert {(row["Pupil ref"], row["Due"], row["State"], row["Key worker"]) for row in contacts} == {
        (ref, "18/09/2026", "open", "Kit Lowry") for ref in ("AB12", "CD34", "EF56")
    }


@pytest.mark.parametrize("what", EVERY)
@pytest.mark.parametrize("reader", ["Sam Taylor", "Kit Lowry"])
async def test_provider_staff_and_key_workers_take_out_nothing(office: Office, what: str, reader: str) -> None:
    answer = await office.get(reader, f"/files/{what}.csv?{THAT_DAY}")
    assert answer.status_code == 404
    assert "nothing for you to take out" in await office.reads(reader, "/files")


@pytest.mark.parametrize("what", [*EVERY, "payroll"])
async def test_another_schools_file_is_as_if_it_were_not_there(office: Office, what: str) -> None:
    theirs = await office.get("Priya Nair", f"/files/{what}.csv?{THAT_DAY}&school=MARS")
    none = await office.get("Priya Nair", f"/files/{what}.csv?{THAT_DAY}&school=NONE")
    assert (theirs.status_code, theirs.text) == (404, none.text)


@pytest.mark.parametrize("what", EVERY)
async def test_nothing_in_a_file_is_run_by_a_spreadsheet(office: Office, what: str, tmp_path: Path) -> None:
    day = office.day
    evil = '=HYPERLINK("http://evil.example")'
    day.change(pupils, pupils.c.ref == "EF56", first_name=evil, last_name="@SUM(1)")
    day.change(placements, placements.c.ref == "EF56-THE", ref="+1-1")
    await day.until("10:05")
    span = "from=2026-09-01&to=2026-09-30"
    text = (await office.get("Priya Nair", f"/files/{what}.csv?{span}")).content.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    path = tmp_path / "file.xlsx"
    path.write_bytes((await office.get("Priya Nair", f"/files/{what}.xlsx?{span}")).content)
    book = load_workbook(path)
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    if what != "records":
        assert evil in {cell.value for row in book.worksheets[0] for cell in row}, "and it is there all the same"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "Give the first day and the last"),
        ("from=2026-09-17", "Give the first day and the last"),
        ("from=x&to=2026-09-17", "Give the first day and the last"),
        ("from=2026-09-17&to=2026-09-16", "The last day is before the first"),
        ("from=2020-01-01&to=2026-09-16", "At most 400 days"),
        ("from=9999-12-31&to=9999-12-31", "Give the first day and the last"),
    ],
)
async def test_days_that_can_not_be_used_are_told_with_what_to_do(office: Office, query: str, says: str) -> None:
    answer = await office.get("Priya Nair", f"/files/attendance.csv?{query}")
    assert answer.status_code == 422
    assert says in answer.text


async def test_each_file_is_in_the_audit_log_with_its_pupils_and_leaves_nothing_behind(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.tempfile, "tempdir", str(tmp_path))
    await office.day.until("10:05")
    for what in EVERY:
        await rows_of(office, "Priya Nair", what)
    found = office.day.rows(sa.select(audit).where(audit.c.what.endswith("exported")).order_by(audit.c.id))
    assert [row.what for row in found] == [
        "registers exported",
        "duties exported",
        "records exported",
        "non-arrivals exported",
    ]
    assert {row.person_id for row in found} == {office.day.ids["Priya Nair"]}
    assert found[0].detail == {"from": "2026-09-17", "to": "2026-09-17", "rows": 6, "format": "csv"} | {
        "count": 3,
        "pupils": sorted(office.day.ids[each] for each in ("AB12", "CD34", "EF56")),
    }
    assert not list(tmp_path.iterdir())


async def test_what_was_amended_is_in_the_file_and_counts_no_more(office: Office) -> None:
    await office.day.until("09:40")
    office.day.database.run(visited, office.day.ids, "calm")
    office.day.database.run(amended, office.day.ids["Priya Nair"], "tired")
    was, stands = await rows_of(office, "Priya Nair", "records")
    assert (was["Counts"], was["Amended by"], was["Amended at"]) == ("no", "Priya Nair", "17/09/2026 09:40")
    assert "calm" in was["Answers"]
    assert (stands["Counts"], stands["Amended by"], stands["Written down by"]) == ("yes", "", "Priya Nair")
    assert "tired" in stands["Answers"]


async def test_who_asks_for_file_after_file_is_asked_to_wait(office: Office) -> None:
    for _ in range(files.FILES_A_MINUTE):
        await rows_of(office, "Priya Nair", "records")
    assert (await office.get("Priya Nair", f"/files/records.csv?{THAT_DAY}")).status_code == 429
    await rows_of(office, "Alan Pugh", "records")
