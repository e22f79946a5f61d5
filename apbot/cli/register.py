"""`apbot register`: registers with their codes and amendments, for the school's MIS."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from apbot.cli.given import school_called
from apbot.cli.options import FirstDay, Force, LastDay, OneSchool
from apbot.cli.outfile import FileFormat, FileOut, Format, days_given, format_given, refuse_to_replace, written_whole
from apbot.cli.progress import over_days
from apbot.cli.trouble import database_or_exit, fail

if TYPE_CHECKING:
    from apbot.exports.files import CsvFile, XlsxFile
    from apbot.exports.registers import Counts, Range
    from apbot.store.database import Transaction


def add_to(app: typer.Typer) -> None:
    """Add `register` and its commands to the program."""
    register = typer.Typer(help="Registers with their codes, for the school's MIS.", no_args_is_help=True)
    register.command("export")(export)
    app.add_typer(register, name="register")


def export(
    first: FirstDay,
    last: LastDay,
    school: OneSchool = "",
    kind: FileFormat = None,
    out: FileOut = None,
    force: Force = False,
) -> None:
    """Write a row for each pupil and session, with its code, minutes late, comment, and the amendments.

    The file holds full names: keep it where the school keeps its registers. Every export is in the audit log.
    """
    days = days_given(first, last)
    kind = format_given(kind, out)
    if out is not None:
        refuse_to_replace(out, force=force)
    with database_or_exit() as database:
        wanted, counts = database.run(_begin, *days, school, kind)
        with _sink(kind, out) as sink, over_days(wanted.first, wanted.last, "Reading") as begins:
            from apbot.exports.registers import export as read_into

            asyncio.run(read_into(database, wanted, sink, begins))
    if out is not None and sys.stderr.isatty():
        typer.echo(f"Wrote {out}: {counts.rows:,} sessions, {counts.unconfirmed:,} of them not confirmed.", err=True)


def _begin(transaction: "Transaction", first: date, last: date, school: str, kind: Format) -> "tuple[Range, Counts]":
    """What is to be read, counted, and written down in the audit log: before the first name is out."""
    from apbot.domain.access import TERMINAL
    from apbot.exports.registers import Range, count, note_export
    from apbot.exports.workbook import MOST_ROWS

    wanted = Range(first, last, school_called(transaction, school) if school else None)
    counts = count(transaction, wanted)
    if kind is Format.XLSX and counts.rows > MOST_ROWS:
        fail(f"{counts.rows:,} sessions don't fit in one sheet. Write csv, one school, or fewer days.")
    note_export(transaction, TERMINAL, wanted, counts, kind.value)
    return wanted, counts


@contextmanager
def _sink(kind: Format, out: Path | None) -> "Iterator[CsvFile | XlsxFile]":
    """Where the lines go. A file appears whole or not at all, and only its owner can read it."""
    from apbot.exports.files import CsvFile, XlsxFile

    if out is None:
        sink = CsvFile(sys.stdout.buffer)
        yield sink
        sink.finish()
        return
    with written_whole(out) as (path, stream):
        file = CsvFile(stream) if kind is Format.CSV else XlsxFile(path)
        yield file
        file.finish()
