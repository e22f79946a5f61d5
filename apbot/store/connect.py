"""The database that the settings name, for whoever needs no more of apbot than that: most commands."""

from apbot.clock import Clock, SystemClock
from apbot.settings import Settings
from apbot.store.database import Database
from apbot.store.migrate import upgrade
from apbot.store.namekeys.keyfile import WrongKey
from apbot.store.namekeys.starting import hold_to_keys, open_key_file


def open_database(
    settings: Settings, clock: Clock | None = None, *, inline: bool = False, begins_to_encrypt: bool = False
) -> Database:
    """The database that the settings name, brought up to the newest schema.

    Raises `WrongKey` where it can't be read with the keys that are there; see `hold_to_keys`.
    """
    names = open_key_file(settings.names_key_file)
    database = Database(settings.database_url, clock or SystemClock(), inline=inline, names=names)
    upgrade(database.engine)
    try:
        database.run(hold_to_keys, names, may_begin=begins_to_encrypt)
    except WrongKey:
        database.close()
        raise
    return database
