"""What people are asked again and again, until somebody says that they see to it: a concern, a day that was missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.store.database import Transaction
from apbot.store.due import MOST, due_now
from apbot.store.prepared import Prepared


@dataclass(frozen=True)
class UntilTaken:
    """The rows of one table, with `id`, `step`, `next_at`, `acknowledged_by_id` and `acknowledged_at`.

    `step` counts the times that people were asked; `every` is how long it may stay without an answer.
    """

    table: sa.Table
    every: timedelta

    def due(self, transaction: Transaction, limit: int) -> Sequence[sa.Row[Any]]:
        """The ids of those to ask again about now, the longest due first, with the instant at which each was due."""
        return transaction.rows(_due(self.table), now=transaction.now, most=limit)

    def take_further(self, transaction: Transaction, ids: Sequence[int]) -> None:
        """Take each of these, that nobody has taken on, one step further."""
        transaction.execute(
            sa.update(self.table)
            .where(self.table.c.id.in_(ids), self.table.c.acknowledged_at.is_(None))
            .values(step=self.table.c.step + 1, next_at=transaction.now + self.every)
        )

    def take_on(self, transaction: Transaction, actor: Actor, row_id: int) -> bool:
        """Write down that `actor` sees to it. False where somebody does already."""
        taken = transaction.execute(
            sa.update(self.table)
            .where(self.table.c.id == row_id, self.table.c.acknowledged_at.is_(None))
            .values(acknowledged_by_id=actor.person_id, acknowledged_at=transaction.now, next_at=None)
        )
        return bool(taken.rowcount)


@lru_cache
def _due(table: sa.Table) -> Prepared:
    return due_now(sa.select(table.c.id, table.c.next_at).order_by(table.c.next_at).limit(MOST), table)
