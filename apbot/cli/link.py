"""`apbot link`: a one-time sign-in link for one person, or a code that links a chat."""

import json
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
import typer

from apbot.cli.trouble import database_or_exit, fail, settings_or_exit
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.roster.refs import key
from apbot.store.database import Transaction
from apbot.store.linking import CannotLink, LinkCode, make_code
from apbot.store.signin import CannotSignIn, OneTimeLink, make_link
from apbot.store.tables import people, providers
from apbot.web.urls import NoPublicUrl, signin_url


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("link")(link)


def link(
    ref: Annotated[str, typer.Argument(help="The person's reference on the roster; with --code also a provider's.")],
    code: Annotated[
        bool, typer.Option("--code", help="A code to type in Slack, Telegram or Teams, instead of a link.")
    ] = False,
    end_others: Annotated[
        bool, typer.Option("--end-others", help="End their sign-ins on every other device: a lost telephone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print a link with which one person can sign in to the web chat, once. Give it to nobody else.

    With --code print a code instead: the person types `/ap link CODE` in a direct chat with apbot, once. A
    provider's code is typed in the conversation that its staff share.
    """
    settings = settings_or_exit()
    valid_for = timedelta(hours=settings.signin_hours)
    try:
        if not code:
            signin_url(settings, "")  # before anything is written
        with database_or_exit(settings) as database:
            if code:
                _tell_code(database.run(_make_code, ref, valid_for), as_json=as_json)
                return
            made = database.run(_make, ref, valid_for, end_others)
    except (NoPublicUrl, CannotSignIn, CannotLink) as problem:
        fail(str(problem))
    url = signin_url(settings, made.secret)
    if as_json:
        told = {"person": ref, "name": made.name, "link": url, "expires_at": made.expires_at.isoformat()}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(url)
    typer.echo(f"For {made.name} alone: it signs in once, until {_until(made.expires_at)}.", err=True)


def _tell_code(made: LinkCode, *, as_json: bool) -> None:
    if as_json:
        told = {"name": made.name, "code": made.code, "expires_at": made.expires_at.isoformat()}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(f"/ap link {made.code}")
    typer.echo(f"For {made.name} alone: it links once, until {_until(made.expires_at)}.", err=True)


def _until(at: datetime) -> str:
    return f"{wall(at)} on {spoken_date(local_date(at))}"


def _make(transaction: Transaction, ref: str, valid_for: timedelta, end_others: bool) -> OneTimeLink:
    person_id = _find(transaction, people, ref)
    if person_id is None:
        raise CannotSignIn(f"There is nobody with the reference {ref} on the roster. Look in `apbot roster`.")
    return make_link(transaction, person_id, valid_for, end_others=end_others)


def _make_code(transaction: Transaction, ref: str, valid_for: timedelta) -> LinkCode:
    person_id = _find(transaction, people, ref)
    if person_id is not None:
        return make_code(transaction, valid_for, person_id=person_id)
    provider_id = _find(transaction, providers, ref)
    if provider_id is not None:
        return make_code(transaction, valid_for, provider_id=provider_id)
    raise CannotLink(f"No person and no provider has the reference {ref} on the roster. Look in `apbot roster`.")


def _find(transaction: Transaction, table: sa.Table, ref: str) -> int | None:
    known = transaction.rows(sa.select(table.c.id, table.c.ref))
    return next((row.id for row in known if key(row.ref) == key(ref)), None)
