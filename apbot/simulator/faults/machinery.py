"""The processes of one world, and what befalls them and everything that they stand on, by the clock."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from apbot.domain.walltime import instant
from apbot.settings import Settings
from apbot.simulator.faults.database import Killed, Storage
from apbot.simulator.faults.dice import PER_DAY, Dice, Log
from apbot.simulator.faults.excuses import Excuses
from apbot.simulator.faults.outside import Outside
from apbot.simulator.faults.process import BEYOND_THE_DAY, Process
from apbot.simulator.faults.virtual import FOREVER, MachineClock, VirtualLoop
from apbot.simulator.faults.worlds import World
from apbot.store.outbox import LEASE

FAULTS_FROM, FAULTS_FOR = time(8, 0), 8 * 3600
"""From when on the wall, and for how many seconds, things go wrong by the clock."""

AFTER_A_DEATH = LEASE.total_seconds() + 15
"""Seconds for which what a dead process has claimed may wait for another."""


@dataclass
class Machinery:
    """Starts processes, stops and kills them; closes the platform, locks the database, sets the clock."""

    loop: VirtualLoop
    clock: MachineClock
    dice: Dice
    log: Log
    excuses: Excuses
    storage: Storage
    outside: Outside
    settings: Settings
    world: World
    import_roster: Callable[[], None]
    processes: list[Process | None] = field(default_factory=list)
    """A place for each; None while that one is down."""
    skipped: frozenset[str] = BEYOND_THE_DAY
    """The tables of what most worlds leave out."""
    _down_since: datetime | None = None
    """Since when no process does anything."""
    _set_by: timedelta = timedelta(0)
    _is_quiet: bool = False
    _ends: bool = False

    def start(self) -> None:
        """Start every process."""
        self.processes = [None] * self.world.processes
        for number in range(self.world.processes):
            self._start(number)

    def stop(self) -> None:
        """The world ends."""
        self._ends = True
        for process in self.processes:
            if process is not None:
                process.die("the end")

    def be_quiet(self) -> None:
        """From now on all is well."""
        self._is_quiet = self.storage.is_quiet = self.outside.is_quiet = True
        self.outside.blocked.clear()
        self.outside.down_until = self.outside.slow_until = self.outside.revoked_until = 0.0

    def serving(self) -> Process | None:
        """A process that takes requests: any that is up, also one that stands still and will not answer."""
        up = [each for each in self.processes if each is not None]
        return self.dice.of("serving").choice(up) if up else None

    # Ticks: each process has its own second hand.

    def next_tick(self, due: datetime | None) -> float:
        """When the next process looks for what is due, in the loop's seconds."""
        if due is None:
            return FOREVER
        times = [self._tick_of(each, due) for each in self.processes if each is not None and not each.is_stopped]
        return min(times, default=FOREVER)

    def _tick_of(self, process: Process, due: datetime) -> float:
        every, now = self.settings.tick_seconds, self.loop.time()
        at = self.clock.seconds_at(due)
        if at <= now:
            return process.phase + (math.floor((now - process.phase) / every + 1e-6) + 1) * every
        return process.phase + math.ceil((at - process.phase) / every) * every

    def tick(self, due: datetime | None, message_due: datetime | None) -> None:
        """Let those tick whose time it is, if anything is due; where it is a message, delivery looks, too."""
        now, every = self.loop.time(), self.settings.tick_seconds
        if due is None or self.clock.seconds_at(due) > now:
            return
        for process in self.processes:
            if process is not None and (now - process.phase + 1e-6) % every < 2e-6:
                process.tick(sends=message_due is not None and self.clock.seconds_at(message_due) <= now)

    # Processes that die, and come again.

    def _start(self, number: int) -> None:
        if self._ends or self.processes[number] is not None:
            return
        dice = self.dice.of("processes")
        phase = self.world.phase if dice.random() < 0.3 else dice.uniform(0.05, 0.95) * self.settings.tick_seconds
        try:
            process = Process(
                number,
                self.settings,
                self.storage,
                self.outside,
                phase=phase,
                whole=self.world.whole,
                died=self._died,
                paused=self._paused,
            )
        except (sa.exc.SQLAlchemyError, Killed):
            self.log.say(self.clock.now(), f"process {number} can't start")
            self.loop.call_later(5, self._start, number)
            return
        self.processes[number] = process
        self.storage.changed = True
        self.log.say(self.clock.now(), f"process {number} starts")
        self._weigh()

    def _died(self, process: Process, how: str) -> None:
        if self._ends:
            return
        number = process.number
        self.log.say(self.clock.now(), f"process {number} is dead: {how}")
        if self.processes[number] is process:
            self.processes[number] = None
        self._weigh()
        dice = self.dice.of("processes")
        seconds = dice.choices((dice.uniform(1, 20), dice.uniform(60, 300), dice.uniform(600, 2400)), (75, 18, 7))[0]
        self.loop.call_later(seconds, self._start, number)

    def _paused(self, process: Process, how: str) -> None:
        seconds = self.dice.of("processes").uniform(120, 400)
        self.log.say(self.clock.now(), f"process {process.number} stands still for {seconds:.0f} s: {how}")
        self._weigh()
        self.loop.call_later(seconds, self._goes_on, process)

    def _goes_on(self, process: Process) -> None:
        if not process.is_dead:
            self.log.say(self.clock.now(), f"process {process.number} goes on")
            self.storage.changed = True
        process.go_on()
        self._weigh()

    def _weigh(self) -> None:
        """A process has come or gone: what it had claimed waits; and where none is left, everything does."""
        now = self.clock.now()
        runs = any(each is not None and not each.is_stopped for each in self.processes)
        if runs and self._down_since is not None:
            self.excuses.span(self._down_since, now)
        self._down_since = None if runs else self._down_since or now
        self.excuses.everywhere(AFTER_A_DEATH)

    # What befalls them by the clock.

    def plan_day(self, day: date) -> None:
        """Draw what goes wrong on this day, and when."""
        dice = self.dice.of("days")
        begins = self.clock.seconds_at(instant(day, FAULTS_FROM))
        for kind, often in PER_DAY.items():
            for _ in range(_poisson(dice.random(), often * self.dice.intensity)):
                self.loop.call_at(begins + dice.uniform(0, FAULTS_FOR), self._befall, kind)

    def _befall(self, kind: str) -> None:
        if self._is_quiet:
            return
        now, dice = self.loop.time(), self.dice.of("days")
        self.log.fault(self.clock.now(), kind)
        match kind:
            case "process killed":
                process = self.serving()
                if process is not None:
                    process.die(kind)
            case "every process killed":
                for each in list(self.processes):
                    if each is not None:
                        each.die(kind)
            case "process paused past its lease":
                process = self.serving()
                if process is not None:
                    process.pause(kind)
            case "outage of the platform":
                self.outside.down_until = now + dice.uniform(300, 900)
            case "platform slow":
                self.outside.slow_until = now + dice.uniform(60, 600)
            case "token revoked for an hour":
                self.outside.revoked_until = now + 3600
            case "database locked for 30 s":
                self.storage.locked_until = now + 30
                self.excuses.everywhere(30 + 60)
            case "database restarted":
                self.storage.lost_until = now + dice.uniform(1, 8)
                self.excuses.everywhere(8 + 60)
            case "disk full for minutes":
                seconds = dice.uniform(60, 300)
                self.storage.full_until = now + seconds
                self.excuses.everywhere(seconds + 60)
            case "clock set back by an hour":
                self._set(timedelta(hours=-1))
            case "clock set forward by ten minutes":
                self._set(timedelta(minutes=10))
            case "roster imported in the middle":
                self.import_roster()
            case "a message deleted":
                standing = [each for each in self.outside.posted.values() if not each.is_deleted]
                if standing:
                    dice.choice(standing[-40:]).is_deleted = True

    def _set(self, by: timedelta) -> None:
        before = self.clock.now()
        self.clock.set(by)
        self._set_by += by
        after = self.clock.now()
        self.excuses.span(min(before, after), max(before, after) + timedelta(seconds=120))
        self.storage.changed = True

    def set_right(self) -> None:
        """Somebody sees in the evening that the clock is wrong."""
        if self._set_by:
            self._set(-self._set_by)


def _poisson(draw: float, mean: float) -> int:
    """How often something happens that happens `mean` times on average."""
    count, chance = 0, math.exp(-mean)
    total = chance
    while draw > total and count < 1000:
        count += 1
        chance *= mean / count
        total += chance
    return count
