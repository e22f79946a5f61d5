"""The files themselves: CSV as Excel reads it in England, and workbooks with real dates."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import IO

from apbot.domain.codes import MEANINGS, counts_as
from apbot.exports.registers import AMENDMENT_COLUMNS, COLUMNS, Line
from apbot.exports.tables import Table
from apbot.exports.workbook import Book, Column, Value

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CsvRows:
    """CSV in UTF-8 with the mark by which Excel knows it, English dates, and nothing that Excel would run."""

    def __init__(self, stream: IO[bytes], columns: Sequence[Column]) -> None:
        """Write to `stream`, the headings first."""
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
        self._csv = csv.writer(self._text)
        self._csv.writerow([column.heading for column in columns])

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        """Add these rows."""
        self._csv.writerows([[plain(value) for value in row] for row in rows])

    def finish(self) -> None:
        """Hand everything to the stream, which stays open."""
        self._text.flush()
        self._text.detach()


class CsvFile(CsvRows):
    """The registers as CSV."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Write to `stream`, the headings first."""
        super().__init__(stream, COLUMNS)

    def write(self, lines: Sequence[Line]) -> None:
        """Add these lines."""
        self.add(line.values for line in lines)


class XlsxFile:
    """A workbook: the registers, every amendment, and what the codes mean."""

    def __init__(self, path: Path) -> None:
        """Write to `path`, when it is finished."""
        self._path = path
        self._book = Book()
        self._registers = self._book.sheet("Registers", COLUMNS)
        self._amendments = self._book.sheet("Amendments", AMENDMENT_COLUMNS)

    def write(self, lines: Sequence[Line]) -> None:
        """Add these lines."""
        for line in lines:
            self._registers.add(line.values)
            for amendment in line.amendments:
                self._amendments.add(amendment)

    def finish(self) -> None:
        """Write the file."""
        legend = self._book.sheet("Codes", (Column("Code", 8), Column("Meaning", 60), Column("Counts as", 32)))
        for code, meaning in MEANINGS.items():
            legend.add((code, meaning, counts_as(code)))
        self._book.save(self._path)


def write_table(table: Table, form: str, path: Path) -> None:
    """Write `table` to `path`, as "csv" or "xlsx"."""
    if form == "csv":
        with path.open("wb") as stream:
            file = CsvRows(stream, table.columns)
            file.add(table.rows)
            file.finish()
        return
    book = Book()
    sheet = book.sheet(table.title, table.columns)
    for row in table.rows:
        sheet.add(row)
    book.save(path)


def plain(value: Value) -> str | int:
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
