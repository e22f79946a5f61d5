"""One world, played with faults from its first day to its last."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.cards import Card
from apbot.channels.web import Deed
from apbot.domain.walltime import instant
from apbot.roster import apply
from apbot.settings import Settings
from apbot.simulator.cast import Cast, Planned
from apbot.simulator.faults.database import Storage
from apbot.simulator.faults.dice import Dice, Log
from apbot.simulator.faults.excuses import Excuses
from apbot.simulator.faults.machinery import Machinery
from apbot.simulator.faults.moving import changed, days_of, move_in
from apbot.simulator.faults.outside import Outside
from apbot.simulator.faults.people import Inbound
from apbot.simulator.faults.promises import PRESSES, PROMISES, Promises, Sight, keep_what_is_known, marked
from apbot.simulator.faults.virtual import FOREVER, MachineClock, VirtualLoop
from apbot.simulator.faults.worlds import World
from apbot.simulator.run import colleagues, forget_talk, readers
from apbot.simulator.watch import CHANGED_LINES
from apbot.store.database import Transaction
from apbot.store.migrate import upgrade
from apbot.store.prepared import Prepared
from apbot.store.tables import DUE, entries

EVENING = time(18, 0)
"""From here on the last day has no more faults; every evening the clock is right again."""

NIGHT = time(23, 50)
"""When a day is held against the promises."""


@dataclass(frozen=True)
class Played:
    """What came of one world."""

    world: World
    sessions: int
    presses: int
    shown: dict[str, int]
    repeats: int
    said_late: int
    slowest_seconds: float
    faults: dict[str, int]
    breaches: dict[str, int]
    examples: dict[str, list[str]]
    digest: str
    lines: int


def play(world: World, log: Log) -> Played:
    """Play this world; what happens is written to `log`."""
    loop = VirtualLoop()
    random.seed(world.seed)  # delivery spreads its retries by it
    asyncio.set_event_loop(loop)
    logging = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))  # all that fails would be told
    try:
        return loop.run_until_complete(_Play(loop, world, log).run())
    finally:
        _end(loop)
        structlog.configure(**logging)
        asyncio.set_event_loop(None)
        loop.close()


def _end(loop: VirtualLoop) -> None:
    """Whatever still runs ends."""
    for _ in range(3):
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


@dataclass
class _Play:
    loop: VirtualLoop
    world: World
    log: Log
    sessions: int = 0
    breaches: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    _last_line: int = 0
    _in_web: set[int] = field(default_factory=set)
    _first_entry: int = 0
    _next_due: datetime | None = None
    _next_message: datetime | None = None
    _next_look: float = 0.0
    _back: int = 0
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Everything is there, and nothing has happened yet."""
        world = self.world
        self.clock = MachineClock(self.loop, instant(world.first, time(0, 1)))
        self.dice = Dice(world.seed, world.intensity)
        self.excuses = Excuses(self.clock)
        self.storage = Storage(self.clock, self.dice, self.log)
        self.outside = Outside(
            self.clock,
            self.dice,
            self.log,
            self.excuses,
            lambda address, seconds: self.loop.call_later(seconds, self._writes_again, address),
            references_only=world.references_only,
            most_to_one=world.most_to_one,
        )
        upgrade(self.storage.plain.engine)
        self._plain(keep_what_is_known)
        self.records = world.records()
        reached = self._plain(move_in, self.records, self.dice.of("moving in"))
        self.promises = Promises(self.excuses, self._breach, reached.outside, reached.prefers_outside)
        self._plain(self.promises.read_roster)
        self.staff = {**self._plain(readers), **reached.staff_of}
        self.cast = Cast(world.seed, self.staff, None, self._plain(colleagues))
        self.machinery = Machinery(
            self.loop,
            self.clock,
            self.dice,
            self.log,
            self.excuses,
            self.storage,
            self.outside,
            Settings(_env_file=None, database_url="sqlite://"),
            world,
            import_roster=lambda: self._spawn(self._import()),
        )
        self.inbound = Inbound(
            self.clock,
            self.dice,
            self.log,
            self.machinery.serving,
            lambda example: self._breach(PRESSES, example),
            self._spawn,
        )

    def _plain(self, work: Callable[..., Any], *args: Any) -> Any:
        return self.storage.run(work, *args)

    def _breach(self, promise: str, example: str) -> None:
        self.breaches[promise] += 1
        self.log.say(self.clock.now(), f"BREACH {promise}: {example}")
        found = self.examples.setdefault(promise, [])
        if len(found) < 5:
            found.append(f"{self.clock.now():%Y-%m-%d %H:%M:%S}Z {example}")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self._failed.set_exception(problem) if not self._failed.done() else None

    async def run(self) -> Played:
        """From the first day to the night after the last."""
        self._failed: asyncio.Future[None] = self.loop.create_future()
        self.machinery.start()
        self.loop.before_waiting, self.loop.after_waiting = self._plan, self._go
        try:
            for day in days_of(self.world.first, self.world.last):
                self._first_entry = self._plain(_newest_entry) + 1
                self.machinery.plan_day(day)
                await self._until(instant(day, EVENING))
                self.machinery.set_right()
                if day == self.world.last:
                    self._be_quiet()
                await self._until(instant(day, NIGHT))
                self.sessions += self._plain(self.promises.hold_day, day, self._first_entry)
                self._plain(forget_talk)
            self._plain(self.promises.hold_settled, () if self.world.whole else self.machinery.skipped)
            self._plain(self.promises.hold_presses, self.inbound.answers)
            return self._played()
        finally:
            self.loop.before_waiting = self.loop.after_waiting = lambda *_: FOREVER
            self.machinery.stop()

    async def _until(self, at: datetime) -> None:
        while (left := self.clock.seconds_at(at) - self.loop.time()) > 0:
            await asyncio.wait([self._failed], timeout=left)
            if self._failed.done():
                self._failed.result()

    def _be_quiet(self) -> None:
        self.machinery.be_quiet()
        self.inbound.is_quiet = True

    # Between two instants: what has changed is looked at, and what is next is found.

    def _plan(self) -> float:
        """When something is due next, in the loop's seconds."""
        if self.storage.changed or self.outside.shown:
            self.storage.changed = False
            self._look(self.storage.look())
        times = [self.machinery.next_tick(self._next_due)]
        if self.cast.next_at is not None:
            times.append(self.clock.seconds_at(self.cast.next_at))
        if self._next_due is not None:
            times.append(self._next_look)
        return min(times)

    def _go(self) -> None:
        """Time has gone on: do what is due now."""
        now = self.clock.now()
        self.machinery.tick(self._next_due, self._next_message)
        for planned in self.cast.due(now):
            self._spawn(self.inbound.act(planned))
        if self.loop.time() >= self._next_look:
            waits = self.promises.waiting(self.storage.look(), self._first_entry)
            if waits:
                self._plain(self.promises.hold_reported, waits)
            self._next_look = self.loop.time() + (20 if waits else 60 if self.excuses.is_anything(now) else 300)

    def _look(self, transaction: Transaction) -> None:
        sights = [*self._web_sights(transaction), *self._outside_sights()]
        if sights:
            found = self.promises.read(transaction, sights)
            for each in sights:
                message = found.get(each.message_id or 0)
                if each.is_new and message is not None and not each.is_platforms_own:
                    self.cast.notice(message.kind, each.address or each.reader, each.card, self.clock.now())
        times = transaction.row(_EARLIEST)
        self._next_message = times.messages
        skipped = () if self.world.whole else self.machinery.skipped
        due = [at for at, column in zip(times, _COLUMNS, strict=True) if at is not None and column not in skipped]
        self._next_due = min(due, default=None)

    def _web_sights(self, transaction: Transaction) -> list[Sight]:
        sights = []
        for line in transaction.rows(CHANGED_LINES, last=self._last_line):
            self._last_line = line.changed
            if line.card is None:
                continue
            is_new = line.message_id is not None and line.message_id not in self._in_web
            reader = f"person:{line.only_for_id}" if line.only_for_id is not None else line.conversation
            if is_new:
                self._in_web.add(line.message_id)
                self.log.say(line.at, f"web shows {line.message_id} to {reader}: {line.card.get('heading', '')}")
            sights.append(Sight(line.at, line.at, reader, "", line.message_id, line.card, is_new, marked(line.card)))
        return sights

    def _outside_sights(self) -> list[Sight]:
        shown, self.outside.shown = self.outside.shown, []
        return [
            Sight(
                each.at,
                each.asked_at,
                f"{'person' if each.address[0] == 'u' else 'provider'}:{each.address[1:]}",
                each.address,
                each.message_id,
                each.card.to_json() if each.is_new else _words(each.card),
                each.is_new,
                each.is_marked,
                each.is_platforms_own,
            )
            for each in shown
        ]

    def _writes_again(self, address: str) -> None:
        """Somebody lets apbot in again, and says so."""
        self._back += 1
        deed = Deed(event_id=f"back-{self._back}", text="thanks")
        self._spawn(self.inbound.act(Planned(self.clock.now(), 0, self.staff[address][0], address, deed)))

    async def _import(self) -> None:
        """An admin imports a changed roster: again and again, until it is taken."""
        self.records = changed(self.records, self.clock.now().date(), self.dice.of("imports"))
        while True:
            process = self.machinery.serving()
            if process is not None:
                task = process.spawn(process.app.database.write(apply, self.records))
                await asyncio.wait({task}, timeout=60)
                if task.done() and not task.cancelled() and task.exception() is None:
                    break
            await asyncio.sleep(30)
        self._plain(self.promises.read_roster)
        self.log.say(self.clock.now(), "roster imported")

    def _played(self) -> Played:
        return Played(
            self.world,
            self.sessions,
            sum(self.inbound.done.values()),
            dict(sorted(self.promises.shown.items())),
            self.promises.repeats,
            self.promises.said_late,
            self.promises.slowest.total_seconds(),
            dict(sorted(self.log.faults.items())),
            {promise: self.breaches[promise] for promise in PROMISES},
            self.examples,
            self.log.digest,
            self.log.lines,
        )


def _words(card: Card) -> dict[str, Any]:
    """What is read of a card that has changed: of a new one people look at the buttons, too."""
    rows = [{"heading": row.heading, "text": row.text} for row in card.rows]
    return {"heading": card.heading, "lines": card.lines, "rows": rows, "footer": card.footer}


_COLUMNS = [column.table.name for column in DUE]
_EARLIEST = Prepared(
    sa.select(
        *(
            sa.select(sa.func.min(column)).where(column.is_not(None)).scalar_subquery().label(column.table.name)
            for column in DUE
        )
    )
)


def _newest_entry(transaction: Transaction) -> int:
    return int(transaction.value(sa.select(sa.func.max(entries.c.id))) or 0)
