"""`apbot export`: duties, what was done, and non-arrivals as tables."""

import sys
from typing import Annotated

import typer

from apbot.cli.given import school_called
from apbot.cli.options import FirstDay, Force, LastDay, OneSchool
from apbot.cli.outfile import FileFormat, FileOut, days_given, format_given, refuse_to_replace, written_whole
from apbot.cli.trouble import database_or_exit, fail


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    what: Annotated[str, typer.Argument(help="duties, records (what was done) or non-arrivals.")],
    first: FirstDay,
    last: LastDay,
    school: OneSchool = "",
    kind: FileFormat = None,
    out: FileOut = None,
    force: Force = False,
) -> None:
    """Write a table: the duties due in these days, what was done in them, or every pupil of every alert.

    The file holds full names: keep it where the school keeps its registers. Every export is in the audit log.
    For the registers themselves see `apbot register export`.
    """
    from apbot.domain.access import TERMINAL
    from apbot.exports.files import CsvRows, write_table
    from apbot.exports.registers import Range
    from apbot.exports.tables import TABLES, take_out
    from apbot.store.showing import show_now

    if what not in TABLES:
        fail(f"There is no table {what!r}. There are: {', '.join(TABLES)}.", code=2)
    days = days_given(first, last)
    form = format_given(kind, out)
    if out is not None:
        refuse_to_replace(out, force=force)
    with database_or_exit() as database:
        school_id = database.look(school_called, school) if school else None
        table = show_now(database, take_out, TERMINAL, what, Range(*days, school_id), form.value)
    if out is None:
        file = CsvRows(sys.stdout.buffer, table.columns)
        file.add(table.rows)
        file.finish()
        return
    with written_whole(out) as (path, _):
        write_table(table, form.value, path)
    if sys.stderr.isatty():
        typer.echo(f"Wrote {out}: {len(table.rows):,} rows.", err=True)
