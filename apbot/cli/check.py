"""`apbot check`: whether everybody who must be reached would be, and what to mend."""

import json
from typing import Annotated

import typer

from apbot.cli.trouble import database_or_exit, settings_or_exit


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    days: Annotated[int, typer.Option("--days", min=0, max=60, help="How many days after today to look ahead.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what would be missed, and what to mend. Ends with 1 when something would be missed, else with 0."""
    from apbot.messages.check import report_card
    from apbot.messages.plain import as_text
    from apbot.readiness import check as check_readiness

    settings = settings_or_exit()
    with database_or_exit(settings) as database:
        report = database.run(check_readiness, days=days, reason_school_days=settings.reason_school_days)
    typer.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2) if as_json else as_text(report_card(report)))
    if report.missed:
        raise typer.Exit(1)
