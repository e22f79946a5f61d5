"""`apbot subject-access`: everything that is held on one pupil, as one archive."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.given import id_or_exit
from apbot.cli.options import Force
from apbot.cli.outfile import refuse_to_replace, written_whole
from apbot.cli.trouble import database_or_exit, fail

if TYPE_CHECKING:
    from apbot.store.database import Transaction


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("subject-access")(subject_access)


def subject_access(
    ref: Annotated[str, typer.Argument(help="The pupil's reference, like CD34.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write: FILE.zip.", metavar="FILE")],
    force: Force = False,
) -> None:
    """Write everything that is held on one pupil: a page to read, the same as data, and a table of each kind as CSV.

    For a subject access request. The file holds the full record: hand it to nobody else. That it was made is in the
    audit log. Read it before you give it away: what other pupils are called in somebody's own words can't be found
    with certainty.
    """
    from apbot.papers.subject import read_subject, write_archive

    if out.suffix.lower() != ".zip":
        fail(f"{out} is not named as an archive. Name it {out.with_suffix('.zip').name}.", code=2)
    refuse_to_replace(out, force=force)
    with database_or_exit() as database:
        # Entered first, for it stands in the archive too; then read beside whoever writes.
        subject = database.look(read_subject, database.run(_enter, ref))
    with written_whole(out) as (path, _):
        write_archive(subject, path)
    rows = sum(len(table.rows) for table in subject.tables)
    typer.echo(f"Wrote {out}: {rows:,} rows on {subject.reference}. Read it before you give it away.", err=True)


def _enter(transaction: "Transaction", ref: str) -> int:
    from apbot.domain.access import TERMINAL
    from apbot.store.reads import note_read
    from apbot.store.tables import pupils

    pupil_id = id_or_exit(transaction, pupils, "pupil", ref)
    note_read(transaction, TERMINAL, "subject access", [pupil_id])
    return pupil_id
