"""Who has read the roster: a file of all of it, or what an import would change, is in the audit log with its pupils."""

import sqlalchemy as sa

from apbot.domain.access import TERMINAL, Actor
from apbot.roster.changes import Changes
from apbot.store.database import Transaction
from apbot.store.reads import note_list
from apbot.store.tables import placements, pupils


def note_export(transaction: Transaction, actor: Actor = TERMINAL) -> None:
    """The whole roster is about to be written to a file, with every name in it."""
    ids = [row.id for row in transaction.rows(sa.select(pupils.c.id))]
    note_list(transaction, actor, "roster exported", "roster", ids)


def note_comparison(transaction: Transaction, changes: Changes, actor: Actor = TERMINAL) -> None:
    """What would change is about to be shown: of these pupils, with what is stored. Nothing where it shows none."""
    of_pupils = {each.ref for each in changes.changed["pupils"]}
    of_placements = {each.ref for each in changes.changed["placements"]}
    ids = {row.id for row in transaction.rows(sa.select(pupils.c.id, pupils.c.ref)) if row.ref in of_pupils}
    ids.update(
        row.pupil_id
        for row in transaction.rows(sa.select(placements.c.pupil_id, placements.c.ref))
        if row.ref in of_placements
    )
    if ids:
        note_list(transaction, actor, "roster compared", "roster", ids)
