"""`apbot link`: a one-time sign-in link for one person, a code that links a chat, the webhook, or an address again."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from apbot.cli.options import AsJson
from apbot.cli.trouble import channels_or_exit, database_or_exit, fail, settings_or_exit
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.messages.channel_names import called
from apbot.roster.refs import key
from apbot.settings import Settings
from apbot.store.database import Transaction
from apbot.store.linkcodes import CannotLink, LinkCode, make_code
from apbot.store.linking import Owner, channels_of, use_again_all
from apbot.store.linking import link as link_address
from apbot.store.signin import CannotSignIn, OneTimeLink, make_link
from apbot.store.tables import people, providers
from apbot.web.urls import NoPublicUrl, signin_url

NOBODY = "No person and no provider has the reference {ref} on the roster. Look in `apbot roster`."


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("link")(link)


def link(
    ref: Annotated[str, typer.Argument(help="The person's reference on the roster; with --code also a provider's.")],
    code: Annotated[
        bool, typer.Option("--code", help="A code to type in Slack, Telegram or Teams, instead of a link.")
    ] = False,
    webhook: Annotated[
        bool, typer.Option("--webhook", help="From now on this person is told by the webhook first.")
    ] = False,
    again: Annotated[
        str,
        typer.Option("--again", metavar="CHANNEL", help="Use their email, sms, ... again, which had been refused."),
    ] = "",
    end_others: Annotated[
        bool, typer.Option("--end-others", help="End their sign-ins on every other device: a lost telephone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print a link with which one person can sign in to the web chat, once. Give it to nobody else.

    With --code print a code instead: the person types `/ap link CODE` in a direct chat with apbot, once. A
    provider's code is typed in the conversation that its staff share.

    With --webhook nothing is printed to pass on: what the person is to be told is posted to APBOT_WEBHOOK_URL.

    With --again email (or sms, slack, ...) an address that was refused once is used again, as it stands.
    """
    settings = settings_or_exit()
    if again and (code or webhook or end_others):
        fail("--again goes with no other option but --json.", code=2)
    if again:
        _link_again(settings, ref, again.lower(), as_json=as_json)
        return
    if webhook and (code or end_others):
        fail("--webhook goes with neither --code nor --end-others.", code=2)
    if webhook:
        _link_webhook(settings, ref, as_json=as_json)
        return
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


def _link_again(settings: Settings, ref: str, channel: str, *, as_json: bool) -> None:
    try:
        with database_or_exit(settings) as database:
            count = database.run(_use_again, ref, channel)
    except CannotLink as problem:
        fail(str(problem))
    if as_json:
        typer.echo(json.dumps({"ref": ref, "channel": channel, "used_again": count}, ensure_ascii=False))
        return
    typer.echo(
        f"{ref} is told by {called(channel)} again. Try it: apbot check --send-test {ref}"
        if count
        else f"Nothing of {ref}'s by {called(channel)} had been refused: nothing was changed."
    )


def _use_again(transaction: Transaction, ref: str, channel: str) -> int:
    owner = Owner(_find(transaction, people, ref), None)
    if owner.person_id is None:
        owner = Owner(None, _find(transaction, providers, ref))
    if owner.person_id is None and owner.provider_id is None:
        raise CannotLink(NOBODY.format(ref=ref))
    reached = channels_of(transaction, owner)
    if channel not in reached:
        there = ", ".join(reached) or "nothing"
        raise CannotLink(f"{ref} has no address by {channel}. What there is: {there}.")
    return use_again_all(transaction, owner, channel)


def _link_webhook(settings: Settings, ref: str, *, as_json: bool) -> None:
    if "webhook" not in channels_or_exit():
        fail("There is no webhook. Set APBOT_WEBHOOK_URL and APBOT_WEBHOOK_SECRET first.")
    try:
        with database_or_exit(settings) as database:
            person = database.run(_told_by_webhook, ref)
    except CannotLink as problem:
        fail(str(problem))
    if as_json:
        typer.echo(json.dumps({"person": person.ref, "name": person.name, "channel": "webhook"}, ensure_ascii=False))
        return
    typer.echo(f"{person.name} is told by the webhook first from now on, as {person.ref}.")


def _told_by_webhook(transaction: Transaction, ref: str) -> sa.Row[Any]:
    """Link a person to the webhook; the address is their reference as it stands on the roster."""
    person_id = _find(transaction, people, ref)
    person: sa.Row[Any] | None = transaction.row(sa.select(people).where(people.c.id == person_id))
    if person is None:
        raise CannotLink(f"There is nobody with the reference {ref} on the roster. Look in `apbot roster`.")
    if person.leaves_on is not None and person.leaves_on < local_date(transaction.now):
        raise CannotLink(f"{person.name} left on {spoken_date(person.leaves_on)}. Correct the roster if that is wrong.")
    link_address(transaction, Owner(person.id, None), "webhook", person.ref)
    return person


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
    raise CannotLink(NOBODY.format(ref=ref))


def _find(transaction: Transaction, table: sa.Table, ref: str) -> int | None:
    known = transaction.rows(sa.select(table.c.id, table.c.ref))
    return next((row.id for row in known if key(row.ref) == key(ref)), None)
