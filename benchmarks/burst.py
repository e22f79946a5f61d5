"""What falls due at once on an outside platform at ten: a session's 2,000 prompts and 500 alerts, or alerts alone.

The platform is a stand-in in a process of its own, once at the platform's limits and, in several rounds, with none.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from apbot.app import App
from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.port import Outgoing, Receipt
from apbot.domain.calendar import Term
from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.domain.walltime import instant
from apbot.handlers.dispatch import handle
from apbot.logs import configure
from apbot.roster import apply
from apbot.roster.records import Person, Placement, PlaceTerm, Post, Provider, Pupil, Records, School
from apbot.service import settle_memory
from apbot.settings import Settings
from apbot.store.connect import open_database
from apbot.store.database import Database, Transaction
from apbot.store.linking import Owner, link
from apbot.store.opening import open_day
from apbot.store.tables import DUE, entries, escalations, messages, people, providers, registers
from benchmarks.engines import Engine, SQLite
from benchmarks.measure import Figure, percentile
from benchmarks.worlds import DAY, settings

ROUNDS = 5
"""So many are run with limits lifted; the one whose ratio to its floor is the median is told of."""
MAKE = Callable[[str, Desk, bool], Platform]
"""Makes the channel on the stand-in at an address, with the platform's limits or without."""
Bare = Callable[[str, Sequence[Outgoing]], Coroutine[Any, Any, float]]
"""Posts the same with the platform's library alone, and gives the seconds."""
AT_ONCE = 20
"""So many posts of the bare library are under way at once."""


@dataclass(frozen=True)
class Crowd:
    """What falls due: one pupil at each of so many providers, and of each of so many schools one is due an alert."""

    providers: int
    schools: int
    are_prompted: bool = True


class RunningClock:
    """The machine's clock, as if it were a Thursday in term."""

    def __init__(self, at: datetime) -> None:
        self.start(at)

    def start(self, at: datetime) -> None:
        """It is `at` now, and time goes on from there."""
        self._at, self._since = at.astimezone(UTC), time.perf_counter()

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._at + timedelta(seconds=time.perf_counter() - self._since)


def world(crowd: Crowd) -> Records:
    """A provider with one pupil each; of the first of each school the alert is due at ten, of the others later."""
    hours = Hours({Session.AM: Span(wall_time(9, 30), wall_time(12, 0))})
    pattern = Pattern.from_json(["thu am"])
    schools = [School(f"S{number}", f"School {number}") for number in range(crowd.schools)]
    return Records(
        schools=tuple(schools),
        people=tuple(
            Person(
                f"D{number}",
                f"DSL {number}",
                frozenset({Post(f"S{number}", Role.DSL), Post(f"S{number}", Role.ATTENDANCE_CONTACT)}),
            )
            for number in range(crowd.schools)
        ),
        providers=tuple(Provider(f"P{number}", f"Provider {number}", hours=hours) for number in range(crowd.providers)),
        pupils=tuple(
            Pupil(f"U{number}", "Jo", "Doe", f"S{number % crowd.schools}") for number in range(crowd.providers)
        ),
        placements=tuple(
            Placement(
                ref=f"U{number}-1",
                pupil=f"U{number}",
                provider=f"P{number}",
                starts_on=DAY - timedelta(days=7),
                pattern=pattern,
                alert_minutes=30 if number < crowd.schools else 120,
            )
            for number in range(crowd.providers)
        ),
        terms=tuple(
            PlaceTerm(school.ref, Term("Autumn 1", DAY - timedelta(days=10), DAY + timedelta(days=10)))
            for school in schools
        ),
    )


def prepare(engine: Engine, name: str, crowd: Crowd, channel: str, address: Callable[[str, int], str]) -> None:
    """Make a database in which everything stands that falls due at ten. `address`: where somebody is written to."""
    database = open_database(settings(engine, name), RunningClock(instant(DAY, wall_time(4, 0))))
    database.run(apply, world(crowd))
    database.run(open_day, DAY)

    def link_all(transaction: Transaction) -> None:
        for row in transaction.rows(sa.select(people.c.id)):
            link(transaction, Owner(row.id, None), channel, address("person", row.id))
        for row in transaction.rows(sa.select(providers.c.id)):
            link(transaction, Owner(None, row.id), channel, address("provider", row.id))

    database.run(link_all)
    if not crowd.are_prompted:
        database.run(lambda transaction: transaction.execute(sa.update(registers).values(next_at=None)))
    database.close()
    engine.settle(name)


MEASURED = {messages, entries, escalations, registers}


def _nothing_else(transaction: Transaction) -> None:
    """What else falls due in a day was done in the morning, or waits for the evening: it is not what is measured."""
    for due in DUE:
        if due.table not in MEASURED:
            transaction.execute(sa.update(due.table).values({due: None}))


@contextmanager
def standin(platform: str, *, with_limits: bool) -> Iterator[str]:
    """The platform's stand-in, in a process of its own: its address."""
    command = [sys.executable, "-m", "benchmarks.standin", platform, "limits" if with_limits else "none"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


def start(own: Settings, database: Database, channel: Platform) -> App:
    """apbot with this channel, as it is when it has been running for a while."""
    app = App(own, database, [channel])
    database.run(_nothing_else)  # only now: apbot plans these when it starts
    settle_memory()  # as the service does
    return app


async def drain(app: App, channel: Platform) -> list[Outgoing]:
    """Tick and deliver, as the service does, until nothing is owed: what was sent."""
    database = app.database
    sent: list[Outgoing] = []
    real = channel.deliver

    async def noted(batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        sent.extend(batch)
        return await real(batch)

    channel.deliver = noted  # type: ignore[method-assign]
    loop = asyncio.get_running_loop()
    database.listeners.append(
        lambda touched: loop.call_soon_threadsafe(app.delivery.wake) if "messages" in touched else None
    )
    began = time.perf_counter()
    delivering = asyncio.create_task(app.delivery.run(app.settings.tick_seconds))
    tick = began
    await app.decide()
    while await database.read(_owed):
        tick += app.settings.tick_seconds
        await asyncio.sleep(max(0.05, tick - time.perf_counter()))
        await app.decide()
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    await channel.close()
    return sent


def _owed(transaction: Transaction) -> int:
    return int(transaction.value(sa.select(sa.func.count()).where(messages.c.state == "owed")))


def delays(transaction: Transaction, due: datetime) -> dict[str, list[float]]:
    """The seconds from due to accepted, by the messages' kinds."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in transaction.rows(sa.select(messages.c.kind, messages.c.sent_at).where(messages.c.sent_at.is_not(None))):
        found[row.kind].append((row.sent_at - due).total_seconds())
    return found


@dataclass(frozen=True)
class Round:
    """What was sent with limits lifted, and the bare library's seconds for the same."""

    sent: int
    delays: dict[str, list[float]]
    floor: float

    @property
    def taken(self) -> float:
        """Seconds from due to the last that was accepted."""
        return max(max(own) for own in self.delays.values())

    @property
    def first(self) -> float:
        """Seconds from due to the first that was accepted."""
        return min(min(own) for own in self.delays.values())

    def figures(self, what: str, floor_is: str, times: float) -> list[Figure]:
        """What one message takes beside the bare library; the rate; and the first."""
        return [
            Figure(
                what,
                1000 * self.taken / self.sent,
                "ms",
                1000 * self.floor / self.sent,
                floor_is,
                f"within {times:g} times",
                self.taken <= times * self.floor,
            ),
            Figure(f"... that is, of {self.sent:,}", self.sent / self.taken, "messages/s"),
            Figure("... the first accepted after", self.first * 1000, "ms", aim="within 100 ms", met=self.first <= 0.1),
        ]


@dataclass(frozen=True)
class Burst:
    """One platform's channel, and how the same is posted by its library alone."""

    platform: str
    address: Callable[[str, int], str]
    make: MAKE
    bare: Bare

    def at_limits(self, engine: Engine, crowd: Crowd) -> dict[str, list[float]]:
        """The seconds from due to accepted at the platform's limits, by the messages' kinds."""
        return self.once(engine, "limits", crowd, with_limits=True)[1]

    def lifted(self, engine: Engine, crowd: Crowd) -> Round:
        """The round of the median ratio."""
        rounds = []
        for number in range(ROUNDS):
            sent, took = self.once(engine, f"lifted-{number}", crowd, with_limits=False)
            with standin(self.platform, with_limits=False) as where:
                rounds.append(Round(len(sent), took, asyncio.run(self.bare(where, sent))))
        return sorted(rounds, key=lambda each: each.taken / each.floor)[ROUNDS // 2]

    def once(
        self, engine: Engine, name: str, crowd: Crowd, *, with_limits: bool
    ) -> tuple[list[Outgoing], dict[str, list[float]]]:
        """What was sent, and the seconds from due to accepted by the messages' kinds."""
        configure("CRITICAL")
        due = instant(DAY, wall_time(10, 0))
        base = f"{self.platform}-{crowd.providers}-{crowd.schools}"
        if not engine.has(base):
            prepare(engine, base, crowd, self.platform, self.address)
        engine.copy(base, f"{base}-{name}")
        clock = RunningClock(due)
        own = settings(engine, f"{base}-{name}")
        database = open_database(own, clock)
        with standin(self.platform, with_limits=with_limits) as where:
            channel = self.make(where, Desk(database, handle), with_limits)
            app = start(own, database, channel)
            clock.start(due)
            sent = asyncio.run(drain(app, channel))
            took = database.run(delays, due)
        database.close()
        return sent, took


def measure(folder: Path, burst: Burst, floor_is: str) -> list[Figure]:
    """The figures of one platform for a session's prompts and alerts."""
    crowd = Crowd(2_000, 500)
    engine = SQLite(folder)
    figures = []
    at_limits = burst.at_limits(engine, crowd)
    for kind, what in (("escalation", "alerts"), ("register", "prompts")):
        own = at_limits[kind]
        said = f"{burst.platform}: {len(own):,} {what} at its limits, median from due to accepted"
        figures.append(Figure(said, statistics.median(own), "s"))
        figures.append(Figure("... the last", percentile(own, 1.0), "s"))
    found = burst.lifted(engine, crowd)
    return figures + found.figures(f"{burst.platform}, limits lifted: one message, at this rate, takes", floor_is, 1.5)


async def all_at_once(work: Sequence[Callable[[], Awaitable[object]]]) -> float:
    """The seconds that these take, `AT_ONCE` at a time."""
    waiting = list(reversed(work))

    async def worker() -> None:
        while waiting:
            await waiting.pop()()

    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return time.perf_counter() - start
