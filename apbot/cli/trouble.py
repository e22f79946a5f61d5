"""Expected trouble at the terminal: a sentence on standard error and an exit code, never a stack trace."""

from typing import NoReturn

import typer

from apbot.settings import Settings, WrongSettings, load_settings


def fail(*lines: str, code: int = 1) -> NoReturn:
    """Say what is wrong and what to do, and end with `code`."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)


def settings_or_exit() -> Settings:
    """The settings in force; where one can't be used, says which and ends."""
    try:
        return load_settings()
    except WrongSettings as problem:
        fail(str(problem), code=2)
