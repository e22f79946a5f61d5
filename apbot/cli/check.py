"""`apbot check`: whether everybody who must be reached would be, and what to mend."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apbot.cli.options import AsJson
from apbot.cli.trouble import database_or_exit, fail, settings_or_exit

if TYPE_CHECKING:
    from apbot.channels.platform import Platform, Trouble
    from apbot.channels.trial import Trial
    from apbot.settings import Settings
    from apbot.store.database import Database, Transaction
    from apbot.store.everybody import Place
    from apbot.store.processes import Part


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    days: Annotated[int, typer.Option("--days", min=0, max=60, help="How many days after today to look ahead.")] = 7,
    send_test: Annotated[
        str, typer.Option("--send-test", metavar="REF", help="Send this person or provider a test message; or: all")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say what would be missed, whom each channel would reach, and what to mend.

    Ends with 1 when something would be missed, a channel does not work, no process does a part of the work, or a test
    message that was asked for did not go out, else with 0.
    """
    import asyncio

    from apbot.cli.nameskey import look_at_key
    from apbot.cli.processes import process_lines
    from apbot.domain.access import TERMINAL
    from apbot.messages.check import report_card
    from apbot.messages.plain import as_text
    from apbot.readiness import check as check_readiness
    from apbot.store.everybody import load_places
    from apbot.store.processes import load_processes, parts_that_nobody_does
    from apbot.store.reads import note_words

    settings = settings_or_exit()
    with database_or_exit(settings) as database:
        platforms = _platforms_or_exit(settings, database)
        idle = database.run(parts_that_nobody_does)
        running = database.run(load_processes)
        database.run(_expect_channels, [each.name for each in platforms], idle)
        report = database.look(
            check_readiness,
            days=days,
            reason_school_days=settings.reason_school_days,
            expects_backups=settings.expects_backups,
        )
        database.run(note_words, TERMINAL, "check read", "check", report.words)
        only = "" if send_test in ("", "all") else send_test
        places = database.run(load_places, only)
        if send_test and not places:
            fail(f"Nobody with the reference {send_test} is on the roster today. Look in `apbot roster`.")
        keys = look_at_key(settings, database)
        trial, sent = asyncio.run(_try(platforms, places, database.clock.now() if send_test else None))
    if as_json:
        told = report.to_json() | {
            "channels": _channels_json(trial),
            "people": _people_json(trial, places, sent),
            "processes": [each.to_json(database.clock.now()) for each in running],
            "nobody_does": idle,
        }
        told |= keys.to_json()
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        typer.echo(as_text(report_card(report)))
        processes = process_lines(running, idle, [each.name for each in platforms], database.clock.now())
        for line in (*processes, *_channel_lines(trial), *_people_lines(trial, places, sent), *keys.lines):
            typer.echo(line)
    if only and not sent:
        typer.echo(f"No test message was sent: {only} has no address on a channel that works.", err=True)
    wrong = (report.missed, idle, *trial.channels.values(), *sent.values(), only and not sent, keys.troubles)
    if any(wrong):
        raise typer.Exit(1)


def _platforms_or_exit(settings: "Settings", database: "Database") -> "list[Platform]":
    from apbot.channels.desk import Desk
    from apbot.channels.registry import load_channel_settings, make_channels
    from apbot.handlers.dispatch import handle
    from apbot.settings import WrongSettings

    try:
        desk = Desk(database, handle, links_by_email=settings.link_by_email)
        return make_channels(load_channel_settings(), settings, desk)
    except WrongSettings as problem:
        fail(str(problem), code=2)


def _expect_channels(transaction: "Transaction", names: Sequence[str], idle: "Sequence[Part]") -> None:
    """Where nothing delivers yet, look at it as if it were started with these settings."""
    from apbot.store.people import keep_channels
    from apbot.store.processes import Part

    if Part.DELIVERY in idle:
        keep_channels(transaction, names)


Sent = Mapping[tuple[str, str], "Trouble | None"]


async def _try(
    platforms: "Sequence[Platform]", places: "Sequence[Place]", test_at: datetime | None
) -> "tuple[Trial, Sent]":
    """Ask the platforms, and, with `test_at`, send test messages; their connections are let go in the end."""
    from apbot.channels.trial import send_test, try_out
    from apbot.store.everybody import channels_of

    try:
        asked = channels_of(places)
        trial = await try_out(platforms, asked)
        if test_at is None:
            return trial, {}
        working = {each.name: each for each in platforms if not trial.channels[each.name]}
        return trial, {
            (channel, address): await send_test(working[channel], address, test_at)
            for channel, address in asked
            if channel in working
        }
    finally:
        for each in platforms:
            await each.close()


def _channel_lines(trial: "Trial") -> list[str]:
    lines = ["", "Channels", "  web: always there"]
    for channel, troubles in trial.channels.items():
        lines += [f"  {channel}: {each.what}. {each.do}" for each in troubles] or [f"  {channel}: works"]
    return lines


def _people_lines(trial: "Trial", places: "Sequence[Place]", sent: Sent) -> list[str]:
    lines = ["", "Who is reached where, the first channel first"]
    for (name, ref), own in groupby(places, key=lambda each: (each.name, each.ref)):
        lines.append(f"  {name} ({ref})")
        lines += [f"    {place.channel or 'nowhere'}: {_state(trial, place, sent)}" for place in own]
    return lines


def _state(trial: "Trial", place: "Place", sent: Sent) -> str:
    if place.is_closed and place.channel != "web":
        from apbot.messages.channel_names import how_to_mend

        return f"{place.trouble}. {how_to_mend(place.channel, place.ref)}."
    if place.trouble and place.channel in ("", "web"):
        return f"{place.trouble}. Give them a link: `apbot link {place.ref}`."
    if place.trouble:
        has_yet_to_run = place.channel in trial.channels
        do = "Start `apbot run` with it" if has_yet_to_run else "Set it up, or leave it: it reaches nobody until then"
        return f"{place.trouble}. {do}."
    key = (place.channel, place.address)
    if key in sent:
        trouble = sent[key]
        return (
            "test message sent"
            if trouble is None
            else f"test message {trouble.what}. {trouble.do.replace('REF', place.ref)}"
        )
    if trial.channels.get(place.channel):
        return "not reached until the channel works"
    asked = trial.addresses.get(key)
    return "would be reached" if asked is None else f"{asked.what}. {asked.do}"


def _channels_json(trial: "Trial") -> dict[str, Any]:
    return {name: [{"what": each.what, "do": each.do} for each in found] for name, found in trial.channels.items()}


def _people_json(trial: "Trial", places: "Sequence[Place]", sent: Sent) -> list[dict[str, Any]]:
    return [
        {
            "ref": place.ref,
            "name": place.name,
            "channel": place.channel,
            "reached": _is_reached(trial, place, sent),
            "state": _state(trial, place, sent),
        }
        for place in places
    ]


def _is_reached(trial: "Trial", place: "Place", sent: Sent) -> bool:
    key = (place.channel, place.address)
    troubles = (place.trouble, trial.channels.get(place.channel), trial.addresses.get(key), sent.get(key))
    return not any(troubles)
