"""Expected trouble at the terminal: a sentence on standard error and an exit code, never a stack trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

from apbot.settings import ChannelSettings, Settings, WrongSettings, load_settings

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

    from apbot.store.database import Database


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


def channels_or_exit() -> dict[str, ChannelSettings]:
    """The settings of each outside platform that is used; where one can't be used, says which and ends."""
    from apbot.channels.registry import load_channel_settings

    try:
        return load_channel_settings()
    except WrongSettings as problem:
        fail(str(problem), code=2)


def open_or_exit(settings: Settings, *, begins_to_encrypt: bool = False) -> "Database":
    """The database that the settings name, at the newest schema; where it can't be opened, says why and ends."""
    from sqlalchemy.exc import DBAPIError

    from apbot.store.connect import open_database
    from apbot.store.engines import DriverMissing
    from apbot.store.migrate import NewerSchema
    from apbot.store.namekeys.keyfile import WrongKey

    try:
        return open_database(settings, begins_to_encrypt=begins_to_encrypt)
    except (DriverMissing, WrongKey) as trouble:
        fail(str(trouble), code=2)
    except DBAPIError as trouble:
        fail(
            f"The database can't be opened: {in_short(trouble)}. Check APBOT_DATABASE_URL, and "
            "for a file that apbot may write to it and to the folder that it lies in."
        )
    except NewerSchema as trouble:
        fail(f"The database can't be used: {trouble}. Update apbot.")


def in_short(trouble: "DBAPIError") -> str:
    """What the driver says, without what it adds below: there stands the whole row, with whoever it is about."""
    lines = str(trouble.orig).strip().splitlines() or [type(trouble.orig).__name__]
    return lines[0].strip()[:200]


@contextmanager
def database_or_exit(settings: Settings | None = None, *, begins_to_encrypt: bool = False) -> "Iterator[Database]":
    """As `open_or_exit`; the database's own trouble, such as being locked, is said and ends the program."""
    from sqlalchemy.exc import DBAPIError

    database = open_or_exit(settings or settings_or_exit(), begins_to_encrypt=begins_to_encrypt)
    try:
        yield database
    except DBAPIError as trouble:
        fail(f"The database refused, and nothing was changed: {in_short(trouble)}. Try again in a minute.")
    finally:
        database.close()
