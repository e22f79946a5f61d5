"""Which sheet is which and which column is which, however people have spelled them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from apbot.roster.cells import display, is_blank
from apbot.roster.columns import Sheet
from apbot.roster.grid import Grid
from apbot.roster.problems import Problem
from apbot.roster.sheets import ALL, NOTES_TITLE

HEADINGS_WITHIN = 15
"""The headings stand in one of so many rows at the top: some people put a title above them."""

NEARLY = 84
"""How alike (of 100) an unknown heading must be to a missing one for us to ask whether it was meant."""


_FILLER = frozenset(
    {"copy", "of", "sheet", "list", "detail", "info", "data", "our", "all", "the", "tab", "table", "new"}
)
"""Words in the name of a sheet that say nothing about what is in it."""


def normal(heading: object) -> str:
    """A heading without capitals, punctuation, remarks in brackets and stray spaces."""
    said = re.sub(r"\([^)]*\)", " ", display(heading).casefold()).replace("&", " and ")
    return " ".join(re.findall(r"[a-z0-9]+", said))


def _singular(name: str) -> str:
    return " ".join(word.removesuffix("s") for word in re.sub(r"\.csv$|[-_]", " ", name.casefold()).split())


def _title(name: str) -> str:
    words = normal(_singular(name)).split()
    return " ".join(word for word in words if word not in _FILLER and not word.isdecimal())


def match_sheets(names: Sequence[str], notes: list[str]) -> dict[str, Sheet]:
    """The sheet or file that each name means; those that mean none are left out, with a note."""
    found: dict[str, Sheet] = {}
    for exactly in (True, False):
        for name in names:
            sheet = _sheet_named(name, exactly=exactly)
            if sheet is None or name in found:
                continue
            if sheet not in found.values():
                found[name] = sheet
    notes.extend(
        f"The sheet '{name}' was passed over: the roster's are {', '.join(sheet.title for sheet in ALL)}."
        for name in names
        if name not in found and _title(name) != _title(NOTES_TITLE)
    )
    return found


def _sheet_named(name: str, *, exactly: bool) -> Sheet | None:
    titles = {_title(title): sheet for sheet in ALL for title in (*sheet.also, sheet.title)}
    if exactly:
        return next((sheet for sheet in ALL if normal(sheet.title) == normal(name.removesuffix(".csv"))), None)
    if _title(name) in titles:
        return titles[_title(name)]
    from rapidfuzz import fuzz, process

    close = process.extractOne(_title(name), titles.keys(), scorer=fuzz.ratio, score_cutoff=NEARLY)
    return titles[close[0]] if close else None


@dataclass
class Headings:
    """Where each column of a sheet stands."""

    row: int
    """How many of the grid's rows the headings and what is above them take up."""
    columns: dict[str, int] = field(default_factory=dict)
    """The position of each column that is there, by its key."""


def find_headings(sheet: Sheet, grid: Grid, problems: list[Problem], notes: list[str]) -> Headings | None:
    """The headings of the sheet, or None where there are none to be found. What is odd is said."""
    best = Headings(0)
    for at, (_, values) in enumerate(grid.rows[:HEADINGS_WITHIN], 1):
        columns = _positions(sheet, values)
        if len(columns) > len(best.columns):
            best = Headings(at, columns)
    if len(best.columns) < min(2, len(sheet.columns)):
        problems.append(
            Problem(
                grid.label,
                None,
                "",
                "",
                "has no row of headings",
                f"put these in its first row: {', '.join(column.heading for column in sheet.columns)}",
            )
        )
        return None
    number, values = grid.rows[best.row - 1]
    _report_unknown(sheet, grid, number, values, best, problems, notes)
    return best


def _positions(sheet: Sheet, values: Sequence[object]) -> dict[str, int]:
    """Where each column stands: by its own heading, else by another that means the same."""
    headings = [normal(value) if isinstance(value, str) else "" for value in values]
    found: dict[str, int] = {}
    for column in sheet.columns:
        if (own := normal(column.heading)) in headings:
            found[column.key] = headings.index(own)
    for column in sheet.columns:
        for other in column.also:
            if column.key not in found and other in headings and headings.index(other) not in found.values():
                found[column.key] = headings.index(other)
    return found


def _report_unknown(
    sheet: Sheet,
    grid: Grid,
    number: int,
    values: Sequence[object],
    headings: Headings,
    problems: list[Problem],
    notes: list[str],
) -> None:
    from rapidfuzz import fuzz, process

    missing = {normal(column.heading): column for column in sheet.columns if column.key not in headings.columns}
    there = {normal(sheet.heading(key)) for key in headings.columns}
    ignored = []
    for at, value in enumerate(values):
        heading = normal(value) if value is not None else ""
        if not heading or at in headings.columns.values() or not _has_cells(grid, headings.row, at):
            continue
        if heading in there:
            problems.append(Problem(grid.label, number, "", display(value), "is there twice", "keep one of them"))
        elif close := process.extractOne(heading, missing.keys(), scorer=fuzz.ratio, score_cutoff=NEARLY):
            expected = f"write {missing[close[0]].heading} if that is meant, or give it quite another heading"
            problems.append(Problem(grid.label, number, "", display(value), "is not a heading", expected))
            missing.pop(close[0])
        else:
            ignored.append(display(value))
    if ignored:
        notes.append(f"{grid.label}: these columns were passed over: {', '.join(ignored)}.")
    problems.extend(
        Problem(grid.label, number, "", "", f"there is no column '{column.heading}'", f"add it: {column.meaning}")
        for column in missing.values()
        if column.required
    )


def _has_cells(grid: Grid, row: int, at: int) -> bool:
    return any(len(values) > at and not is_blank(values[at]) for _, values in grid.rows[row:])
