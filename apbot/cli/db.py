"""`apbot db`: what the database is, moving everything from another into it, and new secrets after one was stolen."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.options import AsJson
from apbot.cli.trouble import database_or_exit, fail, in_short, settings_or_exit

if TYPE_CHECKING:
    from apbot.store.database import Database
    from apbot.store.moving import Moved


def add_to(app: typer.Typer) -> None:
    """Add `db` and its commands to the program."""
    db = typer.Typer(help="The database: look at it, or move everything into another.", no_args_is_help=True)
    db.command("check")(check)
    db.command("migrate-from")(migrate_from)
    db.command("new-secrets")(new_secrets)
    app.add_typer(db, name="db")


def check(as_json: AsJson = False) -> None:
    """Say which database the settings name, and whether it is as it should be; brings its schema up first.

    Ends with 1 where it is damaged, or does not keep the audit log by itself.
    """
    from apbot.store.inspecting import inspect

    with database_or_exit() as database:
        found = database.look(lambda transaction: inspect(transaction.connection))
        where = database.engine.url.render_as_string(hide_password=True)
    if as_json:
        typer.echo(json.dumps({"url": where} | asdict(found), ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{found.kind} {found.version} at {where}")
        typer.echo(f"Schema {found.revision}, {found.size / 1_000_000:,.1f} MB")
        missing = ", ".join(found.missing_triggers)
        typer.echo(
            f"THE AUDIT LOG IS NOT KEPT: these triggers are missing: {missing}. Somebody has removed them."
            if missing
            else "The audit log is append-only."
        )
        if found.trouble:
            typer.echo(f"DAMAGED: {found.trouble}. Put a backup back.")
    if found.missing_triggers or found.trouble:
        raise typer.Exit(1)


def migrate_from(
    source: Annotated[str, typer.Argument(metavar="URL", help="The old one: sqlite:///FILE, postgresql+psycopg://...")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read everything, and move nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move everything from an old database into the one that the settings name, which must be empty.

    Stop apbot first. All or nothing: every table is counted and compared. The old database is not changed.
    """
    from sqlalchemy.exc import DBAPIError

    from apbot.cli.progress import over_rows
    from apbot.store.moving import CannotMove, count, move, opened, survey

    settings = settings_or_exit()
    old, new = _open_or_exit(source), _open_or_exit(settings.database_url)
    if _is_same(old, new):
        fail("That is the database that the settings name. Set APBOT_DATABASE_URL to the new one.", code=2)
    try:
        with opened(old) as reading:
            if dry_run:
                _see_that_it_is_empty(new)
                moved = survey(reading)
            else:
                with database_or_exit(settings) as target, over_rows(count(reading)) as tell:
                    moved = target.run(move, reading, tell)
    except CannotMove as problem:
        fail(f"Nothing was moved. {problem}")
    except DBAPIError as problem:
        fail(f"Nothing was moved; a database can't be used: {in_short(problem)}. Is another program using the old one?")
    finally:
        old.close()
        new.close()
    _say(moved, dry_run=dry_run, as_json=as_json)


def _open_or_exit(url: str) -> "Database":
    """The database there; nothing is read or made yet."""
    from apbot.clock import SystemClock
    from apbot.settings import WrongSettings, load_settings
    from apbot.store.database import Database
    from apbot.store.engines import DriverMissing

    try:
        return Database(load_settings(database_url=url).database_url, SystemClock())
    except WrongSettings:
        fail("That is no address of a database: expected sqlite:///FILE or postgresql+psycopg://...", code=2)
    except DriverMissing as problem:
        fail(str(problem), code=2)


def _see_that_it_is_empty(database: "Database") -> None:
    """Where it is there at all: to look into a file of SQLite's would make it."""
    from pathlib import Path

    from apbot.store.moving import see_that_it_is_empty

    url = database.engine.url
    if url.get_backend_name() != "sqlite" or Path(url.database or "").exists():
        with database.engine.connect() as connection:
            see_that_it_is_empty(connection)


def _is_same(old: "Database", new: "Database") -> bool:
    from pathlib import Path

    urls = old.engine.url, new.engine.url
    if all(each.get_backend_name() == "sqlite" for each in urls):
        first, second = (Path(each.database or "").resolve() for each in urls)
        return first == second
    return urls[0] == urls[1]


def new_secrets() -> None:
    """Make anew what links in letters are signed with, and what Telegram shows: after a database or backup was stolen.

    Stop apbot first. Links that have gone out by email or text lead nowhere then: what is open is answered in a chat.
    Of sign-ins, API keys and calendars only hashes are kept.
    """
    from apbot.domain.access import TERMINAL
    from apbot.store.kept_secrets import renew_secrets
    from apbot.store.processes import load_processes

    with database_or_exit() as database:
        if any(each.lives(database.clock.now()) for each in database.run(load_processes)):
            fail(
                "apbot runs, and goes on with the old ones. Stop it on every machine, wait half a minute, do it again."
            )
        names = database.run(renew_secrets, TERMINAL)
    typer.echo(f"Made anew: {', '.join(names) or 'nothing, for there was none'}. Now start apbot.")


def _say(moved: "Moved", *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        told = {
            "moved": not dry_run,
            "rows": moved.rows,
            "tables": {name: each._asdict() for name, each in moved.tables.items()},
            "audit_head": str(moved.head),
            "under_way": moved.under_way,
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for name, each in moved.tables.items():
        typer.echo(f"{name:<18} {each.rows:>10,} rows  {each.sha256[:16]}{'' if dry_run else '  the same'}")
    if moved.under_way:
        typer.echo(f"{moved.under_way:,} messages were under way: they go out again, marked as possible repeats.")
    typer.echo(f"The audit log's head: {moved.head}")
    if dry_run:
        typer.echo(f"{moved.rows:,} rows would be moved. Nothing was.")
    else:
        typer.echo(
            f"{moved.rows:,} rows were moved, and are the same. Start apbot on the new database, never on the old."
        )
