"""`apbot demo`: a morning with invented people, to watch and to take part in."""

from enum import StrEnum
from typing import Annotated

import typer


class Which(StrEnum):
    """The mornings that can be watched."""

    BAD = "bad"
    ORDINARY = "ordinary"


def demo(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port on 127.0.0.1. Otherwise 8799, or a free one.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")] = True,
    morning: Annotated[Which, typer.Option(help="Which morning to begin with.")] = Which.BAD,
) -> None:
    """Watch a morning go wrong and be put right: three schools, six providers, forty pupils, all of them invented.

    It listens on this machine only, and keeps everything in memory: your settings and your database are not
    touched, and after Ctrl-C nothing is left behind.
    """
    import asyncio
    import contextlib

    from apbot.cli.trouble import fail
    from apbot.demo.mornings import MORNINGS
    from apbot.demo.server import DemoServer, listen
    from apbot.logs import configure

    configure("WARNING")
    try:
        listening = listen(port)
    except OSError as trouble:
        fail(f"Port {port} can't be used: {trouble.strerror}. Name another, or none.")

    def up(url: str) -> None:
        typer.echo(f"The demo is at {url} (stop with Ctrl-C)")
        if browser and _has_display():
            _open(url)

    with listening, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(DemoServer(MORNINGS[morning], listening, up).perform())
    typer.echo("Stopped. Nothing was kept.")


def _has_display() -> bool:
    """Whether there is a screen to open a browser on; elsewhere one in text mode would take the terminal over."""
    import os
    import sys

    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(url: str) -> None:
    """Open the browser beside the server, which must answer it."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def add_to(app: typer.Typer) -> None:
    """Add `demo` to the program."""
    app.command()(demo)
