"""The roster's rows: read whole, written in bulk. Nothing of a school, person, pupil or placement is ever deleted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.outbox import refresh
from apbot.store.parts import in_parts
from apbot.store.people import WEB
from apbot.store.tables import addresses, openings, people, placements, plannings, providers, pupils
from apbot.store.unreached import UNREACHED


def all_rows(transaction: Transaction, table: sa.Table) -> Sequence[sa.Row[Any]]:
    """Every row, in the order they came in."""
    return transaction.rows(sa.select(table).order_by(table.c.id))


def ids_by_ref(transaction: Transaction, table: sa.Table) -> dict[str, int]:
    """The id of each record, by its reference."""
    return {row.ref: row.id for row in transaction.rows(sa.select(table.c.ref, table.c.id))}


def insert_all(transaction: Transaction, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        values = {name: _bound(table, name, name) for name in rows[0]}
        transaction.execute(sa.insert(table).values(values), list(rows))


def update_all(transaction: Transaction, table: sa.Table, values: Mapping[int, Mapping[str, Any]]) -> None:
    """Change rows by id, each in columns of its own: one statement for all that change the same columns."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row_id, changed in values.items():
        alike[tuple(changed)].append({"row_id": row_id, **{f"new_{name}": value for name, value in changed.items()}})
    for names, rows in alike.items():
        new = {name: _bound(table, name, f"new_{name}") for name in names}
        transaction.execute(sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(new), rows)


def _bound(table: sa.Table, column: str, parameter: str) -> sa.BindParameter[Any]:
    """A parameter in which None is null, also where the column holds JSON."""
    kind = table.c[column].type
    return sa.bindparam(parameter, type_=sa.JSON(none_as_null=True) if isinstance(kind, sa.JSON) else kind)


def delete_all(transaction: Transaction, table: sa.Table, row_ids: Iterable[int]) -> None:
    """Delete these rows, which others have come in the place of."""
    for part in in_parts(sorted(row_ids)):
        transaction.execute(sa.delete(table).where(table.c.id.in_(part)))


def touch_placements(
    transaction: Transaction, *, pupil_ids: Iterable[int], school_ids: Iterable[int], provider_ids: Iterable[int]
) -> None:
    """Note that what is expected of these pupils, of these schools' pupils, or at these providers changed now."""
    for part in in_parts(sorted(pupil_ids)):
        _touch(transaction, placements.c.pupil_id.in_(part))
    for part in in_parts(sorted(school_ids)):
        _touch(transaction, placements.c.pupil_id.in_(sa.select(pupils.c.id).where(pupils.c.school_id.in_(part))))
    for part in in_parts(sorted(provider_ids)):
        _touch(transaction, placements.c.provider_id.in_(part))


def _touch(transaction: Transaction, which: sa.ColumnElement[bool]) -> None:
    transaction.execute(sa.update(placements).where(which).values(touched_at=transaction.now))


LAST = 100
"""The rank of what the roster alone knows: after every channel that somebody has linked themselves."""


def open_conversations(transaction: Transaction) -> None:
    """Give every provider its conversation in the built-in chat, and everybody their email and text addresses."""
    _open_chats(transaction)
    for rank, (channel, column) in enumerate((("email", people.c.email), ("sms", people.c.mobile)), start=LAST):
        _follow_contacts(transaction, channel, column, rank)


def _follow_contacts(transaction: Transaction, channel: str, column: sa.Column[str], rank: int) -> None:
    """Make the addresses of this channel those that stand on the roster.

    A corrected one takes the place of the old, in the person's own order, and works until it is refused. One that has
    not changed stays as it is: that it stands on the roster is no reason why it should work now.
    """
    listed = {(row.id, row[1]) for row in transaction.rows(sa.select(people.c.id, column).where(column != ""))}
    kept = {
        (row.person_id, row.address): row.id
        for row in transaction.rows(sa.select(addresses).where(addresses.c.channel == channel))
    }
    new = dict(listed - kept.keys())
    gone = kept.keys() - listed
    corrected = {
        kept[person_id, address]: {"address": new.pop(person_id), "disabled_at": None, "disabled_why": ""}
        for person_id, address in sorted(gone)
        if person_id in new
    }
    update_all(transaction, addresses, corrected)
    refresh(transaction, [UNREACHED], corrected)
    delete_all(transaction, addresses, (kept[each] for each in gone if kept[each] not in corrected))
    transaction.insert_new(
        addresses,
        [
            {"person_id": person_id, "channel": channel, "address": address, "rank": rank}
            for person_id, address in sorted(new.items())
        ],
    )


def _open_chats(transaction: Transaction) -> None:
    with_one = sa.select(addresses.c.provider_id).where(
        addresses.c.channel == WEB, addresses.c.provider_id.is_not(None)
    )
    without = transaction.rows(sa.select(providers.c.id).where(providers.c.id.not_in(with_one)))
    transaction.insert_new(
        addresses, [{"provider_id": row.id, "channel": WEB, "address": f"provider:{row.id}"} for row in without]
    )


def reopen_days(transaction: Transaction) -> None:
    """Have today, and every later day that has been opened, worked out again at the next tick; its duties too."""
    today = local_date(transaction.now)
    for table in (openings, plannings):
        transaction.execute(sa.update(table).where(table.c.day >= today).values(next_at=transaction.now))
