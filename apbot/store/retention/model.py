"""One kind of thing that is kept for a while: which of it has been, and how it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.retention import Limits
from apbot.store.database import Transaction
from apbot.store.parts import in_parts
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant

BATCH = 100
"""So many rows go in one transaction, for which a tap may have to wait."""

NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Instant)
A_DAY_AGO: sa.BindParameter[datetime] = sa.bindparam("a_day_ago", type_=Instant)
CHAT: sa.BindParameter[datetime] = sa.bindparam("chat", type_=Instant)
CHAT_DAY: sa.BindParameter[date] = sa.bindparam("chat_day", type_=sa.Date)
KEPT_SINCE: sa.BindParameter[datetime] = sa.bindparam("kept_since", type_=Instant)
KEPT_FROM: sa.BindParameter[date] = sa.bindparam("kept_from", type_=sa.Date)
COVER: sa.BindParameter[date] = sa.bindparam("cover", type_=sa.Date)
"""The limits, as the queries of what goes have them: these are put together once, and run each night."""


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


Due = sa.Select[tuple[int]]
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
    first = Prepared(due.limit(BATCH))
    whole = due if counted is None else counted
    all_of_them = Prepared(sa.select(sa.func.count()).select_from(whole.order_by(None).subquery()))

    def count(transaction: Transaction, limits: Limits) -> int:
        return int(transaction.value(all_of_them, **_values(limits)))

    def take(transaction: Transaction, limits: Limits) -> int:
        ids = [row.id for row in transaction.rows(first, **_values(limits))]
        if ids:
            remove(transaction, ids)
        return len(ids)

    return Kind(name, what, keeps, why, count, take, most)


def _values(limits: Limits) -> dict[str, Any]:
    """What the queries take for the limits that they name."""
    return {
        NOW.key: limits.now,
        A_DAY_AGO.key: limits.now - timedelta(days=1),
        CHAT.key: limits.chat,
        CHAT_DAY.key: limits.chat.date(),
        KEPT_SINCE.key: limits.kept_since,
        KEPT_FROM.key: limits.kept_from,
        COVER.key: limits.cover,
    }


def rows_of(table: sa.Table, name: str, what: str, keeps: str, why: str, over: sa.ColumnElement[bool]) -> Kind:
    """A kind whose rows go as they are, once `over` is so of them: nothing else goes by them."""
    return kind(
        name,
        what,
        keeps,
        why,
        due=sa.select(table.c.id).where(over).order_by(table.c.id),
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
