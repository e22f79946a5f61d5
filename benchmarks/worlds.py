"""Databases to measure on."""

from datetime import date, time

from apbot.clock import VirtualClock
from apbot.domain.walltime import instant
from apbot.roster import apply
from apbot.settings import Settings
from apbot.simulator.world import invent
from apbot.store.connect import open_database
from apbot.store.database import Database
from benchmarks.engines import Engine

DAY = date(2026, 9, 17)


def settings(engine: Engine, name: str) -> Settings:
    """Settings for a database of its own."""
    return Settings(_env_file=None, database_url=engine.url(name))


def with_roster(engine: Engine, name: str, placements: int, at: time) -> tuple[Database, VirtualClock]:
    """A database on disk with an invented roster, on a Thursday in term at `at` on the wall."""
    clock = VirtualClock(instant(DAY, at))
    database = open_database(settings(engine, name), clock)
    database.run(apply, invent(placements, DAY, DAY, seed=1))
    return database, clock
