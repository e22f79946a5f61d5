"""The files themselves: CSV as Excel reads it in England, and workbooks with real dates."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from apbot.domain.codes import MEANINGS, counts_as
from apbot.exports.registers import AMENDMENT_COLUMNS, COLUMNS, Line, Value

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_ROWS = 1_048_575
"""So many rows fit under the headings of one sheet in Excel."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORMATS = {datetime: "dd/mm/yyyy hh:mm", date: "dd/mm/yyyy", time: "hh:mm"}


class CsvFile:
    """CSV in UTF-8 with the mark by which Excel knows it, English dates, and nothing that Excel would run."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Write to `stream`, the headings first."""
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
        self._csv = csv.writer(self._text)
        self._csv.writerow([heading for heading, _ in COLUMNS])

    def write(self, lines: Sequence[Line]) -> None:
        """Add these lines."""
        self._csv.writerows([[_plain(value) for value in line.values] for line in lines])

    def finish(self) -> None:
        """Hand everything to the stream, which stays open."""
        self._text.flush()
        self._text.detach()


class XlsxFile:
    """A workbook: the registers, every amendment, and what the codes mean."""

    def __init__(self, path: Path) -> None:
        """Write to `path`, when it is finished."""
        from openpyxl import Workbook

        self._path = path
        self._book = Workbook(write_only=True)
        self._registers = _Sheet(self._book, "Registers", COLUMNS)
        self._amendments = _Sheet(self._book, "Amendments", AMENDMENT_COLUMNS)

    def write(self, lines: Sequence[Line]) -> None:
        """Add these lines."""
        for line in lines:
            self._registers.add(line.values)
            for amendment in line.amendments:
                self._amendments.add(amendment)

    def finish(self) -> None:
        """Write the file."""
        legend = _Sheet(self._book, "Codes", (("Code", 6), ("Meaning", 60), ("Counts as", 32)))
        for code, meaning in MEANINGS.items():
            legend.add((code, meaning, counts_as(code)))
        for sheet in (self._registers, self._amendments, legend):
            sheet.finish()
        self._book.save(self._path)


class _Sheet:
    """One sheet: headings that stay in view, a filter, and a width for each column."""

    def __init__(self, book: "Workbook", title: str, columns: Sequence[tuple[str, int]]) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._sheet: Any = book.create_sheet(title)
        self._last_column = get_column_letter(len(columns))
        self._rows = 1
        self._sheet.freeze_panes = "A2"
        for number, (_, width) in enumerate(columns, start=1):
            self._sheet.column_dimensions[get_column_letter(number)].width = width
        headings = [WriteOnlyCell(self._sheet, heading) for heading, _ in columns]
        for cell in headings:
            cell.font = Font(bold=True)
        self._sheet.append(headings)

    def add(self, values: Sequence[Value]) -> None:
        """Add a row."""
        self._sheet.append([self._cell(value) for value in values])
        self._rows += 1

    def finish(self) -> None:
        """Put the filter over all rows."""
        self._sheet.auto_filter.ref = f"A1:{self._last_column}{self._rows}"

    def _cell(self, value: Value) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, int):
            return value
        return self._styled(value, _FORMATS[type(value)])

    def _text(self, value: str) -> Any:
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        value = ILLEGAL_CHARACTERS_RE.sub("", value)
        if not value.startswith("="):
            return value
        cell = self._styled(value, "@")
        cell.data_type = "s"  # text, whatever it looks like
        return cell

    def _styled(self, value: Any, form: str) -> Any:
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet, value)
        cell.number_format = form
        return cell


def _plain(value: Value) -> str | int:
    """A cell of CSV: dates as they are written in England, and nothing that a spreadsheet takes for a formula."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case time():
            return f"{value:%H:%M}"
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
    return value
