"""One kind of thing that is kept for a while: which of it has been, and how it goes."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from apbot.domain.retention import Limits
from apbot.store.database import Transaction
from apbot.store.parts import in_parts

BATCH = 100
"""So many rows go in one transaction, for which a tap may have to wait."""


@dataclass(frozen=True)
class Kind:
    """One line of the policy.

    `count` says how many would go now; `take` lets at most `BATCH` of them go, and says how many went. `most` is how
    many go in one night, where that costs somebody something.
    """

    name: str
    what: str
    keeps: str
    """For how long, in words; "{chat_days}" stands for the setting."""
    why: str
    count: Callable[[Transaction, Limits], int]
    take: Callable[[Transaction, Limits], int]
    most: int | None = None


Due = Callable[[Limits], sa.Select[tuple[int]]]
"""Selects the ids of what has been kept for long enough, the oldest first."""

Remove = Callable[[Transaction, list[int]], None]


def kind(
    name: str,
    what: str,
    keeps: str,
    why: str,
    *,
    due: Due,
    remove: Remove,
    most: int | None = None,
    counted: Due | None = None,
) -> Kind:
    """A kind whose rows are selected by `due` and go by `remove`. `counted` selects the same, at whatever cost."""

    def count(transaction: Transaction, limits: Limits) -> int:
        ids = (counted or due)(limits).order_by(None).subquery()
        return int(transaction.value(sa.select(sa.func.count()).select_from(ids)))

    def take(transaction: Transaction, limits: Limits) -> int:
        ids = [row[0] for row in transaction.rows(due(limits).limit(BATCH))]
        if ids:
            remove(transaction, ids)
        return len(ids)

    return Kind(name, what, keeps, why, count, take, most)


def rows_of(
    table: sa.Table, name: str, what: str, keeps: str, why: str, over: Callable[[Limits], sa.ColumnElement[bool]]
) -> Kind:
    """A kind whose rows go as they are, once this is so of them: nothing else goes by them."""
    return kind(
        name,
        what,
        keeps,
        why,
        due=lambda limits: sa.select(table.c.id).where(over(limits)).order_by(table.c.id),
        remove=delete_where(table.c.id),
    )


def not_the_newest(table: sa.Table) -> sa.ColumnElement[bool]:
    """For a query of what goes before the messages about it: the newest row stays, so that no other gets its id.

    SQLite gives the highest id again, and what was told of the one row would count as told of the other.
    """
    id_: sa.Column[int] = table.c.id
    return id_ < sa.select(sa.func.max(table.alias().c.id)).scalar_subquery()


def delete_where(*columns: sa.Column[int]) -> Remove:
    """Deletes the rows in which these columns name what goes, in this order: what refers to a row goes before it."""

    def remove(transaction: Transaction, ids: list[int]) -> None:
        for column in columns:
            for part in in_parts(ids):
                transaction.execute(sa.delete(column.table).where(column.in_(part)))

    return remove
