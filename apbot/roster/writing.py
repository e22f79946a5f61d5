"""Writing the workbook: the empty template with its examples, or a roster laid out on the same sheets."""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apbot.domain.walltime import FIRST_DAY, LAST_DAY
from apbot.roster import guide
from apbot.roster.columns import PLACES, Column, Kind, Sheet
from apbot.roster.csvfiles import write_csv_files
from apbot.roster.days import EXCEL_DAY_0
from apbot.roster.examples import EXAMPLES
from apbot.roster.grid import MOST_ROWS, Tell, quiet
from apbot.roster.layout import Cell, cells_of, laid_out
from apbot.roster.records import Records
from apbot.roster.sheets import ALL, BY_KEY, NOTES_TITLE

if TYPE_CHECKING:
    from openpyxl import Workbook

DARK, LIGHT, GREY = "FF1F3A4D", "FFD9E5EC", "FF8A8A8A"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_template(path: Path) -> None:
    """Write the workbook to fill in: headings, drop-downs, examples in grey, and notes."""
    rows = {sheet.key: [cells_of(sheet, row) for row in EXAMPLES[sheet.key]] for sheet in ALL}
    _write(path, rows, example=True)


def write_workbook(records: Records, path: Path, tell: Tell = quiet) -> None:
    """Write records as a workbook that `load` reads as the same records. A file that is there is replaced."""
    _write(path, laid_out(records), tell=tell)


def write_csv_folder(records: Records, folder: Path) -> None:
    """Write records as a folder of CSV files that `load` reads as the same records."""
    rows = laid_out(records)
    write_csv_files(
        folder, {sheet.title: ([column.heading for column in sheet.columns], rows[sheet.key]) for sheet in ALL}
    )


def _write(
    path: Path, rows: Mapping[str, Sequence[Sequence[Cell]]], *, example: bool = False, tell: Tell = quiet
) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _write_notes(book)
    for sheet in ALL:
        tell(f"Writing {sheet.title}: {len(rows[sheet.key]):,} rows")
        _write_sheet(book, sheet, rows[sheet.key], example=example)
    tell("Saving")
    whole = io.BytesIO()
    book.save(whole)
    _replace(path, whole.getvalue())


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside the wanted one, which it replaces once it is whole: a full disk loses nothing.

    Its owner alone can read it: it holds names and numbers, or is to be filled in with them.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        unfinished.touch(0o600, exist_ok=False)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_notes(book: "Workbook") -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    notes = book.create_sheet(NOTES_TITLE)
    for letter, width in zip("ABC", (30, 9, 100), strict=True):
        notes.column_dimensions[letter].width = width
    for line in guide.lines():
        cells = [WriteOnlyCell(notes, value=text) for text in line]
        for cell in cells:
            cell.alignment = Alignment(vertical="top", wrap_text=len(cells) > 1)
            if line[0] in guide.HEADINGS:
                cell.font = Font(bold=True, size=14 if line[0] == guide.TITLE else 11)
        notes.append(cells)


def _write_sheet(book: "Workbook", sheet: Sheet, rows: Sequence[Sequence[Cell]], *, example: bool) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    page: Any = book.create_sheet(sheet.title)
    for at, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = column.width
        page.column_dimensions[letter].number_format = column.kind.value
        _add_drop_down(page, column, letter)
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}1"
    page.append([_heading(page, column) for column in sheet.columns])
    font = Font(italic=True, color=GREY) if example else None
    # A row is written as soon as it is appended, so each column's styled cell can be used again in the next.
    cells = [_styled(page, column, font) for column in sheet.columns]
    for row in rows:
        page.append([_filled(cell, value) for cell, value in zip(cells, row, strict=True)])


def _heading(page: Any, column: Column) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = WriteOnlyCell(page, value=column.heading)
    cell.font = Font(bold=True, color="FFFFFFFF" if column.needed else DARK)
    cell.fill = PatternFill("solid", start_color=DARK if column.needed else LIGHT)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    cell.comment = Comment(column.meaning, "apbot", height=90, width=260)
    return cell


def _styled(page: Any, column: Column, font: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page)
    cell.number_format = column.kind.value
    if font is not None:
        cell.font = font
    return cell


def _filled(cell: Any, value: Cell) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        cell.value = _CONTROL.sub("", value)
        cell.data_type = "s"  # or a name that begins with = would be run as a formula
    else:
        cell.value = value
    return cell


def _add_drop_down(page: Any, column: Column, letter: str) -> None:
    """Offer what may be chosen. Other things may be typed: the import understands more than the list."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if column.choices:
        offered = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
        offered.showErrorMessage = False
    elif column.refers_to and column.refers_to != PLACES:
        source = f"'{BY_KEY[column.refers_to].title}'!$A$2:$A${MOST_ROWS + 1}"
        offered = DataValidation(type="list", formula1=source, allow_blank=True)
        offered.showErrorMessage = False
    elif column.kind is Kind.DAY:
        offered = DataValidation(
            type="date", operator="between", formula1=_serial(FIRST_DAY), formula2=_serial(LAST_DAY)
        )
        offered.allow_blank, offered.errorStyle, offered.showErrorMessage = True, "warning", True
        offered.errorTitle, offered.error = "Is this a day?", "Write it with the day first, as 3/9/2026."
    else:
        return
    offered.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    page.data_validations.append(offered)


def _serial(day: date) -> str:
    return str((day - EXCEL_DAY_0).days)
