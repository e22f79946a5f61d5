"""`apbot run`: everything in one process, or a part of it in one of several."""

import socket
from typing import Annotated

import typer

from apbot.settings import Settings
from apbot.store.processes import EVERYTHING, Part


def run(
    only: Annotated[
        list[Part] | None,
        typer.Option("--only", help="Do this part alone, or several: --only schedules --only delivery. Default: all."),
    ] = None,
) -> None:
    """Serve the web chat, do everything that is due, and deliver, until stopped with Ctrl-C.

    With no settings at all it keeps everything in apbot.db here and listens on 127.0.0.1:8080. Any number may run on
    one database, with the same settings; one that does not serve the web answers /healthz alone.
    """
    import asyncio
    import sys

    from sqlalchemy.exc import DBAPIError

    from apbot.app import ChatApp
    from apbot.cli.trouble import channels_or_exit, fail, in_short, open_or_exit, settings_or_exit
    from apbot.logs import Aside, configure
    from apbot.running.supervised import tell
    from apbot.service import Service
    from apbot.settings import WrongSettings

    settings = settings_or_exit()
    configure(settings.log_level, settings.log_format, Aside(sys.stderr))
    parts = frozenset(only or EVERYTHING)
    used = channels_or_exit()
    try:
        _try_address(settings)
    except OSError as problem:
        fail(
            f"apbot can't listen on {settings.bind}:{settings.port} ({problem.strerror}). Does another apbot, or "
            "another program, run there already? End that, or give this one a port of its own: "
            f"APBOT_PORT={settings.port % 65535 + 1}.",
            code=2,
        )
    database = open_or_exit(settings)
    try:
        # Only who delivers or hears has anything to do with the platforms.
        app = ChatApp(settings, database, used if parts - {Part.SCHEDULES} else {}, parts)
    except WrongSettings as problem:  # what a channel needs is not installed
        fail(str(problem), code=2)
    except DBAPIError as trouble:
        fail(
            f"apbot can't write to its database: {in_short(trouble)}. It needs to write to the file and to the folder "
            "that it lies in; on PostgreSQL, to own its tables.",
            code=2,
        )

    def says_where(port: int) -> None:
        tell("READY=1")
        here = f"http://{settings.bind}:{port}"
        if Part.WEB in parts:
            typer.echo(f"apbot is at {settings.public_url or here} (stop with Ctrl-C)")
        else:
            typer.echo(f"apbot is at {here} for {' and '.join(sorted(parts))}: see /healthz (stop with Ctrl-C)")

    try:
        asyncio.run(Service(app, says_where).run())
    except KeyboardInterrupt:
        pass
    finally:
        database.close()


def _try_address(settings: Settings) -> None:
    """Raises OSError where nothing can listen there: said before anything is begun, and not in the midst of it."""
    family, kind, protocol, _, address = socket.getaddrinfo(settings.bind, settings.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)


def add_to(app: typer.Typer) -> None:
    """Add `run` to the program."""
    app.command()(run)
