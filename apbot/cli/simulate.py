"""`apbot simulate`: rehearse days or a year, and hold the promises against what was sent."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

DAYS = ["%Y-%m-%d", "%d/%m/%Y"]
USUAL = 100
"""So many placements are invented where nobody says how many."""


def simulate(
    first: Annotated[datetime | None, typer.Option("--from", formats=DAYS, help="The first day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=DAYS, help="The last day.")] = None,
    placements: Annotated[
        int | None, typer.Option(min=1, max=100_000, help=f"How many placements to invent: {USUAL}, or by the seed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same days again.")] = 1,
    roster: Annotated[
        Path | None, typer.Option(help="Rehearse this roster workbook instead of an invented one.")
    ] = None,
    faults: Annotated[
        bool, typer.Option("--faults", help="Let everything fail that can. The seed draws the days, too.")
    ] = False,
    sessions: Annotated[
        int, typer.Option(min=0, help="With --faults: seed after seed, until so many sessions have been played.")
    ] = 0,
    log: Annotated[Path | None, typer.Option(help="With --faults: write what happens to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Run the real apbot over days gone by or to come, on a virtual clock, with scripted people.

    Nothing outside is touched. More than half a year runs in parts, side by side. Ends with 1 if any promise was
    broken.
    """
    start, end = first and first.date(), last and last.date()
    if start is not None and end is not None and end < start:
        raise typer.BadParameter(f"--to {end} lies before --from {start}")
    if faults:
        if roster is not None:
            raise typer.BadParameter("--roster is not for --faults")
        if (start is None) != (end is None):
            raise typer.BadParameter("--faults takes both --from and --to, or neither")
        breaches = _with_faults(seed, start, end, placements, sessions, log, as_json=as_json)
    else:
        if sessions or log is not None:
            raise typer.BadParameter("--sessions and --log are for --faults")
        if start is None or end is None:
            raise typer.BadParameter("give --from and --to")
        breaches = _without_faults(seed, start, end, placements or USUAL, roster, as_json=as_json)
    if breaches:
        raise typer.Exit(1)


def _without_faults(seed: int, start: date, end: date, placements: int, roster: Path | None, *, as_json: bool) -> int:
    from apbot.cli.progress import over_days
    from apbot.simulator.parts import rehearse_parts
    from apbot.simulator.report import lines
    from apbot.simulator.world import invent

    if roster is None:
        records = invent(placements, start, end, seed)
    else:
        from apbot.cli.roster import load_or_exit

        records = load_or_exit(roster)
    with over_days(start, end, "Rehearsing") as progress:
        report = rehearse_parts(records, start, end, seed=seed, progress=progress)
    _print(report.to_json() if as_json else "\n".join(lines(report)))
    return report.breaches


def _with_faults(
    seed: int,
    start: date | None,
    end: date | None,
    placements: int | None,
    sessions: int,
    log: Path | None,
    *,
    as_json: bool,
) -> int:
    from apbot.cli.progress import over_count
    from apbot.simulator.faults.campaign import campaign, lines_of_totals, lines_of_world, played_json
    from apbot.simulator.faults.dice import Log
    from apbot.simulator.faults.play import play
    from apbot.simulator.faults.worlds import draw

    if sessions:
        with over_count(sessions, "Sessions played") as progress:
            totals = campaign(sessions, seed, first=start, last=end, placements=placements, progress=progress)
        _print(totals.to_json() if as_json else "\n".join(lines_of_totals(totals)))
        return totals.breaches.total()
    world = draw(seed, start, end, placements)
    if log is None:
        played = play(world, Log())
    else:
        with log.open("w", encoding="utf-8") as file:
            played = play(world, Log(file))
    _print(played_json(played) if as_json else "\n".join(lines_of_world(played)))
    return sum(played.breaches.values())


def _print(report: str | dict[str, Any]) -> None:
    import json

    typer.echo(report if isinstance(report, str) else json.dumps(report, indent=2))


def add_to(app: typer.Typer) -> None:
    """Add `simulate` to the program."""
    app.command()(simulate)
