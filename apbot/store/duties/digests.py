"""One list for each person and morning: what they are told of, whatever it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from apbot.domain.priority import Priority
from apbot.store.database import Transaction
from apbot.store.duties.mentioned import DIGEST
from apbot.store.duties.reading import Duty, load_duties_by_id
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.tables import digests, mentions


@dataclass(frozen=True)
class Mention:
    """One duty on a list. `as_lead`: because its owner has not done it."""

    duty: Duty
    as_lead: bool


@dataclass(frozen=True)
class Digest:
    """What one person is told of on one morning."""

    id: int
    person_id: int
    day: date
    mentions: tuple[Mention, ...]


def put_on_lists(transaction: Transaction, day: date, told: Mapping[int, Mapping[int, bool]]) -> list[int]:
    """Put duties on the lists of `day`: for each person the duties, by id, and whether they are told as the lead.

    Gives the people who can't be reached. A list that has been sent already is brought up to date.
    """
    transaction.insert_new(digests, [{"person_id": person, "day": day} for person in sorted(told)])
    ids = {
        row.person_id: row.id
        for row in transaction.rows(
            sa.select(digests.c.id, digests.c.person_id).where(digests.c.day == day, digests.c.person_id.in_(told))
        )
    }
    transaction.insert_new(
        mentions,
        [
            {"digest_id": ids[person], "duty_id": duty_id, "as_lead": as_lead}
            for person, found in told.items()
            for duty_id, as_lead in found.items()
        ],
    )
    without = owe(
        transaction,
        [Owed(Subject(DIGEST, ids[person]), Priority.REMINDER, transaction.now, person) for person in sorted(told)],
    )
    refresh(transaction, [DIGEST], ids.values())
    return [each.person_id for each in without if each.person_id is not None]


def load_digests(transaction: Transaction, ids: Iterable[int]) -> dict[int, Digest]:
    """These lists, by id, with what stands on them as it is now."""
    heads = transaction.rows(sa.select(digests).where(digests.c.id.in_(list(ids))))
    rows: Sequence[sa.Row[tuple[object, ...]]] = transaction.rows(
        sa.select(mentions).where(mentions.c.digest_id.in_([head.id for head in heads])).order_by(mentions.c.id)
    )
    found = load_duties_by_id(transaction, {row.duty_id for row in rows})
    named: dict[int, list[Mention]] = defaultdict(list)
    for row in rows:
        named[row.digest_id].append(Mention(found[row.duty_id], row.as_lead))
    return {head.id: Digest(head.id, head.person_id, head.day, tuple(named[head.id])) for head in heads}
