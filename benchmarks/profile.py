"""Where the time of 2,000 alerts due at once goes: what each thread is found doing, looked at every millisecond."""

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from benchmarks.alerts import ALERTS
from benchmarks.burst import Crowd
from benchmarks.engines import Engine, both
from benchmarks.measure import Figure
from benchmarks.slack import BURST

EVERY = 0.001

IDLE = {("selectors.py", "select"), ("database.py", "_write_forever"), ("thread.py", "_worker")}
"""The file and the function that a thread is in when it has nothing to do but wait for the platform, or for work."""

PARTS = (
    ("apbot/store/prepared", "statements, and the database's driver"),
    ("sqlalchemy", "SQLAlchemy: connections, and statements that are not prepared"),
    ("psycopg", "statements, and the database's driver"),
    ("apbot/schedules", "deciding"),
    ("apbot/messages", "working out cards"),
    ("apbot/store", "deciding, claiming and settling"),
    ("apbot/domain", "deciding, claiming and settling"),
    ("apbot/delivery", "deciding, claiming and settling"),
    ("apbot/cards", "working out cards"),
    ("apbot/channels", "the channel: blocks, JSON and posting"),
    ("aiohttp", "HTTP (aiohttp)"),
    ("asyncio", "the event loop"),
)
"""What stands in a file's path, and what is done there. The innermost frame that is named here counts."""


def run(folder: Path) -> list[Figure]:
    """On either database."""
    with both(folder) as engines:
        return [figure for engine in engines for figure in _of(engine)]


def _of(engine: Engine) -> list[Figure]:
    crowd = Crowd(ALERTS, ALERTS, are_prompted=False)
    BURST.once(engine, "warm", crowd, with_limits=False)
    found: Counter[str] = Counter()
    with _watched(found):
        BURST.once(engine, "watched", crowd, with_limits=False)
    total = found.total()
    return [
        Figure(f"{engine.kind}: {part}", 100 * count / total, "% of where threads are found at work")
        for part, count in found.most_common()
        if count >= total / 100
    ]


@contextmanager
def _watched(found: Counter[str]) -> Iterator[None]:
    """Count, all along the block, where the threads are found while the event loop runs."""
    own = threading.main_thread().ident
    done = threading.Event()

    def look() -> None:
        while not done.wait(EVERY):
            frames = sys._current_frames()
            if own is None or not _has(frames[own], "run_forever"):
                continue
            for thread, frame in frames.items():
                if thread != threading.get_ident() and not _is_idle(frame):
                    found[_part(frame)] += 1

    watcher = threading.Thread(target=look)
    usual = sys.getswitchinterval()
    # Else it would look whenever another thread waits for the database, and hardly ever while one computes.
    sys.setswitchinterval(1e-5)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        sys.setswitchinterval(usual)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _has(frame: FrameType, function: str) -> bool:
    return any(each.f_code.co_name == function for each in _outwards(frame))


def _is_idle(frame: FrameType) -> bool:
    return (Path(frame.f_code.co_filename).name, frame.f_code.co_name) in IDLE


def _part(frame: FrameType) -> str:
    for each in _outwards(frame):
        if each.f_code.co_name == "do_commit":
            return "commits, flushed to disk"
        for where, part in PARTS:
            if where in each.f_code.co_filename:
                return part
    return "the rest"
