"""Reading an .xlsx workbook, and saying in one sentence why a file that claims to be one is not."""

import re
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apbot.roster.cells import is_blank
from apbot.roster.grid import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Choose, Grid, Tell, Uncalculated, quiet
from apbot.roster.problems import RosterProblems, unusable

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_UNPACKED = 100 * 1024 * 1024
"""A workbook is a zip file; one that unpacks to more than this was made to do harm."""

MOST_MERGED = 5_000
"""A merged area of more cells than this is decoration."""

MOST_MERGED_IN_ALL = 500_000
"""Cells in the merged areas of one sheet."""

LAST_ROW = 1_048_576
"""Of a sheet, in any spreadsheet."""

MOST_BLANK = 3
"""So many times as many rows as may be filled in are read, to leave out those that hold spaces alone."""

_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "open it in Excel and save it as an Excel workbook (.xlsx)"


def read_workbook(path: Path, choose: Choose, tell: Tell = quiet) -> list[Grid]:
    """The sheets of the workbook that `choose` picks. Raises `RosterProblems` for a file that is not a workbook."""
    _refuse_what_is_no_workbook(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and drop-downs that it would not write back
            return _read(path, choose, tell)
    except RosterProblems:
        raise
    except MemoryError:
        raise unusable(f"{path.name} is too large to read", "take out what is not needed") from None
    except Exception:  # noqa: BLE001  (a broken workbook can fail anywhere inside the library, in any way)
        raise unusable(f"{path.name} is damaged", _SAVE_AS + " again") from None


def _refuse_what_is_no_workbook(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            rest = file.read(MOST_BYTES) if start == _OLD_FORMAT else b""
    except OSError as trouble:
        raise unusable(f"{path} can't be read: {trouble.strerror}", "check the name") from None
    if size > MOST_BYTES:
        raise unusable(f"{path.name} is larger than {MOST_BYTES // 1024**2} MB", "take out what is not needed")
    if start == _OLD_FORMAT:
        if "EncryptedPackage".encode("utf-16-le") in rest:
            raise unusable(f"{path.name} is protected by a password", "save it without one and import it again")
        raise unusable(f"{path.name} is an old Excel file (.xls)", _SAVE_AS)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise unusable(f"{path.name} is not an Excel workbook, or is damaged", _SAVE_AS) from None
    _refuse_parts(path.name, parts)


def _refuse_parts(name: str, parts: Sequence[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise unusable(f"{name} is protected by a password", "save it without one and import it again")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise unusable(f"{name} unpacks to more than {MOST_UNPACKED // 1024**2} MB", "take out what is not needed")
    if "content.xml" in names:
        raise unusable(f"{name} is an OpenDocument spreadsheet (.ods)", "save it as an Excel workbook (.xlsx)")
    if not any(each.endswith("workbook.xml") for each in names):
        raise unusable(f"{name} is not an Excel workbook (.xlsx)", _SAVE_AS)


def _read(path: Path, choose: Choose, tell: Tell) -> list[Grid]:
    from openpyxl import load_workbook

    tell(f"Opening {path.name}")
    with path.open("rb") as file:  # given a name, the library leaves a damaged file open
        book = load_workbook(file, read_only=True, data_only=True)
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        return [_grid(book, sheets[name], tell) for name in choose(list(sheets))]


def _grid(book: "Workbook", sheet: Any, tell: Tell) -> Grid:
    sheet.reset_dimensions()  # the size that a file claims for itself is often wrong, and rows would be lost
    xml = _xml(book, sheet)
    rows: dict[int, list[object]] = {}
    # What is beyond the last row of a spreadsheet is nowhere, and would be counted up to.
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_row=LAST_ROW, max_col=MOST_COLUMNS), 1):
        if values and values.count(None) < len(values):
            rows[number] = [*values[:MOST_COLUMNS], *[None] * (MOST_COLUMNS - len(values))]
            if len(rows) % 1000 == 0:
                tell(f"Reading {sheet.title}: {len(rows):,} rows")
            if len(rows) > MOST_BLANK * MOST_ROWS:
                raise _too_many_rows(sheet)
    for number, column in _uncalculated(xml):
        rows.setdefault(number, [None] * MOST_COLUMNS)[column] = Uncalculated()
    _fill_merged(rows, xml)
    filled = [(number, row) for number, row in sorted(rows.items()) if not all(map(is_blank, row))]
    if len(filled) > MOST_ROWS + 1:
        raise _too_many_rows(sheet)
    return Grid(sheet.title, filled)


def _too_many_rows(sheet: Any) -> RosterProblems:
    return unusable(f"the sheet {sheet.title} has more than {MOST_ROWS:,} rows", "split it and import the parts")


def _xml(book: "Workbook", sheet: Any) -> str:
    """The sheet as it is stored: the read-only reader passes over merged cells and formulas."""
    archive: zipfile.ZipFile = book._archive  # type: ignore[attr-defined]
    return archive.read(sheet._worksheet_path).decode("utf-8", errors="replace")


# None of these looks past the next "<": in a comment full of them each would begin anew to look through the rest.
_CELL = r"([A-Z]{1,3})(\d{1,7})"
_MERGED = re.compile(rf'<(?:\w+:)?mergeCell [^<>]*?\bref="{_CELL}:{_CELL}"')
_FORMULA_ALONE = re.compile(
    r"<(?:\w+:)?c\b([^<>]*)>\s*<(?:\w+:)?f\b[^<>]*?(?:/>|>[^<]*</(?:\w+:)?f>)"
    r"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_REFERENCE = re.compile(rf'\br="{_CELL}"')


def _uncalculated(xml: str) -> Iterable[tuple[int, int]]:
    """Row and column (from 0) of formulas without a result. An empty text is a result: Excel marks it so."""
    for match in _FORMULA_ALONE.finditer(xml):
        place = _REFERENCE.search(match[1])
        if place and 't="str"' not in match[1] and _column(place[1]) < MOST_COLUMNS:
            yield int(place[2]), _column(place[1])


def _fill_merged(rows: dict[int, list[object]], xml: str) -> None:
    """What stands in a merged area stands, for a person, in each of its cells."""
    merged = 0
    for match in _MERGED.finditer(xml):
        left, top, right, bottom = _column(match[1]), int(match[2]), _column(match[3]), int(match[4])
        right = min(right, MOST_COLUMNS - 1)
        if top not in rows or left > right or (right - left + 1) * (bottom - top + 1) > MOST_MERGED:
            continue
        merged += (right - left + 1) * (bottom - top + 1)
        if merged > MOST_MERGED_IN_ALL:
            raise unusable(f"a sheet has more than {MOST_MERGED_IN_ALL:,} merged cells", "take the merging out")
        value = rows[top][left]
        for number in range(top, bottom + 1):
            row = rows.setdefault(number, [None] * MOST_COLUMNS)
            row[left : right + 1] = [value] * (right - left + 1)


def _column(letters: str) -> int:
    """0 for A, 26 for AA."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found - 1
