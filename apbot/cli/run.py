"""`apbot run`: everything, in one process."""

import typer


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
    configure(settings.log_level)
    used = channels_or_exit()
    try:
        app = open_app(settings, used=used)
    except WrongSettings as problem:  # a channel's library is not installed
        fail(str(problem), code=2)
    typer.echo(f"apbot is at {settings.public_url or f'http://{settings.bind}:{settings.port}'} (stop with Ctrl-C)")
    try:
        asyncio.run(Service(app).run())
    except KeyboardInterrupt:
        pass
    finally:
        app.database.close()


def add_to(app: typer.Typer) -> None:
    """Add `run` to the program."""
    app.command()(run)
