"""What every fuzz test holds a parser to, and how many examples it tries.

The same examples in every run, few of them; APBOT_FUZZ_EXAMPLES=2000 tries so many of each, and other ones each time.
"""

import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, settings

ASKED = int(os.environ.get("APBOT_FUZZ_EXAMPLES", "0"))
CPU_SECONDS = 3.0
"""More than the largest input should take, many times over, also on a busy machine: it is the process's own time."""


def fuzzed(few: int) -> settings:
    """Hypothesis's settings for a test that tries `few` examples as a rule."""
    return settings(
        max_examples=ASKED or few,
        derandomize=not ASKED,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def examples(name: str, few: int) -> Iterator[random.Random]:
    """For tests that hypothesis can't drive: so many sources of chance, each named by its seed where it fails."""
    start = random.SystemRandom().randrange(1_000_000_000) if ASKED else 0
    for number in range(ASKED or few):
        yield random.Random(f"{name} {start + number}")


class TooSlow(AssertionError):
    """An input that takes longer than any should."""


@contextmanager
def in_time(seconds: float = CPU_SECONDS) -> Iterator[None]:
    """Fails where what is done within takes more of the processor than that; also a pattern that goes on for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(*_: Any) -> None:
        raise TooSlow(f"more than {seconds} seconds")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
