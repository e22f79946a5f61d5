"""One list for each person and morning: what they are told of, whatever it is."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from apbot.domain.priority import Priority
from apbot.domain.walltime import local_date
from apbot.store.database import Transaction
from apbot.store.duties.mentioned import DIGEST
from apbot.store.duties.owners import Owners
from apbot.store.duties.reading import Duty, load_duties_by_id
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.prepared import Prepared
from apbot.store.tables import digests, mentions, messages


@dataclass(frozen=True)
class Mention:
    """One duty on a list. `as_lead`: because its owner has not done it. `passed_on`: whose it is now has been told."""

    duty: Duty
    as_lead: bool
    passed_on: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether the list still asks for it."""
        return self.duty.is_open and not self.passed_on


@dataclass(frozen=True)
class Digest:
    """What one person is told of on one morning."""

    id: int
    person_id: int
    day: date
    mentions: tuple[Mention, ...]


def put_on_lists(transaction: Transaction, day: date, told: Mapping[int, Mapping[int, bool]]) -> list[int]:
    """Put duties on the lists of `day`: for each person the duties, by id, and whether they are told as the lead.

    Gives the people who can't be reached. What comes onto a list that has gone out is told in a message of its own as
    well: that a message was changed is noticed by few, and some can't be. Its step is how many stood there before.
    """
    transaction.insert_new(digests, [{"person_id": person, "day": day} for person in sorted(told)])
    ids = {row.person_id: row.id for row in transaction.rows(_LISTS_OF_DAY, day=day, people=list(told))}
    there: dict[int, set[int]] = {digest_id: set() for digest_id in ids.values()}
    for row in transaction.rows(_MENTIONS, ids=list(there)):
        there[row.digest_id].add(row.duty_id)
    new = [
        {"digest_id": ids[person], "duty_id": duty_id, "as_lead": as_lead}
        for person, found in told.items()
        for duty_id, as_lead in found.items()
        if duty_id not in there[ids[person]]
    ]
    transaction.insert_new(mentions, new)
    grown = {each["digest_id"] for each in new}
    steps = {digest_id: len(before) for digest_id, before in there.items()} | _not_gone_out(transaction, grown)
    without = owe(
        transaction,
        [
            Owed(Subject(DIGEST, ids[person], steps[ids[person]]), Priority.REMINDER, transaction.now, person)
            for person in sorted(told)
            if ids[person] in grown
        ],
    )
    refresh(transaction, [DIGEST], grown | _passed_on_from(transaction, {each["duty_id"] for each in new}, told))
    return [each.person_id for each in without if each.person_id is not None]


def _passed_on_from(
    transaction: Transaction, duty_ids: Collection[int], told: Mapping[int, Mapping[int, bool]]
) -> set[int]:
    """The lists that name one of these duties, of people who are not told of it any more."""
    rows = transaction.rows(_TOLD, ids=list(duty_ids))
    return {row.digest_id for row in rows if row.duty_id not in told.get(row.person_id, ())}


def load_told(transaction: Transaction, duty_ids: Collection[int]) -> dict[int, set[int]]:
    """On whose lists each of these duties stands, or stood."""
    told: dict[int, set[int]] = {duty_id: set() for duty_id in duty_ids}
    for row in transaction.rows(_TOLD, ids=list(duty_ids)):
        told[row.duty_id].add(row.person_id)
    return told


def _not_gone_out(transaction: Transaction, digest_ids: Collection[int]) -> dict[int, int]:
    """Of each of these lists the step of the message that has not gone out: it will say what is added, too."""
    return {row.subject_id: row.step for row in transaction.rows(_NOT_GONE_OUT, ids=list(digest_ids))}


def have_their_list(transaction: Transaction, day: date, person_ids: Collection[int]) -> frozenset[int]:
    """Which of these people have been sent their list of `day`, or are being sent it."""
    return frozenset(row.person_id for row in transaction.rows(_GONE_OUT, day=day, people=list(person_ids)))


def load_digests(transaction: Transaction, ids: Iterable[int]) -> dict[int, Digest]:
    """These lists, by id, with what stands on them as it is now."""
    heads = transaction.rows(_LISTS, ids=list(ids))
    rows = transaction.rows(_MENTIONS, ids=[head.id for head in heads])
    found = load_duties_by_id(transaction, {row.duty_id for row in rows})
    readers = {head.id: head.person_id for head in heads}
    asked = [(readers[row.digest_id], found[row.duty_id]) for row in rows if not row.as_lead]
    passed_on = _passed_on(transaction, asked)
    named: dict[int, list[Mention]] = defaultdict(list)
    for row in rows:
        is_passed_on = (readers[row.digest_id], row.duty_id) in passed_on and not row.as_lead
        named[row.digest_id].append(Mention(found[row.duty_id], row.as_lead, is_passed_on))
    return {head.id: Digest(head.id, head.person_id, head.day, tuple(named[head.id])) for head in heads}


def _passed_on(transaction: Transaction, asked: Iterable[tuple[int, Duty]]) -> set[tuple[int, int]]:
    """Of these people and duties those where others are asked in their place now, and all of them have been told."""
    others = [
        (person, duty)
        for person, duty in asked
        if duty.is_open and person != (duty.key_worker_id if duty.handed_to_id is None else duty.handed_to_id)
    ]
    if not others:
        return set()
    found = list({duty.id: duty for _, duty in others}.values())
    owners = Owners(transaction, found, local_date(transaction.now))
    told = load_told(transaction, [each.id for each in found])
    passed_on = set()
    for person, duty in others:
        them = owners.of(duty)
        if them.owners and person not in them.everybody and told[duty.id].issuperset(them.owners):
            passed_on.add((person, duty.id))
    return passed_on


_WAITS = sa.and_(messages.c.state == "owed", messages.c.lease.is_(None))
"""Of a message that nobody has begun to send."""

_IDS: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)
_TODAYS = (digests.c.day == sa.bindparam("day"), digests.c.person_id.in_(sa.bindparam("people", expanding=True)))
_LISTS = Prepared(sa.select(digests).where(digests.c.id.in_(_IDS)))
_LISTS_OF_DAY = Prepared(sa.select(digests.c.id, digests.c.person_id).where(*_TODAYS))
_MENTIONS = Prepared(sa.select(mentions).where(mentions.c.digest_id.in_(_IDS)).order_by(mentions.c.id))
_NOT_GONE_OUT = Prepared(
    sa.select(messages.c.subject_id, messages.c.step).where(
        messages.c.kind == DIGEST, messages.c.subject_id.in_(_IDS), _WAITS
    )
)
_GONE_OUT = Prepared(
    sa.select(digests.c.person_id)
    .join_from(digests, messages, sa.and_(messages.c.kind == DIGEST, messages.c.subject_id == digests.c.id))
    .where(*_TODAYS, sa.not_(_WAITS))
)
_TOLD = Prepared(
    sa.select(mentions.c.duty_id, mentions.c.digest_id, digests.c.person_id)
    .join_from(mentions, digests)
    .where(mentions.c.duty_id.in_(_IDS))
)
