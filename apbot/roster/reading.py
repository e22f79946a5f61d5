"""A roster from a file: a workbook, a folder of CSV files, or a calendar, as records or as every problem at once."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from apbot.roster.absent import filled
from apbot.roster.advice import advise
from apbot.roster.building import build
from apbot.roster.checks import check
from apbot.roster.columns import Sheet
from apbot.roster.csvfiles import read_csv_files
from apbot.roster.grid import Grid, Tell, quiet
from apbot.roster.headings import match_sheets
from apbot.roster.merging import merged
from apbot.roster.problems import Problem, RosterProblems, unusable
from apbot.roster.records import Records
from apbot.roster.rows import Row, read_rows
from apbot.roster.sheets import ALL, BY_KEY

NOTHING_STORED = Records()


def load(path: Path, *, place: str = "", stored: Records = NOTHING_STORED, tell: Tell = quiet) -> Records:
    """The records in a workbook, a folder of CSV files, one such file, or a calendar of `place` (.ics).

    What the file refers to must be in it or in `stored`. Raises `RosterProblems` with everything that is wrong;
    what was passed over or is worth a look is in the notes of the records.
    """
    if path.suffix.lower() in (".ics", ".ical", ".icalendar"):
        from apbot.roster.ics import load_calendar

        given = load_calendar(path, place, stored)
        return replace(given, notes=(*given.notes, *advise(given, merged(stored, given))))
    if place:
        raise unusable("a place goes with a calendar (.ics) only", "leave it out: the workbook names its places")
    return _load_sheets(path, stored, tell)


def _load_sheets(path: Path, stored: Records, tell: Tell) -> Records:
    notes: list[str] = []
    names: dict[str, Sheet] = {}

    def choose(found: Sequence[str]) -> list[str]:
        names.update(match_sheets(found, notes))
        return [name for name in found if name in names]

    if path.is_dir() or path.suffix.lower() == ".csv":
        grids = read_csv_files(path, choose, tell)
    else:
        from apbot.roster.workbook import read_workbook

        grids = read_workbook(path, choose, tell)
    if not grids:
        raise unusable(
            f"{path.name} has none of the roster's sheets",
            f"name them {', '.join(sheet.title for sheet in ALL)}, as `apbot roster template` does",
        )
    return _records(grids, names, stored, notes, tell)


def _records(grids: list[Grid], names: dict[str, Sheet], stored: Records, notes: list[str], tell: Tell) -> Records:
    problems: list[Problem] = []
    rows: dict[str, list[Row]] = {}
    for grid in grids:
        tell(f"Checking {grid.label}")
        rows[names[grid.name].key] = list(read_rows(names[grid.name], grid, problems, notes))
    if any(not each.column for each in problems):  # a sheet could not be read: all that names its rows would seem wrong
        raise RosterProblems(problems, notes)
    given = filled(build(rows, stored, notes), stored)
    tell("Checking what belongs together")
    whole = merged(stored, given)
    titles = {names[grid.name].title: grid.label for grid in grids}
    known = {(each.sheet, each.row, each.column) for each in problems}
    for problem in check(whole):
        problem = replace(problem, sheet=titles.get(problem.sheet, problem.sheet))
        if problem.row is None or (problem.sheet, problem.row, problem.column) not in known:
            problems.append(problem)
    if problems:
        raise RosterProblems(_in_order(problems, [(grid.label, names[grid.name]) for grid in grids]), notes)
    if not any(rows.values()):
        raise RosterProblems([Problem("", None, "", "", "there is no row to take in", "fill in at least one")], notes)
    notes += (f"There is no sheet {sheet.title}: those are kept as they are." for sheet in _absent(rows, stored))
    return replace(given, notes=(*notes, *advise(given, whole)))


def _absent(rows: dict[str, list[Row]], stored: Records) -> list[Sheet]:
    return [sheet for key, sheet in BY_KEY.items() if key not in rows and getattr(stored, key)]


def _in_order(problems: list[Problem], sheets: list[tuple[str, Sheet]]) -> list[Problem]:
    """Sheet by sheet, row by row and from left to right, as somebody who mends them goes through the file."""
    place = {(name, ""): (at, 0) for at, (name, _) in enumerate(sheets)}
    for at, (name, sheet) in enumerate(sheets):
        place |= {(name, column.heading): (at, position) for position, column in enumerate(sheet.columns)}

    def order(each: Problem) -> tuple[int, int, int]:
        at, position = place.get((each.sheet, each.column), (len(sheets), 0))
        return at, each.row or 0, position

    return sorted(dict.fromkeys(problems), key=order)
