"""`apbot roster`: the workbook to fill in, taking one in, and giving the stored roster back as one."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.options import Force
from apbot.cli.outfile import refuse_to_replace
from apbot.cli.trouble import database_or_exit, fail

if TYPE_CHECKING:
    from rich.console import Console

    from apbot.roster import Changes, Problem, Records, RosterProblems

NOTES_SHOWN = 40
"""So many notes are shown at a terminal, where more would hide what follows; a pipe gets all of them."""


def add_to(app: typer.Typer) -> None:
    """Add `roster` and its commands to the program."""
    roster = typer.Typer(help="The roster workbook: template, import, export.", no_args_is_help=True)
    roster.command("template")(template)
    roster.command("import")(import_)
    roster.command("export")(export)
    app.add_typer(roster, name="roster")


def template(
    file: Annotated[Path, typer.Argument(help="Where to write the workbook: FILE.xlsx.", metavar="FILE")],
    force: Force = False,
) -> None:
    """Write the workbook to fill in, with drop-downs, examples and notes."""
    from apbot.roster import write_template

    _must_be_workbook(file)
    with _writing(file, force=force):
        write_template(file)
    typer.echo(f"Wrote {file}. Fill it in, then: apbot roster import {file} --dry-run")


def import_(
    file: Annotated[
        Path, typer.Argument(help="A workbook (.xlsx), a folder of CSV files, or a calendar (.ics).", metavar="FILE")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    place: Annotated[
        str, typer.Option("--place", help="Whose calendar an .ics file is: a School ref or Provider ref.")
    ] = "",
) -> None:
    """Take a roster in: all of it, or nothing and a list of what to mend."""
    from apbot.roster import apply, compare, load, note_comparison
    from apbot.roster import export as stored_records

    with database_or_exit() as database, _problems_shown(), _waiting() as tell:
        # The file is read outside the transaction that takes it in: nothing else can be written meanwhile.
        records = load(file, place=place, stored=database.look(stored_records), tell=tell)
        tell("Comparing with what is stored" if dry_run else "Taking it in")
        changes = database.run(compare if dry_run else apply, records)
        if dry_run:
            database.run(note_comparison, changes)
    _show_changes(changes, dry_run=dry_run)


def load_or_exit(file: Path) -> "Records":
    """The roster in a file, for a command that does not store it; its problems are shown, and end the program."""
    from apbot.roster import load

    with _problems_shown(), _waiting() as tell:
        records = load(file, tell=tell)
    _say_notes(records.notes)
    return records


def export(
    file: Annotated[Path, typer.Argument(help="FILE.xlsx, or a folder for CSV files.", metavar="FILE")],
    force: Force = False,
) -> None:
    """Write what is stored as the same workbook, or as a folder of CSV files."""
    from apbot.roster import export as stored_records
    from apbot.roster import note_export, write_csv_folder, write_workbook

    if file.suffix:
        _must_be_workbook(file)
    with database_or_exit() as database, _waiting() as tell:
        tell("Reading what is stored")
        records = database.look(stored_records)
        with _writing(file, force=force):
            database.run(note_export)
            if file.suffix:
                write_workbook(records, file, tell)
            else:
                write_csv_folder(records, file)
    typer.echo(f"Wrote {file}: {len(records.placements):,} placements, {len(records.people):,} people.")


def _must_be_workbook(file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        fail(f"{file} is not named as a workbook. Name it {file.with_suffix('.xlsx').name}.")


@contextmanager
def _writing(file: Path, *, force: bool) -> Iterator[None]:
    """Writing a file that is not there yet, or that may be replaced."""
    if not file.is_dir() or any(file.iterdir()):
        refuse_to_replace(file, force=force)
    try:
        yield
    except OSError as trouble:
        fail(f"{file} can't be written: {trouble.strerror}. Is the folder there, or the file open in Excel?")


@contextmanager
def _problems_shown() -> Iterator[None]:
    """Problems of the roster are shown, every one, and end the program."""
    from apbot.roster import RosterProblems

    try:
        yield
    except RosterProblems as trouble:
        _show_problems(trouble)
        raise typer.Exit(1) from None


@contextmanager
def _waiting() -> Iterator[Callable[[str], None]]:
    """Tells somebody at a terminal what is being done; quiet in a pipe."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("Opening") as status:
        yield lambda what: status.update(f"{escape(what)} …")


def _show_problems(trouble: "RosterProblems") -> None:
    from rich.console import Console

    console = Console(stderr=True)
    _say_notes(trouble.notes)
    if console.is_terminal:
        _print_table(console, trouble.problems)
    else:
        for problem in trouble.problems:
            typer.echo(str(problem), err=True)
    typer.echo(f"{trouble}.", err=True)


def _print_table(console: "Console", problems: "Sequence[Problem]") -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="To be mended", title_justify="left")
    for heading in ("Where", "Found", "What is wrong", "What would be right"):
        table.add_column(heading, overflow="fold")
    for problem in problems:
        table.add_row(*map(escape, (problem.where, problem.quoted, problem.wrong, problem.expected)))
    console.print(table)


def _show_changes(changes: "Changes", *, dry_run: bool) -> None:
    """The whole difference of a dry run; of an import, how much it was and what it left alone."""
    _say_notes(changes.notes)
    for line in changes.lines() if dry_run else changes.kept_lines():
        typer.echo(line)
    if not changes:
        typer.echo("No difference: nothing was changed.")
    elif dry_run:
        typer.echo(f"It would be: {changes.summary()}. Nothing was changed.")
    else:
        typer.echo(f"Taken in: {changes.summary()}.")


def _say_notes(notes: Sequence[str]) -> None:
    shown = notes[:NOTES_SHOWN] if sys.stderr.isatty() else notes
    for note in shown:
        typer.echo(f"Note: {note}", err=True)
    if len(notes) > len(shown):
        typer.echo(f"Note: ... and {len(notes) - len(shown):,} more; send the output to a file to see all.", err=True)
