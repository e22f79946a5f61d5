"""World after world, seed after seed, on every core, until so many sessions have been played."""

import gc
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apbot.simulator.faults.dice import Log
from apbot.simulator.faults.play import Played, play
from apbot.simulator.faults.promises import PROMISES
from apbot.simulator.faults.worlds import World, draw

MOST_FAILURES = 50
"""Of so many worlds with breaches the examples are kept."""


@dataclass
class Totals:
    """What came of many worlds."""

    worlds: int = 0
    sessions: int = 0
    presses: int = 0
    repeats: int = 0
    said_late: int = 0
    slowest_seconds: float = 0.0
    shown: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    failed: list[Played] = field(default_factory=list)

    def add(self, played: Played) -> None:
        """One more world."""
        self.worlds += 1
        self.sessions += played.sessions
        self.presses += played.presses
        self.repeats += played.repeats
        self.said_late += played.said_late
        self.slowest_seconds = max(self.slowest_seconds, played.slowest_seconds)
        self.shown.update(played.shown)
        self.faults.update(played.faults)
        self.breaches.update(played.breaches)
        if sum(played.breaches.values()) and len(self.failed) < MOST_FAILURES:
            self.failed.append(played)

    def to_json(self) -> dict[str, Any]:
        """The totals as plain JSON values."""
        return {
            "worlds": self.worlds,
            "sessions": self.sessions,
            "presses": self.presses,
            "shown": dict(sorted(self.shown.items())),
            "repeats": self.repeats,
            "said_late": self.said_late,
            "slowest_seconds": self.slowest_seconds,
            "faults": dict(sorted(self.faults.items())),
            "breaches": sum(self.breaches.values()),
            "promises": {promise: self.breaches[promise] for promise in PROMISES},
            "failed": [played_json(each) for each in self.failed],
        }


def played_json(played: Played) -> dict[str, Any]:
    """What came of one world, as plain JSON values."""
    return {
        "again": played.world.again,
        "seed": played.world.seed,
        "sessions": played.sessions,
        "presses": played.presses,
        "shown": played.shown,
        "repeats": played.repeats,
        "said_late": played.said_late,
        "slowest_seconds": played.slowest_seconds,
        "faults": played.faults,
        "breaches": sum(played.breaches.values()),
        "promises": played.breaches,
        "examples": played.examples,
        "digest": played.digest,
        "lines": played.lines,
    }


def campaign(
    sessions: int,
    first_seed: int,
    *,
    first: date | None = None,
    last: date | None = None,
    placements: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Totals:
    """Play the worlds of `first_seed`, the next, and so on, until `sessions` have been played.

    Which worlds are counted does not depend on the machine. `progress` is told how many sessions were played so far.
    """
    totals = Totals()
    for played in _in_order(first_seed, lambda seed: draw(seed, first, last, placements)):
        totals.add(played)
        progress(totals.sessions)
        if totals.sessions >= sessions:
            break
    return totals


def _in_order(seed: int, world_of: Callable[[int], World]) -> Iterator[Played]:
    """Play on every core, and give the worlds in the order of their seeds, for as long as anybody asks."""
    workers = os.cpu_count() or 1
    fresh = multiprocessing.get_context("spawn")  # nothing of this process is carried over, on any system
    with ProcessPoolExecutor(workers, fresh, initializer=_begin) as pool:
        running: list[Future[Played]] = []
        try:
            while True:
                while len(running) < workers * 2:
                    running.append(pool.submit(_play, world_of(seed)))
                    seed += 1
                yield running.pop(0).result()
        finally:
            for each in running:
                each.cancel()


def _begin() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _play(world: World) -> Played:
    return play(world, Log())


def lines_of_totals(totals: Totals) -> Iterator[str]:
    """The totals, a line at a time."""
    yield f"{totals.worlds:,} worlds, {totals.sessions:,} sessions, with faults"
    yield from _figures(totals.presses, totals.shown, totals.repeats, totals.said_late, totals.slowest_seconds)
    yield from _faults(totals.faults)
    yield "Promises:"
    for promise in PROMISES:
        yield _kept(promise, totals.breaches[promise])
    for played in totals.failed:
        yield f"Broken in: {played.world.again}"
        yield from _examples(played)


def lines_of_world(played: Played) -> Iterator[str]:
    """What came of one world, a line at a time."""
    yield played.world.again
    yield f"{played.sessions:,} sessions, with faults"
    yield from _figures(played.presses, played.shown, played.repeats, played.said_late, played.slowest_seconds)
    yield from _faults(played.faults)
    yield "Promises:"
    for promise, count in played.breaches.items():
        yield _kept(promise, count)
    yield from _examples(played)
    yield f"Log of {played.lines:,} events, SHA-256 {played.digest}"


def _figures(presses: int, shown: Mapping[str, int], repeats: int, said_late: int, slowest: float) -> Iterator[str]:
    yield f"  presses taken        {presses:>9,}"
    yield f"  messages seen        {sum(shown.values()):>9,}"
    yield f"  ... alerts           {shown.get('escalation', 0):>9,}"
    yield f"  ... seen again       {repeats:>9,}"
    yield f"  alerts said late     {said_late:>9,}"
    yield f"  slowest first alert  {slowest:>9,.0f} s"


def _faults(faults: Mapping[str, int]) -> Iterator[str]:
    yield f"Faults: {sum(faults.values()):,}"
    for kind, count in sorted(faults.items()):
        yield f"  {count:>9,} {kind}"


def _kept(promise: str, breaches: int) -> str:
    return f"  {'kept  ' if not breaches else 'BROKEN'} {promise}{f': {breaches:,} times' if breaches else ''}"


def _examples(played: Played) -> Iterator[str]:
    for promise, examples in played.examples.items():
        for example in examples:
            yield f"    {promise}: {example}"
