"""The rows of one sheet as values: each cell read by its column, and every trouble noted where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from apbot.roster.cells import display, is_blank
from apbot.roster.columns import Column, Sheet
from apbot.roster.grid import Grid, Uncalculated
from apbot.roster.headings import find_headings
from apbot.roster.problems import Problem, Unreadable
from apbot.roster.weeks import TICKED, weekday_sessions

EXAMPLE = "example"
"""What the rows that the template ships begin with."""


@dataclass
class Row:
    """One row that is filled in. A cell that could not be read counts as blank, and is in `bad`."""

    sheet: Sheet
    place: str
    """The sheet or file as its owner calls it."""
    number: int
    problems: list[Problem]
    cells: dict[str, object] = field(default_factory=dict)
    """What stands in the cells that are not empty."""
    values: dict[str, Any] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    absent: frozenset[str] = frozenset()
    """The columns that the sheet does not have at all."""

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def is_blank(self, key: str) -> bool:
        """Whether nothing was written there."""
        return key not in self.cells

    def report(self, key: str, wrong: str, expected: str) -> None:
        """Note what is wrong with the cell of a column."""
        self.bad.add(key)
        shown = display(self.cells.get(key))
        self.problems.append(Problem(self.place, self.number, self.sheet.heading(key), shown, wrong, expected))

    def require(self, key: str) -> bool:
        """Whether the column says something; if it does not, that is noted."""
        if key not in self.bad and self.values.get(key) in (None, ""):
            self.report(key, "is missing" if self.is_blank(key) else "says nothing", self.sheet.column(key).meaning)
        return key not in self.bad


def read_rows(sheet: Sheet, grid: Grid, problems: list[Problem], notes: list[str]) -> Iterator[Row]:
    """Each row that is filled in, without the template's examples."""
    headings = find_headings(sheet, grid, problems, notes)
    if headings is None:
        return
    at = [(column, headings.columns[column.key]) for column in sheet.columns if column.key in headings.columns]
    blanks = {column.key: column.blank for column in sheet.columns}
    absent = frozenset(blanks.keys() - headings.columns.keys())
    reader = _Reader()
    examples: list[int] = []
    for number, values in grid.rows[headings.row :]:
        row = Row(sheet, grid.label, number, problems, absent=absent)
        row.cells = {
            column.key: values[position]
            for column, position in at
            if position < len(values) and not is_blank(values[position])
        }
        if not row.cells:
            continue
        if _is_example(row):
            examples.append(number)
            continue
        row.values = dict(blanks)
        for column, _ in at:
            _read_cell(row, column, reader, notes)
        yield row
    if examples:
        where = f"row {examples[0]}" if len(examples) == 1 else f"rows {', '.join(map(str, examples))}"
        notes.append(f"{grid.label}: the template's own example in {where} was passed over.")


def _is_example(row: Row) -> bool:
    """Whether the row is one of the template's own.

    One that has been filled in but for a cell that still says "example" is a pupil or a person who would be
    missed: that is a problem, not an example.
    """
    marked = [column.key for column in row.sheet.columns if column.marks_examples and not row.is_blank(column.key)]
    still = [key for key in marked if str(row.cells[key]).strip().casefold().startswith(EXAMPLE)]
    if not still:
        return False
    if still == marked:
        return True
    for key in still:
        row.report(key, "is still the template's example", "write your own, or delete the row")
    return False


class _Reader:
    """Reads each different cell of a column once: most of a roster's cells say what others say."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, type, object], Any] = {}

    def read(self, column: Column, value: object) -> Any:
        """What the cell says. Raises `Unreadable`."""
        if isinstance(value, Uncalculated):
            raise Unreadable(
                "is a formula without a result in the file",
                "open the workbook in Excel, save it and import it again, or type the value",
            )
        asked = (column.key, type(value), value)
        if asked not in self._read:
            self._read[asked] = column.read(value)
        return self._read[asked]


def _read_cell(row: Row, column: Column, reader: _Reader, notes: list[str]) -> None:
    if row.is_blank(column.key):
        if column.required:
            row.require(column.key)
        return
    value = row.cells[column.key]
    try:
        row.values[column.key] = reader.read(column, value)
    except Unreadable as trouble:
        if column.key not in row.bad:
            row.report(column.key, trouble.wrong, trouble.expected)
        return
    if column.read is weekday_sessions and display(value).casefold() in TICKED:
        notes.append(f"{row.place} row {row.number}, {column.heading}: '{display(value)}' taken to mean all day.")
