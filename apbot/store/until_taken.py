"""What people are asked again and again, until somebody says that they see to it: a concern, a day that was missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.store.database import Transaction


@dataclass(frozen=True)
class UntilTaken:
    """The rows of one table, with `id`, `step`, `next_at`, `acknowledged_by_id` and `acknowledged_at`.

    `step` counts the times that people were asked; `every` is how long it may stay without an answer.
    """

    table: sa.Table
    every: timedelta

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
