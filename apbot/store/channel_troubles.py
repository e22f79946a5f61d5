"""Channels that do not work: found by the processes, told to the admins until they work again.

Each process writes down what it finds of its channels (`store/processes.py`). Here this becomes one row for each time
that a channel does not work, whatever the number of processes, by which a schedule goes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa
import structlog

from apbot.domain.priority import Priority
from apbot.store.audit import SCHEDULE, note
from apbot.store.checks import schools_told
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.people import WEB, addresses_of_people
from apbot.store.prepared import Prepared
from apbot.store.tables import channel_troubles, channels, messages

log = structlog.get_logger()

TROUBLE = "channel trouble"
"""The kind of message that says so."""


@dataclass(frozen=True)
class Found:
    """What a process finds of a channel: that it works, or since when it does not, in plain words without a secret."""

    since: datetime | None = None
    """None: it works."""
    said: str = ""
    """What is wrong, as half a sentence: "gives no answer"."""
    remedy: str = ""
    """What to do, where that is known."""

    def kept(self) -> dict[str, str]:
        """As JSON."""
        since = self.since.isoformat() if self.since is not None else ""
        return {"since": since, "said": self.said, "remedy": self.remedy}

    @classmethod
    def from_kept(cls, kept: Mapping[str, str]) -> Self:
        """From JSON."""
        return cls(datetime.fromisoformat(kept["since"]) if kept["since"] else None, kept["said"], kept["remedy"])


@dataclass(frozen=True)
class ChannelTrouble:
    """A time at which a channel does, or did, not work."""

    channel: str
    since: datetime
    said: str
    remedy: str
    waiting: int
    """How many messages wait there that nobody has had by it."""
    ended_at: datetime | None
    is_used: bool
    """Whether apbot still delivers on it."""


def settle_troubles(transaction: Transaction, found: Iterable[Mapping[str, Found]]) -> None:
    """Make the open troubles what the living processes find: `found` has, of each, what it knows of its channels.

    A channel is in trouble while any of them says so. It is well again when one says that it works and none that it
    does not: what nobody knows yet, as after a restart, changes nothing. One that is not used any more is no trouble.
    """
    by_channel: dict[str, list[Found]] = defaultdict(list)
    for each in found:
        for channel, of_it in each.items():
            by_channel[channel].append(of_it)
    standing = {row.channel: row for row in transaction.rows(_OPEN)}
    if not standing and not any(each.since for all_said in by_channel.values() for each in all_said):
        return
    used = {WEB} | {row.name for row in transaction.rows(sa.select(channels.c.name))}
    for channel in sorted({*by_channel, *standing}):
        said = by_channel[channel]
        # Who knows what to do is believed before who only sees that nothing gets through.
        worst = min(
            ((not each.remedy, each.since, each) for each in said if each.since is not None),
            key=lambda each: each[:2],
            default=None,
        )
        if worst is not None and channel in used:
            _keep(transaction, channel, worst[2], standing.get(channel))
        elif channel in standing and (said or channel not in used):
            _end(transaction, standing[channel])


_OPEN = Prepared(
    sa.select(channel_troubles.c.id, channel_troubles.c.channel, channel_troubles.c.said, channel_troubles.c.remedy)
    .where(channel_troubles.c.ended_at.is_(None))
    .order_by(channel_troubles.c.id)
)


def _keep(transaction: Transaction, channel: str, found: Found, standing: sa.Row[Any] | None) -> None:
    words = {"said": found.said[:200], "remedy": found.remedy[:300]}
    if standing is None:
        row = {"channel": channel, "since": found.since, "step": 0, "next_at": transaction.now, **words}
        transaction.insert(channel_troubles, **row)
        note(transaction, SCHEDULE, "channel does not work", f"channel:{channel}", since=str(found.since))
        log.error("a channel does not work", channel=channel, problem=found.said)
    elif found.remedy and (standing.said, standing.remedy) != (words["said"], words["remedy"]):
        of_it = channel_troubles.c.id == standing.id
        transaction.execute(sa.update(channel_troubles).where(of_it).values(**words))
        refresh(transaction, [TROUBLE], [standing.id])


def _end(transaction: Transaction, standing: sa.Row[Any]) -> None:
    of_it = channel_troubles.c.id == standing.id
    transaction.execute(sa.update(channel_troubles).where(of_it).values(ended_at=transaction.now, next_at=None))
    note(transaction, SCHEDULE, "channel works again", f"channel:{standing.channel}")
    log.info("a channel works again, or is not used any more", channel=standing.channel)
    refresh(transaction, [TROUBLE], [standing.id])


def tell_admins_of(transaction: Transaction, due: Sequence[Any], again_at: datetime) -> None:
    """Owe every admin a message about each of these, by a channel that works, and plan the next."""
    down = frozenset(row.channel for row in transaction.rows(_OPEN))
    people = sorted(schools_told(transaction))
    addresses = addresses_of_people(transaction, people)
    if not any(each.channel not in down for held in addresses.values() for each in held):
        log.error("a channel does not work, and no admin is reached by any other", channels=sorted(down))
    for row in due:
        subject = Subject(TROUBLE, row.id, row.step)
        # As weighty as an alert, so that it too goes on to the next channel where this one takes nothing either.
        owe(
            transaction,
            [Owed(subject, Priority.ESCALATION, row.next_at, person, passed_over=down) for person in people],
        )
        of_it = channel_troubles.c.id == row.id
        transaction.execute(sa.update(channel_troubles).where(of_it).values(step=row.step + 1, next_at=again_at))
        note(transaction, SCHEDULE, "channel trouble told", f"channel:{row.channel}", step=row.step, people=people)


def load_troubles(transaction: Transaction, ids: Iterable[int]) -> Mapping[int, ChannelTrouble]:
    """These troubles, by id, with what waits there now."""
    waits = sa.and_(
        messages.c.channel == channel_troubles.c.channel,
        messages.c.kind != TROUBLE,
        messages.c.next_at.is_not(None),
        messages.c.state == "owed",
    )
    waiting = sa.select(sa.func.count()).where(waits).scalar_subquery()
    is_used = sa.or_(channel_troubles.c.channel == WEB, channel_troubles.c.channel.in_(sa.select(channels.c.name)))
    query = sa.select(channel_troubles, waiting.label("waiting"), is_used.label("is_used"))
    return {
        row.id: ChannelTrouble(
            row.channel, row.since, row.said, row.remedy, row.waiting, row.ended_at, bool(row.is_used)
        )
        for row in transaction.rows(query.where(channel_troubles.c.id.in_(list(ids))))
    }
