"""The stage: plays a morning in real time, faster or slower, and halts where there is something to read."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from apbot.demo.performance import Performance
from apbot.demo.script import Morning, Scene

SPEEDS = (1, 3, 10)
"""Minutes of the morning in a second."""

USUAL_SPEED = 3

FRAME = 0.05
"""Seconds between two moves of the clock: the eye sees no step."""

TURNING = 1.1
"""Seconds between a pane turning to somebody and what they do: else nobody would see them do it."""

WORDS_A_SECOND = 4.4
LOOKING = 1.0
"""Seconds to look at the chats, beside the reading."""

HURRY = {1: 1.3, 3: 1.0, 10: 0.25}
"""How long the halts are at each speed, as a share of what reading takes."""


@dataclass(frozen=True)
class Moving:
    """Where the clock stands and how it goes, so that a page can move its own smoothly in between."""

    now: datetime
    minutes_a_second: float
    until: datetime
    """It goes no further than this without having asked again."""


class Stage:
    """Holds one performance at a time. All its methods are for the loop in which `run` runs."""

    def __init__(self, morning: Morning) -> None:
        """Begin with this morning, once it is opened. Nothing moves until `play`."""
        self.run_number = 0
        self.playing = False
        self.has_begun = False
        self.speed = USUAL_SPEED
        self._morning = morning
        self._performance: Performance | None = None
        self._turn = asyncio.Lock()
        self._poked = asyncio.Event()
        self._changed = False
        self._visitor = ""
        self._halted = 0.0
        """Seconds for which the clock still stands, so that something can be read."""
        self._turned: list[Scene] = []

    @property
    def performance(self) -> Performance:
        """The one under way."""
        assert self._performance is not None  # noqa: S101  (`open` is called before anything is served)
        return self._performance

    @property
    def moving(self) -> Moving:
        """How the clock goes just now."""
        goes = self.playing and self._halted <= 0
        return Moving(self.performance.now, self.speed if goes else 0, self.performance.next_at())

    async def open(self) -> None:
        """Set the first performance up."""
        await self.start_again(self._morning)

    async def start_again(self, morning: Morning, *, play: bool = False) -> None:
        """A new performance from the beginning, in a new database; the old one is gone."""
        async with self._turn:
            new = Performance(morning)
            await new.begin()
            new.app.database.listeners.append(self._committed)
            old, self._performance = self._performance, new
            self.run_number += 1
            self.playing = self.has_begun = play
            self._turned, self._changed, self._visitor = [], False, ""
            self._halt()
            if old is not None:
                old.close()
        self._poked.set()

    def play(self) -> None:
        """Go on."""
        self.has_begun = True
        self.playing = not self.performance.over
        self._poked.set()

    def pause(self) -> None:
        """Stand still; what the visitor does is still answered at once."""
        self.playing = False

    def set_speed(self, minutes_a_second: int) -> None:
        """One of `SPEEDS`."""
        self.speed = minutes_a_second
        self._halted = min(self._halted, self._reading())

    async def next_event(self) -> None:
        """Jump to just when the visitor is told something next."""
        async with self._turn:
            self.has_begun = True
            before = self.performance.told.number
            while not self.performance.over and self.performance.told.number == before:
                await self.performance.step()
            self._arrive()

    async def jump(self, at: datetime) -> None:
        """Jump forward; everything in between happens, in order."""
        async with self._turn:
            self.has_begun = True
            await self.performance.until(at)
            self._arrive()

    def visited_by(self, who: str) -> None:
        """The visitor is doing something as this person."""
        self._visitor = who

    async def run(self) -> None:
        """Move the clock, and answer what the visitor does, until cancelled."""
        clock = asyncio.get_running_loop().time
        last = clock()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FRAME if self.playing else None):
                    await self._poked.wait()
            self._poked.clear()
            now = clock()
            # A machine that was asleep, or busy, does not make the morning leap.
            passed, last = min(now - last, 4 * FRAME), now
            await self.frame(passed)

    async def frame(self, passed: float) -> None:
        """One move of the clock, `passed` seconds after the one before."""
        async with self._turn:
            if self._changed:
                visitor, self._changed, self._visitor = self._visitor, False, ""
                await self.performance.settle(visitor)
            if self.playing and self._halted > 0:
                self._halted -= passed
            elif self.playing:
                await self._move(passed)

    def close(self) -> None:
        """Let the open pages go."""
        self.playing = False
        if self._performance is not None:
            self._performance.close()

    async def _move(self, passed: float) -> None:
        performance = self.performance
        to, at = performance.now + timedelta(minutes=self.speed * passed), performance.next_at()
        if to < at:
            performance.clock.set(to)
            return
        scenes = performance.scenes_at(at)
        if scenes and scenes != self._turned and performance.show(scenes):
            performance.clock.set(at)
            self._turned = scenes
            self._halted = TURNING * HURRY[self.speed]
            return
        before = performance.told.number
        await performance.step()
        if performance.told.number != before:
            self._arrive()

    def _arrive(self) -> None:
        """Something was told: halt, so that it can be read."""
        self._halt()
        if self.performance.over:
            self.playing = False

    def _halt(self) -> None:
        self._halted = self._reading()

    def _reading(self) -> float:
        words = len(self.performance.told.words.split())
        return (words / WORDS_A_SECOND + LOOKING) * HURRY[self.speed]

    def _committed(self, _: frozenset[str]) -> None:
        self._changed = True
        self._poked.set()
