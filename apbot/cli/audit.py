"""`apbot audit`: who did what to whose record, and whether the log is still what was written."""

import json
from datetime import datetime, time, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.given import day_or_exit, id_or_exit
from apbot.cli.options import AsJson
from apbot.cli.trouble import database_or_exit, fail

if TYPE_CHECKING:
    from apbot.store.database import Transaction
    from apbot.store.sealing import Head, Verified
    from apbot.store.trail import Step


STALE = timedelta(minutes=5)
"""An entry that has waited longer for its seal says that apbot is not running."""


def add_to(app: typer.Typer) -> None:
    """Add `audit` and its commands to the program."""
    audit = typer.Typer(help="The audit log: read it, and verify that nobody has changed it.", no_args_is_help=True)
    audit.command("head")(head)
    audit.command("verify")(verify)
    audit.command("show")(show)
    app.add_typer(audit, name="audit")


def head(as_json: AsJson = False) -> None:
    """Print the number and the seal of the newest entry. Keep them elsewhere: verify --head holds the log to them."""
    from apbot.store.sealing import read_chain_head, seal_due

    with database_or_exit() as database:
        while database.run(seal_due):
            pass
        found = database.run(read_chain_head)
    if as_json:
        at = found.at and found.at.isoformat()
        typer.echo(json.dumps({"number": found.number, "seal": found.seal, "at": at}))
    else:
        typer.echo(str(found))


def verify(
    kept: Annotated[
        str, typer.Option("--head", help="A head that was kept elsewhere, as `apbot audit head` prints it.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Work out every seal anew and say whether the log is what was written.

    Ends with 0 if it is, with 1 if an entry was changed, removed or slipped in, and names the first.
    """
    from apbot.store.sealing import verify as verify_chain

    wanted = _head_or_exit(kept) if kept else None
    began = perf_counter()
    with database_or_exit() as database:
        found = database.look(verify_chain, wanted)
        now = database.clock.now()
    seconds = perf_counter() - began
    if as_json:
        typer.echo(json.dumps(_to_json(found, seconds), ensure_ascii=False, indent=2))
    else:
        for line in _lines(found, seconds, now, kept=bool(kept)):
            typer.echo(line)
    if found.broken:
        raise typer.Exit(1)


def _head_or_exit(text: str) -> "Head":
    from apbot.store.sealing import Unreadable, read_head

    try:
        return read_head(text)
    except Unreadable:
        fail(f"--head {text[:80]!r} is no head. Give one as `apbot audit head` prints it: 1234:9f86d0...", code=2)


def _lines(found: "Verified", seconds: float, now: datetime, *, kept: bool) -> list[str]:
    lines = []
    if found.broken:
        which = f"Entry {found.broken.number:,}" if found.broken.number else "An entry"
        at = f" ({_wall(found.broken.at)})" if found.broken.at else ""
        lines.append(f"BROKEN. {which}{at}: {found.broken.why}.")
        lines.append(f"The {found.checked:,} entries before it are what was written." if found.broken.number else "")
    else:
        lines.append(f"Whole: {found.checked:,} entries are what was written, up to {found.head}.")
        if not kept:
            lines.append("Give a head that was kept elsewhere with --head: without it a log made anew can't be told.")
    if found.shortened:
        through = f"{found.shortened.through:,}"
        lines.append(f"Entries up to {through} were removed by retention on {_wall(found.shortened.at)}.")
    if found.unsealed:
        stale = found.oldest_unsealed is not None and now - found.oldest_unsealed > STALE
        hint = ": is apbot running?" if stale else ", which is as it should be."
        entries = "1 entry is" if found.unsealed == 1 else f"{found.unsealed:,} entries are"
        lines.append(f"{entries} not sealed yet{hint}")
    lines.append(f"{seconds:.1f} s")
    return [line for line in lines if line]


def _to_json(found: "Verified", seconds: float) -> dict[str, object]:
    broken = found.broken
    return {
        "whole": broken is None,
        "checked": found.checked,
        "not_sealed_yet": found.unsealed,
        "head": {"number": found.head.number, "seal": found.head.seal},
        "removed_by_retention_up_to": found.shortened.through if found.shortened else 0,
        "broken": None if broken is None else {"number": broken.number, "why": broken.why},
        "seconds": round(seconds, 3),
    }


def show(
    pupil: Annotated[str, typer.Option("--pupil", help="Everything about one pupil, reads included.")] = "",
    person: Annotated[str, typer.Option("--person", help="Everything that one person did.")] = "",
    since: Annotated[str, typer.Option("--since", help="From this day on: 01/09/2026 or 2026-09-01.")] = "",
    most: Annotated[
        int, typer.Option("--most", min=1, max=100_000, help="Without a reference: the newest so many.")
    ] = 200,
    as_json: AsJson = False,
) -> None:
    """Show who did what to whose record, by reference, the oldest first. That you looked is in the log too."""
    from apbot.store.showing import show_now

    if pupil and person:
        fail("Give --pupil or --person, not both.", code=2)
    with database_or_exit() as database:
        steps = show_now(database, _find, pupil, person, _since(since), most)
    if as_json:
        typer.echo(json.dumps([each.to_json() for each in steps], ensure_ascii=False, indent=2))
        return
    for each in steps:
        typer.echo(_line(each))
    if not steps:
        typer.echo("Nothing is in the log.")


def _find(transaction: "Transaction", pupil: str, person: str, since: datetime | None, most: int) -> "list[Step]":
    from apbot.domain.access import TERMINAL
    from apbot.store.audit import note
    from apbot.store.reads import note_read
    from apbot.store.tables import people, pupils
    from apbot.store.trail import trail, trail_of_person, trail_of_pupil

    if pupil:
        pupil_id = id_or_exit(transaction, pupils, "pupil", pupil)
        steps = trail_of_pupil(transaction, pupil_id, since)
        note_read(transaction, TERMINAL, "audit read", [pupil_id])
    elif person:
        person_id = id_or_exit(transaction, people, "person", person)
        steps = trail_of_person(transaction, person_id, since)
        note(transaction, TERMINAL, "audit read", f"person:{person_id}")
    else:
        steps = trail(transaction, since, most)
        note(transaction, TERMINAL, "audit read", "audit")
    return steps


def _since(text: str) -> datetime | None:
    from apbot.domain.walltime import instant

    return instant(day_or_exit("--since", text), time()) if text else None


def _line(step: "Step") -> str:
    detail = ", ".join(f"{name}={_short(value)}" for name, value in step.detail.items() if value not in ("", [], None))
    return f"{_wall(step.at)}  {step.who} ({step.via}): {step.what}, {step.subject}" + (
        f" [{detail}]" if detail else ""
    )


def _short(value: object) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _wall(at: datetime | None) -> str:
    from apbot.domain.walltime import local

    return "" if at is None else f"{local(at):%d/%m/%Y %H:%M:%S}"
