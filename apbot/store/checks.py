"""What a check has found, and whom it is told to: a school's admins, or, where none is reached, the next in line."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.people import load_teams
from apbot.store.prepared import Prepared
from apbot.store.tables import checks, schools


def load_reports(transaction: Transaction, ids: Iterable[int]) -> dict[int, Any]:
    """What these checks found, as it was kept, by id."""
    rows = transaction.rows(sa.select(checks.c.id, checks.c.report).where(checks.c.id.in_(list(ids))))
    return {row.id: row.report for row in rows if row.report is not None}


_SCHOOLS = Prepared(sa.select(schools.c.id))


def schools_told(transaction: Transaction) -> dict[int, frozenset[int]]:
    """The schools of which each person is told, by person."""
    school_ids = [row.id for row in transaction.rows(_SCHOOLS)]
    teams = load_teams(transaction, school_ids, local_date(transaction.now))
    told: dict[int, set[int]] = defaultdict(set)
    for school_id, team in teams.items():
        for person in team.choose([Role.ADMIN]).person_ids:
            told[person].add(school_id)
    return {person: frozenset(ids) for person, ids in told.items()}
