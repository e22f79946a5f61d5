"""A visit that was written down, and then amended."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.registry import KINDS
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.duties.records import load_record
from apbot.store.duties.writing import amend, record
from apbot.store.people import load_actor
from apbot.store.tables import duty_records

VISIT = KINDS["visit"]


def visited(transaction: Transaction, ids: Mapping[str, int], words: str) -> None:
    """Kit Lowry was at CD34's placement today, and writes down what the pupil said."""
    record(
        transaction,
        _actor(transaction, ids["Kit Lowry"]),
        VISIT,
        school_id=ids["Hillcrest"],
        happened_on=local_date(transaction.now),
        given=_given(words),
        placement_id=ids["CD34 placement"],
    )


def amended(transaction: Transaction, by: int, words: str) -> None:
    """Somebody says otherwise of the newest entry."""
    newest = transaction.value(sa.select(sa.func.max(duty_records.c.id)))
    before = load_record(transaction, newest)
    next_on = date(2026, 10, 14)
    amend(
        transaction,
        _actor(transaction, by),
        before,
        happened_on=before.happened_on,
        given=_given(words),
        next_on=next_on,
    )


def _actor(transaction: Transaction, person_id: int) -> Actor:
    actor = load_actor(transaction, person_id, "web")
    assert actor is not None
    return actor


def _given(words: str) -> dict[str, str]:
    return {each.name: (each.choices or (words,))[0] for each in VISIT.questions}
