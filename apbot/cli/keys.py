"""`apbot key`: keys of the read-only API."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.given import school_called
from apbot.cli.options import AsJson, OneSchool
from apbot.cli.trouble import database_or_exit, fail

if TYPE_CHECKING:
    from apbot.store.apikeys import Key
    from apbot.store.database import Transaction


def add_to(app: typer.Typer) -> None:
    """Add `key` and its commands to the program."""
    key = typer.Typer(help="Keys of the read-only API.", no_args_is_help=True)
    key.command("add")(add)
    key.command("list")(list_keys)
    key.command("revoke")(revoke)
    app.add_typer(key, name="key")


def add(
    name: Annotated[str, typer.Argument(help="What the key is for: “trust dashboard”.")],
    school: OneSchool = "",
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="What it may read; may be given again. Without it all but names."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once. Whoever holds it reads what it may read, so keep it as a password.

    Pupils are by reference; only with --scope names are their names there too.
    """
    from apbot.domain.scopes import USUAL, Scope
    from apbot.store.apikeys import make_key

    name = " ".join(name.split())
    if not name or len(name) > 80:
        fail("Say in 1 to 80 characters what the key is for.", code=2)
    if unknown := [each for each in scope or () if each not in set(Scope)]:
        fail(f"There is no scope {unknown[0]!r}. There are: {', '.join(Scope)}.", code=2)
    scopes = [Scope(each) for each in dict.fromkeys(scope)] if scope else list(USUAL)

    def make(transaction: "Transaction") -> tuple[int, str]:
        return make_key(transaction, name, school_called(transaction, school) if school else None, scopes)

    with database_or_exit() as database:
        key_id, secret = database.run(make)
    if as_json:
        typer.echo(json.dumps({"id": key_id, "name": name, "key": secret, "scopes": [each.value for each in scopes]}))
        return
    typer.echo(secret)
    typer.echo(f"Key {key_id}. It is shown this once; apbot key revoke {key_id} ends it.", err=True)


def list_keys(as_json: AsJson = False) -> None:
    """Say which keys there are, what they may read, and when each was last used."""
    from apbot.store.apikeys import load_keys

    with database_or_exit() as database:
        found = database.run(load_keys)
    if as_json:
        typer.echo(json.dumps([_as_json(each) for each in found]))
        return
    for each in found:
        state = f"ended {_when(each.ended_at)}" if each.ended_at else f"last used {_when(each.used_at)}"
        typer.echo(f"{each.id}  {each.name}  {each.school or 'all schools'}  {', '.join(sorted(each.scopes))}  {state}")
    if not found:
        typer.echo("There is no key yet. apbot key add makes one.", err=True)


def revoke(key: Annotated[int, typer.Argument(help="The key's number, as apbot key list shows it.")]) -> None:
    """End a key at once."""
    from apbot.store.apikeys import end_key

    with database_or_exit() as database:
        found = database.run(end_key, key)
    if found is None:
        fail(f"There is no key {key} in use. apbot key list shows what there is.")
    typer.echo(f"Key {key} ({found.name}) has ended.")


def _as_json(key: "Key") -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "school": key.school or None,
        "scopes": sorted(key.scopes),
        "made_at": key.made_at.isoformat(),
        "ended_at": key.ended_at and key.ended_at.isoformat(),
        "used_at": key.used_at and key.used_at.isoformat(),
    }


def _when(at: datetime | None) -> str:
    from apbot.domain.walltime import local_date, spoken_date, wall

    return f"{spoken_date(local_date(at))} {wall(at)}" if at else "never"
