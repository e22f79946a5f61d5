"""The outbox: what apbot owes to whom, decided in the transaction that made it necessary.

A message is a promise about a subject ("this escalation, second step, to this person"), not a text: what it says is
worked out when it is sent, so it is true when it is sent, and again whenever what it says has changed (`refresh`).
It is unique by subject, round, step, recipient and channel, so deciding twice owes nothing twice.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.priority import Priority
from apbot.store.database import Transaction
from apbot.store.people import addresses_of_people, addresses_of_providers
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant, messages

LEASE = timedelta(seconds=60)
"""How long a claimed message is left to the process that claimed it."""


@dataclass(frozen=True)
class Subject:
    """What a message is about: one row of one kind, at one step of one round."""

    kind: str
    id: int
    step: int = 0
    round: int = 0


@dataclass(frozen=True)
class Owed:
    """A message that one person, or the shared conversation of one provider, is to get."""

    subject: Subject
    priority: int
    due_at: datetime
    person_id: int | None = None
    provider_id: int | None = None
    attempt: int = 0
    """How often the recipient has been told of the same thing in vain: each time the next of their channels is used,
    and after the last the first again."""
    everywhere: bool = False
    """On every channel of the recipient's at once, whatever `attempt` says."""
    passed_over: frozenset[str] = frozenset()
    """Channels that are used only where the recipient has no other."""


def owe(transaction: Transaction, wanted: Sequence[Owed]) -> list[Owed]:
    """Owe these messages, each on the channel its recipient prefers, or on all of theirs.

    Gives those whose recipient has no address.
    """
    of_people = addresses_of_people(transaction, {each.person_id for each in wanted if each.person_id is not None})
    of_providers = addresses_of_providers(
        transaction, {each.provider_id for each in wanted if each.provider_id is not None}
    )
    rows: list[dict[str, Any]] = []
    without = []
    for each in wanted:
        if each.person_id is not None:
            recipient, found = f"person:{each.person_id}", of_people.get(each.person_id)
        else:
            recipient, found = f"provider:{each.provider_id}", of_providers.get(each.provider_id or 0)
        if found is None:
            without.append(each)
            continue
        found = [there for there in found if there.channel not in each.passed_over] or found
        rows += [
            {
                "kind": each.subject.kind,
                "subject_id": each.subject.id,
                "round": each.subject.round,
                "step": each.subject.step,
                "recipient": recipient,
                "person_id": each.person_id,
                "channel": there.channel,
                "address": there.address,
                "priority": each.priority,
                "due_at": each.due_at,
                "next_at": max(each.due_at, transaction.now),
            }
            for there in (found if each.everywhere else [found[each.attempt % len(found)]])
        ]
    if transaction.insert_new(messages, rows):
        transaction.touched.add("messages")
    return without


def refresh(transaction: Transaction, kinds: Iterable[str], subject_ids: Iterable[int]) -> None:
    """What these messages say has changed: those that were sent are brought up to date in place."""
    which = {"kinds": list(kinds), "ids": list(subject_ids), "now": transaction.now}
    if transaction.change(_REFRESH, which):
        transaction.touched.add("messages")


_REFRESH = Prepared(
    sa.update(messages)
    .where(
        messages.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        messages.c.subject_id.in_(sa.bindparam("ids", expanding=True)),
        messages.c.state.in_(["owed", "sent"]),
        messages.c.put_away_at.is_(None),
    )
    .values(
        wanted=messages.c.wanted + 1,
        # What is under way is looked at again when its lease is settled; what was put off, because the platform
        # asked for a pause, when its time comes.
        next_at=sa.case(
            (
                sa.or_(messages.c.next_at.is_(None), sa.and_(messages.c.lease.is_(None), messages.c.tries == 0)),
                sa.bindparam("now", type_=Instant),
            ),
            else_=messages.c.next_at,
        ),
    )
)


def claim(
    transaction: Transaction,
    channel: str,
    lease: str,
    limit: int,
    most_to_one: int | None = None,
    least: Priority = Priority.PUTTING_AWAY,
) -> Sequence[sa.Row[Any]]:
    """Take up to `limit` messages that are due on `channel`, the weightiest first, none below `least`, under `lease`.

    At most `most_to_one` of them go to one address: a person whom a hundred alerts wait for, on a platform that takes
    one a second, would keep everybody else's waiting. A message whose lease ran out was taken by a process that is
    gone: it may have been sent, and says so.
    """
    ids = _due(transaction, channel, limit, most_to_one or limit, least)
    if not ids:
        return []
    until = transaction.now + LEASE
    rows = transaction.rows(_CLAIM, ids=ids, new_lease=lease, until=until)
    return sorted(rows, key=lambda row: (row.priority, row.due_at, row.id))


LOOKS_PAST = 64
"""Times a batch: so many messages are looked at, at most, for one that goes to somebody else."""


def _due(transaction: Transaction, channel: str, limit: int, most_to_one: int, least: Priority) -> list[int]:
    looked_at = limit
    while True:
        rows = transaction.rows(_DUE, channel=channel, now=transaction.now, least=int(least), most=looked_at)
        chosen: list[int] = []
        to_one: Counter[str] = Counter()
        for row in rows:
            if to_one[row.address] < most_to_one and len(chosen) < limit:
                to_one[row.address] += 1
                chosen.append(row.id)
        if len(chosen) == limit or len(rows) < looked_at or looked_at >= limit * LOOKS_PAST:
            return chosen
        looked_at *= 4


_DUE = Prepared(
    sa.select(messages.c.id, messages.c.address)
    .where(
        messages.c.channel == sa.bindparam("channel"),
        messages.c.next_at.is_not(None),
        messages.c.next_at <= sa.bindparam("now", type_=Instant),
        messages.c.priority <= sa.bindparam("least", type_=sa.Integer),
    )
    .order_by(messages.c.priority, messages.c.next_at, messages.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
)
_CLAIM = Prepared(
    sa.update(messages)
    .where(messages.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        maybe_repeat=sa.or_(
            messages.c.maybe_repeat, sa.and_(messages.c.lease.is_not(None), messages.c.state == "owed")
        ),
        lease=sa.bindparam("new_lease"),
        lease_until=sa.bindparam("until", type_=Instant),
        next_at=sa.bindparam("until", type_=Instant),
    )
    .returning(messages)
)

AHEAD = timedelta(minutes=1)
"""By so much a clock may have been ahead, and what it put off waits that much longer."""


def put_right(transaction: Transaction) -> None:
    """What was put off, or claimed, by a clock that was ahead and has been put right must not wait until that time
    comes.

    What was tried in vain is due now. What is under way is left one more lease, for whoever is at it to settle.
    """
    until = {"now": transaction.now, "until": transaction.now + LEASE}
    changed = transaction.change(_PUT_OFF_AHEAD, {**until, "ahead": transaction.now + AHEAD})
    changed += transaction.change(_CLAIMED_AHEAD, {**until, "ahead": transaction.now + LEASE + AHEAD})
    if changed:
        transaction.touched.add("messages")


_PUT_OFF_AHEAD = Prepared(
    sa.update(messages)
    .where(
        messages.c.next_at.is_not(None),
        messages.c.lease.is_(None),
        messages.c.tried_at > sa.bindparam("ahead", type_=Instant),
    )
    .values(next_at=sa.bindparam("now", type_=Instant))
)
_CLAIMED_AHEAD = Prepared(
    sa.update(messages)
    .where(messages.c.next_at.is_not(None), messages.c.lease_until > sa.bindparam("ahead", type_=Instant))
    .values(lease_until=sa.bindparam("until", type_=Instant), next_at=sa.bindparam("until", type_=Instant))
)


def told(transaction: Transaction, kinds: Iterable[str], subject_id: int) -> list[int]:
    """The people to whom a message of these kinds about the subject was sent, or is still owed."""
    return [row.person_id for row in transaction.rows(_TOLD, kinds=list(kinds), subject_id=subject_id)]


_TOLD = Prepared(
    sa.select(messages.c.person_id)
    .where(
        messages.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        messages.c.subject_id == sa.bindparam("subject_id"),
        messages.c.person_id.is_not(None),
        messages.c.state.in_(["owed", "sent"]),
    )
    .distinct()
)


def tried_in_vain(transaction: Transaction, channel: str) -> dict[str, int]:
    """Why messages on this channel still wait after a try, and how many do for that reason; the commonest first."""
    count = sa.func.count()
    rows = transaction.rows(
        sa.select(messages.c.trouble, count)
        .where(messages.c.channel == channel, messages.c.next_at.is_not(None), messages.c.tries > 0)
        .group_by(messages.c.trouble)
        .order_by(count.desc())
    )
    return dict(tuple(row) for row in rows)
