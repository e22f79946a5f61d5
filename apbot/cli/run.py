"""`apbot run`: everything, in one process."""

import socket
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from apbot.settings import Settings


def run() -> None:
    """Serve the web chat, do everything that is due, and deliver, until stopped with Ctrl-C.

    With no settings at all it keeps everything in apbot.db here and listens on 127.0.0.1:8080.
    """
    import asyncio

    from apbot.app import open_app
    from apbot.cli.trouble import channels_or_exit, fail, settings_or_exit
    from apbot.logs import configure
    from apbot.service import Service
    from apbot.settings import WrongSettings

    settings = settings_or_exit()
    configure(settings.log_level, settings.log_format)
    used = channels_or_exit()
    try:
        app = open_app(settings, used=used)
    except WrongSettings as problem:  # what a channel needs is not installed
        fail(str(problem), code=2)
    try:
        _try_address(settings)
    except OSError as problem:
        app.database.close()
        fail(
            f"apbot can't listen on {settings.bind}:{settings.port} ({problem.strerror}). Does another apbot, or "
            "another program, run there already? End that, or set APBOT_PORT or APBOT_BIND.",
            code=2,
        )

    def says_where(port: int) -> None:
        typer.echo(f"apbot is at {settings.public_url or f'http://{settings.bind}:{port}'} (stop with Ctrl-C)")

    try:
        asyncio.run(Service(app, says_where).run())
    except KeyboardInterrupt:
        pass
    finally:
        app.database.close()


def _try_address(settings: "Settings") -> None:
    """Raises OSError where nothing can listen there: said before anything is begun, and not in the midst of it."""
    family, kind, protocol, _, address = socket.getaddrinfo(settings.bind, settings.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)


def add_to(app: typer.Typer) -> None:
    """Add `run` to the program."""
    app.command()(run)
