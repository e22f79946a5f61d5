"""`apbot link`: a one-time sign-in link for one person."""

import json
from datetime import timedelta
from typing import Annotated

import sqlalchemy as sa
import typer

from apbot.cli.trouble import database_or_exit, fail, settings_or_exit
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.roster.refs import key
from apbot.store.database import Transaction
from apbot.store.signin import CannotSignIn, OneTimeLink, make_link
from apbot.store.tables import people
from apbot.web.urls import NoPublicUrl, signin_url


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("link")(link)


def link(
    person_ref: Annotated[str, typer.Argument(help="The person's reference on the roster.")],
    end_others: Annotated[
        bool, typer.Option("--end-others", help="End their sign-ins on every other device: a lost telephone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print a link with which one person can sign in to the web chat, once. Give it to nobody else."""
    settings = settings_or_exit()
    valid_for = timedelta(hours=settings.signin_hours)
    try:
        signin_url(settings, "")  # before anything is written
        with database_or_exit(settings) as database:
            made = database.run(_make, person_ref, valid_for, end_others)
    except (NoPublicUrl, CannotSignIn) as problem:
        fail(str(problem))
    url = signin_url(settings, made.secret)
    if as_json:
        told = {"person": person_ref, "name": made.name, "link": url, "expires_at": made.expires_at.isoformat()}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    until = f"{wall(made.expires_at)} on {spoken_date(local_date(made.expires_at))}"
    typer.echo(url)
    typer.echo(f"For {made.name} alone: it signs in once, until {until}.", err=True)


def _make(transaction: Transaction, person_ref: str, valid_for: timedelta, end_others: bool) -> OneTimeLink:
    known = transaction.rows(sa.select(people.c.id, people.c.ref))
    person_id = next((row.id for row in known if key(row.ref) == key(person_ref)), None)
    if person_id is None:
        raise CannotSignIn(f"There is nobody with the reference {person_ref} on the roster. Look in `apbot roster`.")
    return make_link(transaction, person_id, valid_for, end_others=end_others)
