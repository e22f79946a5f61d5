"""One schedule's turn at a tick: batch after batch, until nothing of it is due.

Rows are decided upon many at a time. Where that fails it is done again with each half alone, and so on, until only the
row stays that it fails with: that nobody is looking for one pupil must not depend on what is wrong with another's row.
Such a row stays due, so that it is said to be overdue. It is tried again at each tick, after all others and alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.store.again import is_undone
from apbot.store.database import Database, Transaction
from apbot.store.prepared import Prepared
from apbot.store.savepoints import TransactionLost
from apbot.store.tables import Instant

log = structlog.get_logger()

MOST_SET_ASIDE = 50
"""At one turn so many rows at most are found to fail, and the rest is left to the next tick: what is wrong with all of
them must not keep the other schedules from theirs."""

MOST_AGAIN = 10
"""... and so many of those that have failed before are tried again."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """One thing that happens by the clock."""

    due: sa.Column[datetime]
    """Says when a row is due; null when nothing is to be done about it."""
    decide: Callable[[Transaction, Sequence[Any]], None]
    """Decides upon some rows, of which there is at least one: sets when each is due next, and owes what follows."""
    columns: Sequence[sa.Column[Any]]
    """What `decide` is given of each row: the id among them."""
    most: int
    """So many rows are decided upon in one transaction."""
    first: int | None = None
    """In a turn's first batch so many, and in each after it twice as many, up to `most`: so the first of what falls
    due at once goes out at once, and all of it soon."""
    order: Sequence[sa.Column[Any]] = ()
    """Which are taken first; unless it says so, those that have been due for longest."""
    together: sa.Column[Any] | None = None
    """What is due and has the same of this is taken together, however much it is."""
    can_wait: bool = False
    """Whether it may take seconds, and nobody is looked for because of it: it waits while an alert or a prompt is
    owed, so that it does not keep them from going out."""
    as_one: bool = False
    """Its rows are not decided upon one by one, whatever fails."""
    aside: dict[int, None] = field(default_factory=dict)
    """The rows that failed when they were last tried in this process, the longest ago first."""


class Turn:
    """One schedule's, at one tick."""

    def __init__(self, database: Database, schedule: Schedule) -> None:
        """Nothing is done yet."""
        self.problems: list[Exception] = []
        """What came of each row that could not be decided upon."""
        self._database = database
        self._schedule = schedule
        self._most = schedule.first or schedule.most
        self._failed_before = list(schedule.aside)[:MOST_AGAIN]

    async def batch(self) -> bool:
        """Decide upon the next that are due. Whether more may be. Raises what has nothing to do with any one row."""
        most = self._most
        self._most = min(2 * most, self._schedule.most)
        try:
            return await self._database.write_long(decide_next, self._schedule, most)
        except Exception as problem:
            if self._schedule.as_one or is_of_the_database(problem):
                raise
        await self._try(await self._database.read(_next_ids, self._schedule, most))
        return not self._is_over

    async def again(self) -> None:
        """Try once more, each alone, what could not be decided upon at an earlier tick."""
        for row_id in self._failed_before:
            del self._schedule.aside[row_id]
            await self._try([row_id])

    @property
    def _is_over(self) -> bool:
        return len(self.problems) >= MOST_SET_ASIDE

    async def _try(self, ids: Sequence[int]) -> None:
        """Decide upon those of these that are still due, or upon each half alone; set aside what fails alone."""
        try:
            await self._database.write_long(_decide_these, self._schedule, ids)
        except Exception as problem:
            if is_of_the_database(problem):
                raise
            if len(ids) == 1:
                self._set_aside(ids[0], problem)
                return
            for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
                if not self._is_over:
                    await self._try(half)

    def _set_aside(self, row_id: int, problem: Exception) -> None:
        table = self._schedule.due.table.name
        log.error("one could not be decided upon; trying again", about=f"{table}:{row_id}", exc_info=problem)
        self._schedule.aside[row_id] = None
        self.problems.append(problem)


def is_of_the_database(problem: Exception) -> bool:
    """Whether this is no trouble of any row's, or of what is done with it."""
    return isinstance(problem, TransactionLost | sa.exc.OperationalError) or is_undone(problem)


def decide_next(transaction: Transaction, schedule: Schedule, most: int) -> bool:
    """Decide upon the next rows, up to `most`, that are due and have not failed before. Whether more may be due."""
    rows = _next(transaction, schedule, schedule.columns, most)
    if rows:
        schedule.decide(transaction, rows)
    return len(rows) >= most


def _next_ids(transaction: Transaction, schedule: Schedule, most: int) -> list[int]:
    return [row.id for row in _next(transaction, schedule, (schedule.due.table.c.id,), most)]


def _next(transaction: Transaction, schedule: Schedule, columns: Sequence[sa.Column[Any]], most: int) -> list[Any]:
    query = _first(schedule.due, tuple(columns), tuple(schedule.order), schedule.together)
    rows = transaction.rows(query, now=transaction.now, most=most + len(schedule.aside))
    return [row for row in rows if row.id not in schedule.aside]


def _decide_these(transaction: Transaction, schedule: Schedule, ids: Sequence[int]) -> None:
    query = _among(schedule.due, tuple(schedule.columns), tuple(schedule.order))
    if rows := transaction.rows(query, now=transaction.now, ids=ids):
        schedule.decide(transaction, rows)


_NOW, _MOST = sa.bindparam("now", type_=Instant), sa.bindparam("most", type_=sa.Integer)


def _is_due(due: sa.Column[datetime]) -> sa.ColumnElement[bool]:
    return sa.and_(due.is_not(None), due <= _NOW)


@lru_cache
def _first(
    due: sa.Column[datetime],
    columns: tuple[sa.Column[Any], ...],
    order: tuple[sa.Column[Any], ...],
    together: sa.Column[Any] | None,
) -> Prepared:
    query = _held(due, columns, order)
    if together is None:
        return Prepared(query.limit(_MOST))
    longest = sa.select(together).where(_is_due(due)).order_by(due).limit(_MOST)
    return Prepared(query.where(together.in_(longest)))


@lru_cache
def _among(
    due: sa.Column[datetime], columns: tuple[sa.Column[Any], ...], order: tuple[sa.Column[Any], ...]
) -> Prepared:
    return Prepared(_held(due, columns, order).where(due.table.c.id.in_(sa.bindparam("ids", expanding=True))))


def _held(
    due: sa.Column[datetime], columns: tuple[sa.Column[Any], ...], order: tuple[sa.Column[Any], ...]
) -> sa.Select[Any]:
    """The rows that are due, held until the transaction is over; one that another process holds is done there."""
    query = sa.select(*columns).where(_is_due(due)).order_by(*(order or (due, due.table.c.id)))
    return query.with_for_update(skip_locked=True, of=due.table)
