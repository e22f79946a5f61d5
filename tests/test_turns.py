"""A schedule's turn: many rows at once, and each alone only where that fails."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.logs import configure
from apbot.schedules.tick import tick
from apbot.schedules.turns import MOST_AGAIN, MOST_SET_ASIDE, Schedule
from apbot.store.database import Transaction
from apbot.store.savepoints import TransactionLost
from apbot.store.tables import openings
from tests.blank import blank

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def as_in_production() -> None:
    """Logged as there: without the text of what came of it."""
    configure("INFO", "json", StringIO())


class Rows:
    """So many rows that are due, of which some can't be decided upon."""

    def __init__(self, count: int, bad: Collection[int], problem: type[Exception] = ValueError) -> None:
        self.database = blank(VirtualClock(NOW))
        self.bad, self.problem = set(bad), problem
        self.tried: list[list[int]] = []
        rows = [{"day": NOW.date() + timedelta(days=at), "next_at": NOW} for at in range(count)]
        self.database.run(lambda transaction: transaction.insert_each(openings, rows))
        self.schedule = Schedule(openings.c.next_at, self.decide, (openings.c.id,), 10)

    def decide(self, transaction: Transaction, rows: Sequence[Any]) -> None:
        ids = [row.id for row in rows]
        self.tried.append(ids)
        transaction.execute(sa.update(openings).where(openings.c.id.in_(ids)).values(next_at=None))
        if self.bad.intersection(ids):
            raise self.problem("what is wrong with it")

    async def tick(self) -> list[list[int]]:
        """One tick, which fails; what was tried in it."""
        self.tried.clear()
        with pytest.raises(self.problem):
            await tick(self.database, [self.schedule])
        return self.tried

    @property
    def due(self) -> list[int]:
        query = sa.select(openings.c.id).where(openings.c.next_at.is_not(None)).order_by(openings.c.id)
        return [row.id for row in self.database.run(lambda transaction: transaction.rows(query))]


@pytest.fixture
def made() -> Iterator[list[Rows]]:
    """Closed afterwards."""
    every: list[Rows] = []
    yield every
    for each in every:
        each.database.close()


async def test_of_a_batch_that_fails_only_the_bad_rows_stay(made: list[Rows]) -> None:
    made.append(rows := Rows(25, bad=[3, 17]))
    tried = await rows.tick()
    assert rows.due == [3, 17]
    assert len(tried) < 25, "the others were not decided upon one by one"


async def test_the_first_few_are_decided_upon_alone_and_then_more_and_more_at_once(made: list[Rows]) -> None:
    made.append(rows := Rows(25, bad=[]))
    rows.schedule = replace(rows.schedule, first=2)
    await tick(rows.database, [rows.schedule])
    assert [len(each) for each in rows.tried] == [2, 4, 8, 10, 1]


async def test_a_bad_row_is_tried_again_once_a_tick_after_the_others_and_alone(made: list[Rows]) -> None:
    made.append(rows := Rows(5, bad=[1]))
    await rows.tick()
    rows.database.run(lambda transaction: transaction.insert(openings, day=NOW.date() - timedelta(days=1), next_at=NOW))
    assert await rows.tick() == [[6], [1]]
    assert await rows.tick() == [[1]]
    rows.bad.clear()
    await tick(rows.database, [rows.schedule])
    assert rows.due == []


async def test_where_all_are_bad_a_turn_has_an_end_and_the_next_goes_on_behind_them(made: list[Rows]) -> None:
    count = MOST_SET_ASIDE + 20
    made.append(rows := Rows(count, bad=range(1, count)))
    await rows.tick()
    assert rows.due[-1] == count, "the last is good, and has not had its turn"
    tried = await rows.tick()
    assert rows.due == list(range(1, count))
    assert len(tried) < 2 * 20 + 20 + MOST_AGAIN


async def test_bad_rows_take_turns_to_be_tried_again(made: list[Rows]) -> None:
    made.append(rows := Rows(2 * MOST_AGAIN, bad=range(1, 2 * MOST_AGAIN + 1)))
    await rows.tick()
    await rows.tick()
    tried = await rows.tick()
    assert sorted(each for (each,) in tried) == list(range(MOST_AGAIN + 1, 2 * MOST_AGAIN + 1))


@pytest.mark.parametrize("problem", [TransactionLost, "locked"])
async def test_what_is_wrong_with_the_database_is_put_down_to_no_row(made: list[Rows], problem: Any) -> None:
    class Locked(sa.exc.OperationalError):
        def __init__(self, *_: object) -> None:
            super().__init__("", None, Exception("database is locked"))

    made.append(rows := Rows(5, bad=[1], problem=Locked if problem == "locked" else problem))
    assert await rows.tick() == [[1, 2, 3, 4, 5]]
    assert not rows.schedule.aside


async def test_what_is_well_is_asked_for_once_a_batch(made: list[Rows]) -> None:
    made.append(rows := Rows(20, bad=[]))
    said: list[str] = []
    rows.database.measures.ran = lambda *_: said.append("batch")  # type: ignore[method-assign]
    await tick(rows.database, [rows.schedule])
    assert [len(each) for each in rows.tried] == [10, 10]
    assert len(said) == 3
