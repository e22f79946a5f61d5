"""`apbot retention`: what is kept for how long, what the next run would take away, and running it now."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.options import AsJson
from apbot.cli.trouble import database_or_exit, settings_or_exit

if TYPE_CHECKING:
    from apbot.domain.retention import Limits
    from apbot.store.database import Database, Transaction
    from apbot.store.retention.model import Kind


def add_to(app: typer.Typer) -> None:
    """Add `retention` and its commands to the program."""
    retention = typer.Typer(help="What is kept for how long.", no_args_is_help=True)
    retention.command("show")(show)
    retention.command("run")(run)
    app.add_typer(retention, name="retention")


def show(as_json: AsJson = False) -> None:
    """Print the policy: what is kept, for how long, and why."""
    from apbot.store.retention.registry import KINDS

    days = settings_or_exit().chat_days
    told = [
        {"what": each.what, "keeps": each.keeps.format(chat_days=days), "why": each.why, "name": each.name}
        for each in KINDS
    ]
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for each in told:
        typer.echo(f"{each['what']}\n  kept {each['keeps']}: {each['why']}.")
    typer.echo("Nothing goes while an alert, a concern, an incident or a duty about it is open.")


def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and take nothing away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take away now what has been kept for long enough; without this, apbot does it each night.

    Old messages are then edited down by `apbot run`, as fast as the platforms let it.
    """
    from apbot.domain.retention import limits
    from apbot.store.retention.registry import KINDS

    settings = settings_or_exit()
    gone: dict[str, int] = {}
    with database_or_exit(settings) as database:
        at = limits(database.clock.now(), settings.chat_days)
        for kind in KINDS:
            gone[kind.name] = database.look(kind.count, at) if dry_run else _take_all(database, kind, at)
        if not dry_run:
            database.run(_note, {name: count for name, count in gone.items() if count})
    if as_json:
        typer.echo(json.dumps({"dry_run": dry_run, "gone": gone}, ensure_ascii=False, indent=2))
        return
    for kind in KINDS:
        if gone[kind.name]:
            typer.echo(f"{gone[kind.name]:>9,}  {kind.name}: {kind.what}")
    if not any(gone.values()):
        typer.echo("Nothing has been kept for long enough.")
    elif dry_run:
        typer.echo("Nothing was taken away. What goes may let other things go that it belongs to.")


def _take_all(database: "Database", kind: "Kind", at: "Limits") -> int:
    total = 0
    while (kind.most is None or total < kind.most) and (went := database.run(kind.take, at)):
        total += went
    return total


def _note(transaction: "Transaction", gone: dict[str, int]) -> None:
    from apbot.domain.access import TERMINAL
    from apbot.store.audit import note

    note(transaction, TERMINAL, "retention run", "retention", **gone)
