"""Registers for a school's MIS: real files, read back."""

import asyncio
import csv
import io
import stat
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner, Result

from apbot.cards import Button
from apbot.cli import register
from apbot.domain.codes import MEANINGS
from apbot.exports.files import CsvFile
from apbot.exports.registers import AMENDMENT_COLUMNS, COLUMNS, Line
from apbot.store.database import Transaction
from apbot.store.tables import audit, entries, placements, pupils
from tests.blank import url_in
from tests.day import Day

HEADINGS = [column.heading for column in COLUMNS]


@pytest.fixture
def thursday(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """A Thursday that is kept in a file, where the command line finds it."""
    url = url_in(tmp_path)
    monkeypatch.setenv("APBOT_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    day = Day(url=url)
    yield day
    day.close()


async def run(*arguments: str) -> Result:
    """`apbot register export ...`, which has an event loop of its own."""
    app = typer.Typer()
    app.callback()(lambda: None)
    register.add_to(app)
    return await asyncio.to_thread(CliRunner().invoke, app, ["register", "export", *arguments])


async def export(*arguments: str, first: str = "17/09/2026", last: str = "17/09/2026") -> list[dict[str, str]]:
    """The rows of the CSV that goes to the output."""
    result = await run("--from", first, "--to", last, *arguments)
    assert result.exit_code == 0, result.stderr
    return read(result.stdout_bytes)


def read(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def row_of(rows: list[dict[str, str]], pupil: str, session: str) -> dict[str, str]:
    """The one row of a pupil and session."""
    (found,) = [row for row in rows if (row["Pupil ref"], row["Session"]) == (pupil, session)]
    return found


def sheets(path: Path) -> dict[str, Worksheet]:
    """The sheets of a workbook, by title."""
    return {sheet.title: sheet for sheet in load_workbook(path).worksheets}


async def an_eventful_day(day: Day) -> None:
    """AB12 comes, and leaves in the afternoon; CD34's absence turns out to be a late arrival; EF56 is ill."""
    await day.jump("09:31")
    farm, garage, priya = day.provider("Oak Farm"), day.provider("The Garage"), day.person("Priya Nair")
    await farm.taps("Arrived", "AB12")
    await farm.taps("Not arrived", "CD34", reason="ill")
    await garage.taps("Not arrived", "EF56", reason="ill")
    await day.jump("10:01")
    await priya.taps("Record outcome", "EF56", outcome="at home ill, confirmed with a parent")
    await day.jump("12:10")
    await farm.taps("Correct", "CD34", fact="late", at="09:50", because="found out since")
    await day.jump("13:10")
    await farm.taps("Late", "AB12", at="13:07")
    await day.jump("14:00")
    await farm.taps("Left site", "AB12", at="13:55")
    await day.jump("15:30")
    await priya.taps("Confirm I", "EF56")
    await day.jump("15:41")
    await priya.presses(change_again(day), code="M", because="found out since", comment="was at the dentist")


def change_again(day: Day) -> Button:
    """The button that changes a code which was decided already."""
    buttons = [button for card in day.person("Priya Nair").cards for button in card.buttons_everywhere()]
    return next(button for button in buttons if "because" in [each.name for each in button.inputs])


async def test_there_is_a_row_for_each_pupil_and_session(thursday: Day) -> None:
    await an_eventful_day(thursday)
    rows = await export()
    assert list(rows[0]) == HEADINGS
    assert [(row["Session"], row["School"], row["Last name"]) for row in rows] == [
        ("am", "Hillcrest", "da Silva"),
        ("am", "Hillcrest", "Hassan"),
        ("am", "Hillcrest", "Ward"),
        ("am", "Marsh Lane", "Dunn"),
        ("pm", "Hillcrest", "da Silva"),
        ("pm", "Hillcrest", "Hassan"),
        ("pm", "Hillcrest", "Ward"),
        ("pm", "Marsh Lane", "Dunn"),
    ]


async def test_an_attended_session_has_its_code_and_the_nature_of_the_activity(thursday: Day) -> None:
    await an_eventful_day(thursday)
    row = row_of(await export(), "AB12", "am")
    assert row["Date"] == "17/09/2026"
    assert (row["Last name"], row["First name"], row["Provider"]) == ("Ward", "Jay", "Oak Farm")
    assert (row["Fact"], row["Minutes late"], row["Arrived at"]) == ("arrived", "0", "")
    assert (row["Suggested code"], row["Code"], row["Confirmed by"]) == ("B", "B", "")
    assert row["Nature of activity"] == "animal care"
    assert row["Comment"] == "B suggested: attended off site: animal care; not confirmed by the school"
    assert row["Amendments"] == ""


async def test_a_mark_that_was_put_right_has_its_minutes_and_the_whole_amendment(thursday: Day) -> None:
    await an_eventful_day(thursday)
    row = row_of(await export(), "CD34", "am")
    assert (row["Fact"], row["Arrived at"], row["Minutes late"]) == ("late", "09:50", "20")
    assert row["Amendments"] == (
        "12:10 Sam Taylor (named contact): not arrived: ill → late 09:50, because found out since"
    )


async def test_a_pupil_who_left_keeps_the_time_of_arrival(thursday: Day) -> None:
    await an_eventful_day(thursday)
    row = row_of(await export(), "AB12", "pm")
    assert (row["Fact"], row["Arrived at"], row["Minutes late"], row["Left at"]) == ("left site", "13:07", "7", "13:55")
    assert row["Non-arrival alert"] == "14:00 left site"
    assert row["Amendments"] == "14:00 Sam Taylor (named contact): late 13:07 → left site 13:55"


async def test_an_absence_has_its_alert_its_outcome_and_every_decision_about_its_code(thursday: Day) -> None:
    await an_eventful_day(thursday)
    row = row_of(await export(), "EF56", "am")
    assert (row["Reason given"], row["Minutes late"], row["Non-arrival alert"]) == ("ill", "", "10:01")
    assert row["Outcome"] == "at home ill, confirmed with a parent (Priya Nair, 10:01)"
    assert (row["Suggested code"], row["Code"], row["Confirmed by"]) == ("I", "M", "Priya Nair")
    assert row["Confirmed at"] == "17/09/2026 15:41"
    assert "M decided by the school; was at the dentist" in row["Comment"]
    assert row["Amendments"] == "15:41 Priya Nair (attendance contact): code I → M, because found out since"


async def test_an_amendment_of_another_day_says_which(thursday: Day) -> None:
    await an_eventful_day(thursday)
    thursday.date = date(2026, 9, 18)
    await thursday.jump("08:31")
    await thursday.dsl("Hillcrest").presses(
        change_again(thursday),
        code="I",
        because="marked by mistake",
    )
    amendments = row_of(await export(), "EF56", "am")["Amendments"].split("; ")
    assert amendments[-1] == ("18/09/2026 08:31 Dorothy Okafor (DSL): code M → I, because marked by mistake")


async def test_a_planned_absence_and_silence_are_told_apart(thursday: Day) -> None:
    await thursday.jump("10:01")
    thursday.change(
        entries,
        entries.c.pupil_id == thursday.ids["CD34"],
        state="excused",
        suggested_code="E",
        suggested_why="planned",
    )
    rows = await export()
    assert (row_of(rows, "CD34", "am")["Expected"], row_of(rows, "CD34", "am")["Code"]) == ("planned absence", "E")
    silent = row_of(rows, "AB12", "am")
    assert (silent["Expected"], silent["Fact"], silent["Code"]) == ("expected", "nothing said", "N")
    assert row_of(rows, "AB12", "pm")["Code"] == "", "it has not begun"


async def test_withdrawn_entries_are_left_out(thursday: Day) -> None:
    await thursday.jump("10:01")
    thursday.change(entries, entries.c.pupil_id == thursday.ids["CD34"], state="withdrawn")
    assert "CD34" not in {row["Pupil ref"] for row in await export()}


async def test_one_school_is_given_alone(thursday: Day) -> None:
    await thursday.jump("10:01")
    assert {row["School"] for row in await export("--school", "mars")} == {"Marsh Lane"}


async def test_a_pupil_at_two_providers_in_one_session_is_flagged_in_both_rows(thursday: Day) -> None:
    def also_at_the_garage(transaction: Transaction) -> None:
        transaction.insert(
            placements,
            ref="AB12-GAR",
            pupil_id=thursday.ids["AB12"],
            provider_id=thursday.ids["The Garage"],
            starts_on=date(2026, 9, 2),
            pattern=["thu am"],
            hours={"usual": {}, "on": {}},
            touched_at=transaction.now,
        )

    thursday.database.run(also_at_the_garage)
    await thursday.jump("10:01")
    flags = {
        row["Provider"]: row["Two providers"]
        for row in await export()
        if row["Pupil ref"] == "AB12" and row["Session"] == "am"
    }
    assert flags == {"Oak Farm": "also at The Garage", "The Garage": "also at Oak Farm"}


async def test_nothing_in_a_cell_is_run_as_a_formula(thursday: Day, tmp_path: Path) -> None:
    for pupil, name in (("AB12", "=1+1"), ("CD34", "+44"), ("EF56", "-1"), ("GH78", "@sum(a1)")):
        thursday.change(pupils, pupils.c.id == thursday.ids[pupil], last_name=name)
    await thursday.jump("10:01")
    assert {row["Last name"] for row in await export()} == {"'=1+1", "'+44", "'-1", "'@sum(a1)"}
    assert (await run("--from", "17/09/2026", "--to", "17/09/2026", "--out", "all.xlsx")).exit_code == 0
    names = [cell for (cell,) in sheets(tmp_path / "all.xlsx")["Registers"].iter_rows(2, min_col=6, max_col=6)]
    assert {cell.value for cell in names} == {"=1+1", "+44", "-1", "@sum(a1)"}
    assert {cell.data_type for cell in names} == {"s"}


async def test_a_workbook_has_real_dates_a_filter_and_headings_that_stay(thursday: Day, tmp_path: Path) -> None:
    await an_eventful_day(thursday)
    assert (await run("--from", "2026-09-17", "--to", "2026-09-17", "--out", "registers.xlsx")).exit_code == 0
    sheet = sheets(tmp_path / "registers.xlsx")["Registers"]
    headings, *rows = sheet.iter_rows(values_only=True)
    assert list(headings) == HEADINGS
    assert len(rows) == 8
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:Z9"
    assert sheet.column_dimensions["V"].width == 60
    late = dict(zip(headings, rows[0], strict=True))
    assert late["Date"] == datetime(2026, 9, 17)  # noqa: DTZ001  (a spreadsheet's date has no zone)
    assert sheet["A2"].number_format == "dd/mm/yyyy"
    assert late["Arrived at"] == time(9, 50)
    assert late["Minutes late"] == 20
    ill = dict(zip(headings, rows[1], strict=True))
    assert ill["Confirmed at"] == datetime(2026, 9, 17, 15, 41)  # noqa: DTZ001


async def test_a_workbook_lists_every_amendment_and_what_the_codes_mean(thursday: Day, tmp_path: Path) -> None:
    await an_eventful_day(thursday)
    assert (await run("--from", "17/09/2026", "--to", "17/09/2026", "--out", "registers.xlsx")).exit_code == 0
    book = sheets(tmp_path / "registers.xlsx")
    assert list(book) == ["Registers", "Amendments", "Codes"]
    headings, *rows = book["Amendments"].iter_rows(values_only=True)
    assert list(headings) == [column.heading for column in AMENDMENT_COLUMNS]
    amended = [dict(zip(headings, row, strict=True)) for row in rows]
    assert [(each["Pupil ref"], each["Amended"], each["Before"], each["After"]) for each in amended] == [
        ("CD34", "mark", "not arrived: ill", "late 09:50"),
        ("EF56", "code", "I", "M"),
        ("AB12", "mark", "late 13:07", "left site 13:55"),
    ]
    assert (amended[1]["By"], amended[1]["Role"], amended[1]["Because"]) == (
        "Priya Nair",
        "attendance contact",
        "found out since",
    )
    legend = {code: (meaning, counts) for code, meaning, counts in book["Codes"].iter_rows(2, values_only=True)}
    assert legend.keys() == MEANINGS.keys()
    assert legend["N"] == ("reason not yet established", "unauthorised absence")


async def test_a_file_can_be_read_by_its_owner_alone_and_is_not_replaced_unasked(thursday: Day, tmp_path: Path) -> None:
    await thursday.jump("10:01")
    arguments = ("--from", "17/09/2026", "--to", "17/09/2026", "--out", "registers.csv")
    assert (await run(*arguments)).exit_code == 0
    assert stat.S_IMODE((tmp_path / "registers.csv").stat().st_mode) == 0o600
    assert (tmp_path / "registers.csv").read_bytes().startswith(b"\xef\xbb\xbfDate,Session")
    again = await run(*arguments)
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    assert "--force" in again.stderr
    assert (await run(*arguments, "--force")).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir() if "registers" in path.name) == ["registers.csv"]


async def test_a_file_appears_whole_or_not_at_all(
    thursday: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await thursday.jump("10:01")

    def full(self: CsvFile, lines: list[Line]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(CsvFile, "write", full)
    result = await run("--from", "17/09/2026", "--to", "17/09/2026", "--out", "registers.csv")
    assert result.exit_code == 1
    assert "No space left" in result.stderr
    assert not [path for path in tmp_path.iterdir() if "registers" in path.name]


async def test_an_export_is_quiet_in_a_pipe_and_in_the_audit_log_with_its_pupils(thursday: Day) -> None:
    await an_eventful_day(thursday)
    result = await run("--from", "01/09/2026", "--to", "30/09/2026", "--school", "HILL")
    assert result.stderr == ""
    (row,) = thursday.rows(sa.select(audit).where(audit.c.what == "registers exported"))
    assert (row.via, row.subject) == ("terminal", f"school:{thursday.ids['Hillcrest']}")
    assert row.detail == {"from": "2026-09-01", "to": "2026-09-30", "rows": 6, "format": "csv"} | {
        "count": 3,
        "pupils": sorted(thursday.ids[each] for each in ("AB12", "CD34", "EF56")),
    }


async def test_the_bot_can_write_while_an_export_runs(thursday: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    await thursday.jump("10:01")
    written = []
    write = CsvFile.write

    def while_writing(self: CsvFile, lines: list[Line]) -> None:
        thursday.change(pupils, pupils.c.id == thursday.ids["AB12"], year_group="9")
        written.append(len(lines))
        write(self, lines)

    monkeypatch.setattr(CsvFile, "write", while_writing)
    await export()
    assert written == [8]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "18/09/2026", "--to", "17/09/2026"), "is after --to"),
        (("--from", "31/09/2026", "--to", "30/09/2026"), "--from '31/09/2026' is not a date. Write it like 01/09/2026"),
        (("--from", "30/12/9999", "--to", "31/12/9999"), "--from '30/12/9999' is not a date"),
        (("--from", "01/09/2025", "--to", "17/09/2026", "--school", "HILL", "--out", "x.csv"), ""),
        (("--from", "01/08/2025", "--to", "17/09/2026"), "That is 413 days; at most 400"),
        (("--from", "17/09/2026", "--to", "17/09/2026", "--school", "HIL"), "Did you mean HILL?"),
        (("--from", "17/09/2026", "--to", "17/09/2026", "--school", "xyz"), "There are: HILL, MARS."),
        (("--from", "17/09/2026", "--to", "17/09/2026", "--format", "xlsx"), "--out FILE.xlsx"),
        (("--from", "17/09/2026", "--to", "17/09/2026", "--format", "xlsx", "--out", "a.csv"), "Name it a.xlsx"),
        (("--from", "17/09/2026", "--to", "17/09/2026", "--out", "no/such/a.csv"), "Is the folder there"),
    ],
)
async def test_what_can_not_be_done_is_said_with_what_to_do(
    thursday: Day, arguments: tuple[str, ...], words: str
) -> None:
    result = await run(*arguments)
    assert words in result.stderr
    assert (result.exit_code != 0) == bool(words)
    assert "Traceback" not in result.output


async def test_a_range_without_sessions_has_headings_alone(thursday: Day) -> None:
    assert await export(first="01/08/2026", last="31/08/2026") == []


async def test_the_terminal_takes_out_the_other_tables_too(thursday: Day, tmp_path: Path) -> None:
    from apbot.cli import export as exporting

    await thursday.jump("10:01")
    app = typer.Typer()
    exporting.add_to(app)
    days = ("--from", "17/09/2026", "--to", "2026-09-17")
    shown = CliRunner().invoke(app, ["non-arrivals", *days, "--school", "hill"])
    assert shown.exit_code == 0, shown.output
    assert [row["Pupil ref"] for row in csv.DictReader(io.StringIO(shown.stdout.removeprefix("\ufeff")))] == [
        "AB12",
        "CD34",
        "EF56",
    ]
    written = CliRunner().invoke(app, ["duties", *days, "--out", str(tmp_path / "duties.xlsx")])
    assert written.exit_code == 0, written.output
    assert list(sheets(tmp_path / "duties.xlsx")) == ["Duties"]
    assert CliRunner().invoke(app, ["payroll", *days]).exit_code == 2
