"""Taking in term dates and closures: a year in the file replaces that year, and what is counted is counted anew."""

from datetime import date, timedelta
from pathlib import Path

from apbot.store.database import Database
from apbot.store.tables import closures, placements, terms
from tests.roster.book import AUTUMN, MONDAY_MORNING, Cells, fill, forward, rows, take_in, with_rows

LAST_YEAR = {"Place": "HILL", "Term name": "Summer 2", "Starts on": "1/6/26", "Ends on": "21/7/26"}


def test_the_calendar_of_a_year_in_the_file_replaces_that_year_and_no_other(database: Database, path: Path) -> None:
    inset: Cells = {"Place": "HILL", "From": "25/9/26", "Kind": "INSET day"}
    take_in(database, fill(path, with_rows(Term_dates=[LAST_YEAR, AUTUMN], Closures=[inset])))
    changes = take_in(database, fill(path, with_rows(Term_dates=[{**AUTUMN, "Ends on": "22/10/26"}])))
    assert changes.lines() == [
        "Term dates and closures:",
        "  - HILL Autumn 1: Wed 2 Sep 2026 to Fri 23 Oct 2026",
        "  - HILL INSET day: Fri 25 Sep 2026",
        "  + HILL Autumn 1: Wed 2 Sep 2026 to Thu 22 Oct 2026",
        "Not in the file, kept as they are (calendars): HILL 2025/26.",
    ]
    assert [(row["name"], row["ends_on"]) for row in rows(database, terms)] == [
        ("Summer 2", date(2026, 7, 21)),
        ("Autumn 1", date(2026, 10, 22)),
    ]
    assert rows(database, closures) == []


def test_an_autumn_term_that_begins_in_august_belongs_to_the_new_year(database: Database, path: Path) -> None:
    take_in(database, fill(path, with_rows(Term_dates=[LAST_YEAR, AUTUMN])))
    early = {**AUTUMN, "Starts on": "27/8/26"}
    changes = take_in(database, fill(path, with_rows(Term_dates=[early])))
    assert [each.place for each in changes.old_dates] == ["HILL"]
    assert {row["name"] for row in rows(database, terms)} == {"Summer 2", "Autumn 1"}


def test_a_file_without_a_sheet_of_closures_leaves_closures_alone(
    database: Database, path: Path, tmp_path: Path
) -> None:
    take_in(database, fill(path, with_rows(Closures=[{"Place": "HILL", "From": "25/9/26", "Kind": "INSET day"}])))
    (tmp_path / "term-dates.csv").write_text("Place,Term name,Starts on,Ends on\nHILL,Autumn 1,2/9/26,22/10/26\n")
    take_in(database, tmp_path / "term-dates.csv")
    assert len(rows(database, closures)) == 1


def test_a_closure_lifted_today_is_counted_from_now_and_one_of_next_week_is_not(database: Database, path: Path) -> None:
    closed: list[Cells] = [
        {"Place": "OAK", "From": day, "Kind": "closed"} for day in (MONDAY_MORNING.date(), "21/9/26")
    ]
    take_in(database, fill(path, with_rows(Closures=closed)))
    forward(database)
    take_in(database, fill(path, with_rows(Closures=closed[:1])))
    assert rows(database, placements)[0]["touched_at"] == database.clock.now() - timedelta(hours=1)
    take_in(database, fill(path, with_rows(Closures=[{**closed[0], "From": "22/9/26"}])))
    assert rows(database, placements)[0]["touched_at"] == database.clock.now()
