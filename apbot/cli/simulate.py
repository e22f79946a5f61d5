"""`apbot simulate`: rehearse days or a year, and hold the promises against what was sent."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

DAYS = ["%Y-%m-%d", "%d/%m/%Y"]


def simulate(
    first: Annotated[datetime, typer.Option("--from", formats=DAYS, help="The first day.")],
    last: Annotated[datetime, typer.Option("--to", formats=DAYS, help="The last day.")],
    placements: Annotated[int, typer.Option(min=1, max=100_000, help="How many placements to invent.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed gives the same days again.")] = 1,
    roster: Annotated[
        Path | None, typer.Option(help="Rehearse this roster workbook instead of an invented one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Run the real apbot over days gone by or to come, on a virtual clock, with scripted people.

    Nothing outside is touched. More than half a year runs in parts, side by side. Ends with 1 if any promise was
    broken.
    """
    import json

    from apbot.cli.progress import over_days
    from apbot.simulator.parts import rehearse_parts
    from apbot.simulator.report import lines
    from apbot.simulator.world import invent

    start, end = first.date(), last.date()
    if end < start:
        raise typer.BadParameter(f"--to {end} lies before --from {start}")
    if roster is None:
        records = invent(placements, start, end, seed)
    else:
        from apbot.cli.roster import load_or_exit

        records = load_or_exit(roster)
    with over_days(start, end, "Rehearsing") as progress:
        report = rehearse_parts(records, start, end, seed=seed, progress=progress)
    typer.echo(json.dumps(report.to_json(), indent=2) if as_json else "\n".join(lines(report)))
    if report.breaches:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Add `simulate` to the program."""
    app.command()(simulate)
