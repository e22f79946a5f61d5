"""A roster as a folder of CSV files, one for each sheet, or a single one of them."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from pathlib import Path

from apbot.roster.cells import is_blank
from apbot.roster.grid import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Choose, Grid, Tell, bytes_of, quiet
from apbot.roster.problems import unusable

_FORMULA_STARTS = ("=", "@", "+", "-", "\t")
_SAVE_AS = "save it as CSV (UTF-8) from the spreadsheet"


def read_csv_files(path: Path, choose: Choose, tell: Tell = quiet) -> list[Grid]:
    """The files of a folder that `choose` picks by their names, or one file. Raises `RosterProblems`."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError as trouble:
        raise unusable(f"{path} can't be read: {trouble.strerror}", "check the name") from None
    files = [file for file in files if file.suffix.lower() == ".csv"]
    if not files:
        raise unusable(f"there is no CSV file in {path}", "name a workbook (.xlsx) or a folder of CSV files")
    chosen = set(choose([file.name for file in files]))
    return [_grid(file, tell) for file in files if file.name in chosen]


def _grid(file: Path, tell: Tell) -> Grid:
    tell(f"Reading {file.name}")
    text = _text(file)
    rows: list[tuple[int, Sequence[object]]] = []
    try:
        for number, row in enumerate(_reader(text), 1):
            if not all(map(is_blank, row)):
                rows.append((number, row[:MOST_COLUMNS]))
            if len(rows) > MOST_ROWS + 1:
                raise unusable(f"{file.name} has more than {MOST_ROWS:,} rows", "split it and import the parts")
    except csv.Error as trouble:
        raise unusable(f"{file.name} is not a CSV file, or is damaged: {trouble}", _SAVE_AS) from None
    return Grid(file.name, rows)


def _text(file: Path) -> str:
    data = bytes_of(file, MOST_BYTES, "take out what is not needed")
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # what Excel writes as plain "CSV" in England
    if "\0" in text or "\ufffd" in text:
        raise unusable(f"{file.name} is not text", _SAVE_AS)
    return text


def _reader(text: str) -> Iterable[list[str]]:
    """Rows with whichever separator the file uses: Excel takes it from the machine's region."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep="):
        return csv.reader(io.StringIO(rest, newline=""), delimiter=(first.strip()[4:] or ",")[0])
    return csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=first.count))


def write_csv_files(folder: Path, sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[object]]]]) -> None:
    """Write one file for each sheet: its headings and its rows. The folder is made if it is not there.

    Those that are new their owner alone can read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for title, (headings, rows) in sheets.items():
        path = folder / f"{title.lower().replace(' ', '-')}.csv"
        path.touch(0o600)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(headings)
            writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> str:
    """A spreadsheet runs text that begins like a formula; the mark is taken off again when it is read."""
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
