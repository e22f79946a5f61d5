"""The processes of apbot on one database: what each of them does, and which are alive.

Each writes down every few seconds that it lives. What none that lives does is done by nobody, and must be said; a
channel that none of them delivers on reaches nobody, and is passed over.
"""

import os
import secrets
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from apbot.store.channel_troubles import Found, settle_troubles
from apbot.store.database import Transaction
from apbot.store.fallback import give_up_where_nobody_delivers
from apbot.store.outbox import put_right
from apbot.store.people import keep_channels
from apbot.store.prepared import Prepared
from apbot.store.tables import processes


class Part(StrEnum):
    """What a process can do; one that is told nothing does all three."""

    WEB = "web"
    """HTTP: signing in, the chat, webhooks; and hearing what people say where a platform is asked for it."""
    SCHEDULES = "schedules"
    """What happens by the clock."""
    DELIVERY = "delivery"
    """Sending what is owed."""


EVERYTHING = frozenset(Part)

BEAT = timedelta(seconds=5)
"""How often a process writes down that it lives."""

SILENT_AFTER = timedelta(seconds=30)
"""One that has not written for so long is not counted on any more."""

CHANNELS_KEPT = timedelta(minutes=2)
"""The channels of a process that has gone are counted on for so long: one that starts anew, or is replaced by another,
must not make alerts go elsewhere."""

AT_ONCE = 200
"""So many messages that wait on a channel of nobody's are looked after with one beat."""

REMEMBERED = timedelta(days=1)

CLOCKS_AGREE = timedelta(seconds=5)
"""So far apart the clocks of two machines may be, at most: what is due, and who lives, goes by them."""


@lru_cache
def _key_of(pid: int) -> str:
    # Not the pid alone: two containers may share a host's name, and each begins with 1.
    return f"{pid:x}-{secrets.token_hex(8)}"


def _own_key() -> str:
    return _key_of(os.getpid())


@dataclass(frozen=True)
class Process:
    """One process: what it does, and on which channels it can deliver."""

    parts: frozenset[Part]
    channels: Sequence[str] = ()
    key: str = field(default_factory=_own_key)
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)


@dataclass(frozen=True)
class Seen:
    """A process as it stands in the database."""

    host: str
    pid: int
    parts: Sequence[str]
    channels: Sequence[str]
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    found: Mapping[str, Found] = field(default_factory=dict)
    """How its channels do, where it knows."""

    def lives(self, now: datetime) -> bool:
        """Whether it may run still: what must not be done beside it has to wait."""
        return self.ended_at is None and now - self.seen_at <= SILENT_AFTER

    def is_counted_on(self, now: datetime) -> bool:
        """Whether it is known to run.

        One that was killed while its clock was ahead looks alive until that time comes, and does nothing. Two machines'
        clocks may differ by as much as a process may be silent for; more than that is told of as `clocks_apart` anyway.
        """
        return self.lives(now) and self.seen_at - now <= SILENT_AFTER

    def ahead(self, now: datetime) -> timedelta:
        """How far its clock is ahead of ours, where that is too much; else nothing."""
        ahead = self.seen_at - now
        return ahead if self.ended_at is None and ahead > CLOCKS_AGREE else timedelta()

    def to_json(self, now: datetime) -> dict[str, Any]:
        """For others to read."""
        return {
            "host": self.host,
            "pid": self.pid,
            "parts": list(self.parts),
            "channels": list(self.channels),
            "started_at": self.started_at.isoformat(),
            "seen_at": self.seen_at.isoformat(),
            "lives": self.lives(now),
        }


def beat(transaction: Transaction, process: Process, found: Mapping[str, Found] | None = None) -> None:
    """Write down that `process` lives and what it has `found` of its channels, and what follows for these and
    for what waits."""
    own = {
        "parts": sorted(process.parts),
        "channels": sorted(process.channels) if Part.DELIVERY in process.parts else [],
        "seen_at": transaction.now,
        "conditions": {channel: each.kept() for channel, each in (found or {}).items()},
    }
    if not transaction.change(_BEAT, {"own_key": process.key, **own}):
        transaction.insert(
            processes,
            key=process.key,
            host=process.host[:100],
            pid=process.pid,
            started_at=transaction.now,
            ended_at=None,
            **own,
        )
        transaction.execute(sa.delete(processes).where(processes.c.seen_at < transaction.now - REMEMBERED))
    there = load_processes(transaction)
    _settle_channels(transaction, there)
    put_right(transaction)
    settle_troubles(transaction, [each.found for each in there if each.is_counted_on(transaction.now)])


_BEAT = Prepared(
    sa.update(processes)
    .where(processes.c.key == sa.bindparam("own_key"))
    .values(
        parts=sa.bindparam("parts", type_=processes.c.parts.type),
        channels=sa.bindparam("channels", type_=processes.c.channels.type),
        conditions=sa.bindparam("conditions", type_=processes.c.conditions.type),
        seen_at=sa.bindparam("seen_at", type_=processes.c.seen_at.type),
        ended_at=None,
    )
)


def leave(transaction: Transaction, process: Process) -> None:
    """Write down that `process` has ended in good order."""
    transaction.execute(sa.update(processes).where(processes.c.key == process.key).values(ended_at=transaction.now))


def load_processes(transaction: Transaction) -> list[Seen]:
    """Every process that ran within the last day, the longest running first."""
    query = sa.select(processes).where(processes.c.seen_at >= transaction.now - REMEMBERED)
    return [
        Seen(
            row.host,
            row.pid,
            row.parts,
            row.channels,
            row.started_at,
            row.seen_at,
            row.ended_at,
            {channel: Found.from_kept(kept) for channel, kept in (row.conditions or {}).items()},
        )
        for row in transaction.rows(query.order_by(processes.c.started_at, processes.c.id))
    ]


def still_runs(transaction: Transaction) -> str:
    """For what is done while no apbot runs: which do, and what to do; "" where none lives."""
    living = [each for each in load_processes(transaction) if each.lives(transaction.now)]
    who = "; ".join(f"{each.host}, process {each.pid}" for each in living)
    return who and (
        f"apbot still runs on it ({who}). Stop it first, and leave it stopped; "
        f"where it was killed, wait {SILENT_AFTER.seconds} seconds."
    )


def parts_that_nobody_does(transaction: Transaction) -> list[Part]:
    """The parts that no process is known to do: where one is missing, apbot is silent, whatever the others do."""
    there = [each for each in load_processes(transaction) if each.is_counted_on(transaction.now)]
    done = {part for each in there for part in each.parts}
    return [part for part in Part if part not in done]


def clocks_apart(transaction: Transaction) -> dict[str, float]:
    """By how many seconds a process's clock is ahead of this one's; nothing where they agree.

    What is due, and whose lease has run out, goes by them: that must be said.
    """
    ahead = max((each.ahead(transaction.now) for each in load_processes(transaction)), default=timedelta())
    return {"seconds": round(ahead.total_seconds(), 1)} if ahead else {}


def has_been_delivered_from(transaction: Transaction) -> bool:
    """Whether a process that delivers runs, or did within the last day."""
    return any(Part.DELIVERY in each.parts for each in load_processes(transaction))


def _settle_channels(transaction: Transaction, there: Iterable[Seen]) -> None:
    """The channels that can be counted on are those of all who deliver, and were there a short while ago."""
    since = transaction.now - CHANNELS_KEPT
    deliver = [each for each in there if Part.DELIVERY in each.parts and each.seen_at >= since]
    # As long as nobody delivers at all, there is nothing to go by: what is owed waits where it was to go.
    if deliver:
        keep_channels(transaction, {name for each in deliver for name in each.channels})
        give_up_where_nobody_delivers(transaction, AT_ONCE)
