"""Workbooks as people fill them in, and a small roster in which everything is right."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.roster import Changes, Records, RosterProblems, apply, export, load, write_template
from apbot.roster.sheets import ALL, NOTES_TITLE
from apbot.store.database import Database
from apbot.store.tables import metadata

Cells = Mapping[str, object]

HILL: Cells = {"School ref": "HILL", "Name": "Hillcrest Academy", "Telephone": "01632 960101"}
OAK: Cells = {
    "Provider ref": "OAK",
    "Name": "Oak Farm",
    "Telephone": "01632 960201",
    "Activity": "animal care",
    "am start": time(9, 30),
    "am end": time(12, 0),
    "pm start": time(12, 45),
    "pm end": time(15, 0),
}
DSL: Cells = {"Person ref": "dokafor", "Name": "Dorothy Okafor", "Organisation": "HILL", "Roles": "DSL"}
OFFICE: Cells = {"Person ref": "pnair", "Name": "Priya Nair", "Organisation": "HILL", "Roles": "attendance contact"}
SAM: Cells = {"Person ref": "staylor", "Name": "Sam Taylor", "Organisation": "OAK", "Roles": "named contact"}
AUTUMN: Cells = {
    "Place": "HILL",
    "Term name": "Autumn 1",
    "Starts on": date(2026, 9, 2),
    "Ends on": date(2026, 10, 23),
}
JOANA: Cells = {
    "Pupil ref": "CD34",
    "First name": "Joana",
    "Last name": "da Silva-O'Brien",
    "School ref": "HILL",
    "Provider ref": "OAK",
    "Starts on": date(2026, 9, 7),
    "Monday": "all day",
    "Friday": "pm",
}
RIGHT: Mapping[str, list[Cells]] = {
    "Schools": [HILL],
    "People": [DSL, OFFICE, SAM],
    "Providers": [OAK],
    "Placements": [JOANA],
    "Term dates": [AUTUMN],
    "Closures": [],
}
"""A roster in which everything is right: one pupil of Hillcrest at Oak Farm."""


def fill(path: Path, sheets: Mapping[str, list[Cells]], *, examples: bool = False) -> Path:
    """A workbook with these rows, each a cell by its heading: on the template itself if with its examples."""
    book = _template(path) if examples else _headings_alone()
    for title, rows in sheets.items():
        sheet: Any = book[title]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for number, row in enumerate(rows, sheet.max_row + 1):
            for heading, value in row.items():
                sheet.cell(number, columns[heading]).value = value
    book.save(path)
    return path


def _template(path: Path) -> openpyxl.Workbook:
    write_template(path)
    return openpyxl.load_workbook(path)


def _headings_alone() -> openpyxl.Workbook:
    """The sheets of the template without its drop-downs and styles, which take long to write."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = NOTES_TITLE
    for sheet in ALL:
        book.create_sheet(sheet.title).append([column.heading for column in sheet.columns])
    return book


def with_rows(**sheets: list[Cells]) -> dict[str, list[Cells]]:
    """The right roster with other rows in some sheets, which are named without spaces."""
    return {**RIGHT, **{title.replace("_", " "): rows for title, rows in sheets.items()}}


def problems_of(path: Path, **given: Any) -> list[str]:
    """What is wrong with the file, a line for each; nothing where all is right."""
    try:
        load(path, **given)
    except RosterProblems as trouble:
        return [str(problem) for problem in trouble.problems]
    return []


MONDAY_MORNING = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


def new_database(at: datetime = MONDAY_MORNING) -> Database:
    """An empty database, on a clock that stands."""
    database = Database("sqlite:///:memory:", VirtualClock(at))
    metadata.create_all(database.engine)
    return database


def take_in(database: Database, path: Path, **given: Any) -> Changes:
    """Import a file as the command line does."""
    return database.run(apply, load(path, stored=database.run(export), **given))


def stored(database: Database) -> Records:
    """What is stored."""
    return database.run(export)


def forward(database: Database) -> None:
    """An hour goes by."""
    assert isinstance(database.clock, VirtualClock)
    database.clock.forward(timedelta(hours=1))


def rows(database: Database, table: sa.Table) -> list[dict[str, Any]]:
    """What stands in the table, in the order in which it was written."""
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings()]


SHEETS = ["Notes", "Schools", "People", "Providers", "Placements", "Term dates", "Closures", "Documents"]
"""A workbook's, in order."""
