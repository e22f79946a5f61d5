"""`apbot inspect`: what an inspector asks about one pupil, in short, or whole as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.options import Force
from apbot.cli.outfile import refuse_to_replace, written_whole
from apbot.cli.trouble import database_or_exit, fail

if TYPE_CHECKING:
    from apbot.store.database import Transaction
    from apbot.store.inspection import Pack


def add_to(app: typer.Typer) -> None:
    """Add `inspect` to the program."""
    app.command("inspect")(inspect)


def inspect(
    ref: Annotated[str, typer.Argument(help="The pupil's reference, like CD34.")],
    to: Annotated[
        Path | None, typer.Option("--pdf", help="Write the whole pack there, with the pupil's name.", metavar="FILE")
    ] = None,
    force: Force = False,
) -> None:
    """Say what an inspector would ask about one pupil: why there, with whom, what happened, where it leads.

    With --pdf the whole pack is written, with the pupil's name: keep it where the school keeps its pupil records.
    """
    from apbot.handlers.port import Refused
    from apbot.store.showing import show_now

    if to is not None:
        refuse_to_replace(to, force=force)
    try:
        with database_or_exit() as database:
            pack = show_now(database, _read, ref, "inspection pack taken as PDF" if to else "inspection headlines read")
    except Refused as refusal:
        fail(str(refusal))
    if to is None:
        from apbot.handlers.commands.inspect import card
        from apbot.messages.plain import as_text

        typer.echo(as_text(card(pack)))
        return
    from apbot.papers.inspection import paper
    from apbot.papers.pdf import pdf

    with written_whole(to) as (_, stream):
        stream.write(pdf(paper(pack)))
    typer.echo(f"Wrote {to}.", err=True)


def _read(transaction: Transaction, ref: str, what: str) -> Pack:
    from apbot.domain.access import TERMINAL
    from apbot.handlers.commands.inspect import pack_called

    return pack_called(transaction, TERMINAL, ref, what)
