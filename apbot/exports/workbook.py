"""A workbook of a few long sheets, written row by row.

openpyxl makes the workbook: its sheets, headings, widths, formats and filters. The rows are written as they come and
put in their place at the end: through openpyxl each cell of them would cost more than reading the whole row does, and
a county's year has ten million (measured: eight minutes instead of one).
"""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | date | time | None
"""What a cell can hold. A datetime is as the clock on the wall showed it, without a zone."""

MOST_ROWS = 1_048_575
"""So many rows fit under the headings of one sheet in Excel."""

_FORMATS: dict[type, str] = {date: "dd/mm/yyyy", time: "hh:mm", datetime: "dd/mm/yyyy hh:mm"}
_DAY_NOUGHT = date(1899, 12, 30).toordinal()
_END = b"</sheetData>"
_SIZE = re.compile(rb"<dimension [^>]*/>")
# What XML can't hold is left out, what means something in it is written as what stands for it.
_IN_XML = dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n") | str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\ufffe": None, "\uffff": None}
)


@dataclass(frozen=True)
class Column:
    """A heading, and how many characters wide its column is."""

    heading: str
    width: int


class Sheet:
    """One sheet: headings that stay in view, a filter over all rows, and its rows as they come."""

    def __init__(self, sheet: "Worksheet", columns: Sequence[Column], styles: dict[type, int]) -> None:
        """The rows under the headings that `sheet` gets. `styles` are the workbook's numbers for its formats."""
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._sheet = sheet
        self._styles = styles
        self._letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
        self._rows = 1
        # It has no name: nothing is left of it whatever happens, and it holds what the sheet is to hold.
        self._written = TemporaryFile()  # noqa: SIM115  (closed when the sheet has been put together)
        sheet.freeze_panes = "A2"
        for letter, column in zip(self._letters, columns, strict=True):
            sheet.column_dimensions[letter].width = column.width
            sheet[f"{letter}1"] = column.heading
            sheet[f"{letter}1"].font = Font(bold=True)

    def add(self, values: Sequence[Value]) -> None:
        """Add a row."""
        self._rows += 1
        row = self._rows
        cells = [
            self._cell(f"{letter}{row}", value)
            for letter, value in zip(self._letters, values, strict=True)
            if value is not None and value != ""
        ]
        self._written.write(f'<row r="{row}">{"".join(cells)}</row>'.encode())

    def close(self) -> None:
        """Put the filter over all rows that were added."""
        self._sheet.auto_filter.ref = f"A1:{self._letters[-1]}{self._rows}"

    def put_together(self, archive: zipfile.ZipFile, name: str, laid_out: bytes) -> None:
        """Write the sheet as openpyxl laid it out, with its rows."""
        before, after = _SIZE.sub(b"", laid_out).split(_END)
        self._written.seek(0)
        with archive.open(name, "w", force_zip64=True) as file:
            file.write(before)
            copyfileobj(self._written, file)
            file.write(_END + after)
        self._written.close()

    def _cell(self, where: str, value: Value) -> str:
        if isinstance(value, str):
            # Text, whatever it looks like: a spreadsheet runs no formula that stands here.
            text = value.translate(_IN_XML)
            return f'<c r="{where}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        if isinstance(value, int):
            return f'<c r="{where}"><v>{value}</v></c>'
        assert value is not None  # noqa: S101  (empty cells are not written)
        return f'<c r="{where}" s="{self._styles[type(value)]}"><v>{_serial(value)}</v></c>'


class Book:
    """A workbook, sheet by sheet."""

    def __init__(self) -> None:
        """A workbook without sheets."""
        from openpyxl import Workbook

        self._book = Workbook()
        self._book.remove(self._book.worksheets[0])
        self._sheets: list[Sheet] = []

    def sheet(self, title: str, columns: Sequence[Column]) -> Sheet:
        """A new sheet, after those there are."""
        laid_out = self._book.create_sheet(title)
        made = Sheet(laid_out, columns, _styles(laid_out))
        self._sheets.append(made)
        return made

    def save(self, path: Path) -> None:
        """Write the workbook. Raises OSError."""
        for sheet in self._sheets:
            sheet.close()
        laid_out = BytesIO()
        self._book.save(laid_out)
        of_sheets = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(self._sheets, start=1)}
        with zipfile.ZipFile(laid_out) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in source.namelist():
                if name in of_sheets:
                    of_sheets[name].put_together(archive, name, source.read(name))
                else:
                    archive.writestr(name, source.read(name))


def _styles(sheet: "Worksheet") -> dict[type, int]:
    """The numbers under which the workbook knows the formats of dates and times."""
    from openpyxl.cell import WriteOnlyCell

    found = {}
    for kind, form in _FORMATS.items():
        cell = WriteOnlyCell(sheet)
        cell.number_format = form
        found[kind] = cell.style_id
    return found


def _serial(value: date | time) -> float:
    """A day or a time of day as Excel counts: days since the nought of 1900, and parts of a day."""
    if isinstance(value, time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    days = value.toordinal() - _DAY_NOUGHT
    return days + _serial(value.time()) if isinstance(value, datetime) else days
