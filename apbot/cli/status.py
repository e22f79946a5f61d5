"""`apbot today`, `apbot status` and `apbot missing`: what `/ap` answers in chat, at the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apbot.cli.options import AsJson
from apbot.cli.trouble import database_or_exit, fail

if TYPE_CHECKING:
    from apbot.cards import Card
    from apbot.store.database import Transaction

School = Annotated[str, typer.Option("--school", help="Only this school, by its name or reference.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("today")(today)
    app.command("status")(status)
    app.command("missing")(missing)


def today(school: School = "", as_json: AsJson = False) -> None:
    """Say how today stands: every school in a line, or one school's pupils with --school."""

    def answer(transaction: Transaction) -> tuple[Card, Any]:
        from apbot.domain.access import TERMINAL
        from apbot.handlers.commands.today import card, school_called
        from apbot.store.today import read_today

        only = school_called(transaction, TERMINAL, school) if school else None
        found = read_today(transaction, TERMINAL, only)
        return card(found, TERMINAL, transaction.now), found.to_json()

    _print(answer, as_json=as_json)


def status(
    ref: Annotated[str, typer.Argument(help="The pupil's reference, like CD34.")], as_json: AsJson = False
) -> None:
    """Say how one pupil stands: placements, today, the last 20 sessions, attendance, open duties."""

    def answer(transaction: Transaction) -> tuple[Card, Any]:
        from apbot.domain.access import TERMINAL
        from apbot.handlers.commands.status import card, pupil_called
        from apbot.handlers.duties import open_duties
        from apbot.store.pupilstatus import read_status

        pupil = pupil_called(transaction, TERMINAL, ref, "status")
        found, duties = read_status(transaction, TERMINAL, pupil), open_duties(transaction, TERMINAL, pupil)
        as_data = {**found.to_json(), "open_duties": [duty.to_json() for duty in duties]}
        return card(found, duties, transaction.now), as_data

    _print(answer, as_json=as_json)


def missing(school: School = "", as_json: AsJson = False) -> None:
    """Say which pupils are expected and not known to have arrived."""

    def answer(transaction: Transaction) -> tuple[Card, Any]:
        from apbot.domain.access import TERMINAL
        from apbot.handlers.commands.missing import card
        from apbot.handlers.commands.today import school_called
        from apbot.store.missing import read_missing

        only = school_called(transaction, TERMINAL, school) if school else None
        found = read_missing(transaction, TERMINAL, only)
        return card(found, transaction.now), found.to_json()

    _print(answer, as_json=as_json)


def _print(answer: Callable[[Transaction], tuple[Card, Any]], *, as_json: bool) -> None:
    """Run `answer` on the database that the settings name, and print its card, or its data."""
    from apbot.handlers.port import Refused
    from apbot.messages.plain import as_text
    from apbot.store.showing import show_now

    try:
        with database_or_exit() as database:
            card, data = show_now(database, answer)
    except Refused as refusal:
        fail(str(refusal))
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2) if as_json else as_text(card))
