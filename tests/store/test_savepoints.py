"""Parts of a transaction: what one fails with undoes it alone, however they stand in and after each other."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.logs import Noted
from apbot.store.audit import SCHEDULE, note
from apbot.store.database import Database, Transaction
from apbot.store.savepoints import TransactionLost
from apbot.store.tables import schools
from tests.blank import blank

NOW = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)


class Broken(Exception):
    """What a part fails with here."""


@pytest.fixture
def database() -> Iterator[Database]:
    """A database with nothing in it."""
    made = blank(VirtualClock(NOW))
    yield made
    made.close()


def refs(transaction: Transaction) -> set[str]:
    """What stands in the table."""
    return {row.ref for row in transaction.rows(sa.select(schools.c.ref))}


class Play:
    """Parts by chance, and what should be there after them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._count = 0

    def part(self, transaction: Transaction, depth: int) -> set[str]:
        """What has been added in here and stays if the part around it does."""
        kept = set()
        for _ in range(self._random.randint(1, 3)):
            self._count += 1
            ref = f"S{self._count}"
            transaction.insert(schools, ref=ref, name="A school")
            kept.add(ref)
            if depth < 3 and self._random.random() < 0.7:
                kept |= self._within(transaction, depth)
        return kept

    def _within(self, transaction: Transaction, depth: int) -> set[str]:
        fails = self._random.random() < 0.4
        try:
            with transaction.savepoint():
                kept = self.part(transaction, depth + 1)
                if fails:
                    raise Broken
            return kept
        except Broken:
            return set()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_in_a_part_that_fails_is_undone_and_nothing_else(database: Database, seed: int) -> None:
    kept = database.run(Play(seed).part, 0)
    assert database.run(refs) == kept


def test_what_was_undone_is_not_told_to_the_journal(database: Database) -> None:
    told: list[Noted] = []
    database.journal = told.extend

    def fail(transaction: Transaction) -> None:
        with transaction.savepoint():
            note(transaction, SCHEDULE, "undone", "school:1")
            raise Broken

    def work(transaction: Transaction) -> None:
        with pytest.raises(Broken):
            fail(transaction)
        note(transaction, SCHEDULE, "done", "school:1")

    database.run(work)
    assert [each.what for each in told] == ["done"]


@pytest.mark.postgresql
def test_nobody_is_told_that_it_is_kept_where_an_error_was_passed_over(database: Database) -> None:
    def work(transaction: Transaction) -> None:
        transaction.insert(schools, ref="A", name="A school")
        with pytest.raises(sa.exc.IntegrityError):
            transaction.insert(schools, ref="A", name="The same")

    with pytest.raises(TransactionLost):
        database.run(work)
    assert database.run(refs) == set()
