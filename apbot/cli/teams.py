"""`apbot teams`: the app package for Microsoft Teams."""

from pathlib import Path
from typing import Annotated

import typer

from apbot.cli.trouble import fail, settings_or_exit


def add_to(app: typer.Typer) -> None:
    """Add `teams` and its commands to the program."""
    teams = typer.Typer(help="The app package for Microsoft Teams.", no_args_is_help=True)
    teams.callback()(_teams)
    teams.command("package")(package)
    app.add_typer(teams, name="teams")


def _teams() -> None:
    """The app package for Microsoft Teams."""


def package(
    file: Annotated[Path, typer.Argument(help="The file to write, such as apbot-teams.zip.")],
    website: Annotated[
        str, typer.Option("--website", help="The web address that the app shows; if not given, APBOT_PUBLIC_URL.")
    ] = "",
) -> None:
    """Write the app package that is uploaded to Teams, for the bot that the settings name."""
    from apbot.channels.teams.package import CannotPackage, write_package
    from apbot.channels.teams.settings import Settings
    from apbot.settings import WrongSettings, load

    general = settings_or_exit()
    try:
        own = load(Settings)
        write_package(file, own.client_id, website or general.public_url)
    except WrongSettings as problem:
        fail(str(problem), code=2)
    except CannotPackage as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{file} can't be written: {problem.strerror}.")
    typer.echo(f"Written: {file}. Upload it in the Teams admin centre, under Manage apps.")
