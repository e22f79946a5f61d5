"""One schedule alone, for tests that are about nothing else."""

import sqlalchemy as sa

from apbot.schedules.tick import schedules
from apbot.schedules.turns import decide_next
from apbot.settings import Settings
from apbot.store.database import Database


def decide(database: Database, column: sa.Column[object]) -> bool:
    """Decide upon the next rows that are due by this column. Whether more may be."""
    (schedule,) = (each for each in schedules(Settings()) if each.due is column)
    return database.run(decide_next, schedule, schedule.most)
