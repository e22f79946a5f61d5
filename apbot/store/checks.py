"""Whom a check is told to: of each school its admins, or, where none can be reached, the next who can."""

from collections import defaultdict

import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.people import load_teams
from apbot.store.tables import schools


def schools_told(transaction: Transaction) -> dict[int, frozenset[int]]:
    """The schools of which each person is told, by person."""
    school_ids = [row.id for row in transaction.rows(sa.select(schools.c.id))]
    teams = load_teams(transaction, school_ids, local_date(transaction.now))
    told: dict[int, set[int]] = defaultdict(set)
    for school_id, team in teams.items():
        for person in team.choose([Role.ADMIN]).person_ids:
            told[person].add(school_id)
    return {person: frozenset(ids) for person, ids in told.items()}
