"""What goes wrong, how often, and the log of it: every draw comes from the seed."""

import hashlib
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TextIO

PER_DAY: Mapping[str, float] = MappingProxyType(
    {
        "process killed": 2.0,
        "process paused past its lease": 2.0,
        "every process killed": 0.7,
        "outage of the platform": 1.0,
        "platform slow": 1.0,
        "token revoked for an hour": 0.3,
        "database locked for 30 s": 3.0,
        "disk full for minutes": 0.5,
        "database restarted": 1.0,
        "clock set back by an hour": 0.03,
        "clock set forward by ten minutes": 0.1,
        "roster imported in the middle": 1.0,
        "a message deleted": 3.0,
    }
)
"""How often each of these happens in a day, on average."""

PER_TRANSACTION: Mapping[str, float] = MappingProxyType(
    {
        "killed before the commit": 0.0015,
        "killed after the commit": 0.0015,
        "disk full in the middle": 0.003,
        "connection lost in the middle": 0.002,
        "committed, and told that it failed": 0.0015,
        "failed at the commit": 0.0015,
        "paused after the commit": 0.0015,
    }
)
"""The chance of each in every transaction."""

PER_MESSAGE: Mapping[str, float] = MappingProxyType(
    {
        "429 with Retry-After": 0.02,
        "500": 0.02,
        "connection refused": 0.02,
        "no answer, not delivered": 0.015,
        "delivered, and no answer": 0.02,
        "hangs until patience ends": 0.004,
        "delivered twice": 0.01,
        "address refused for good": 0.006,
        "killed while the platform has it": 0.006,
        "killed once the platform has it": 0.006,
        "the channel fails": 0.003,
    }
)
"""The chance of each for every message that is handed to the platform."""

PER_PRESS: Mapping[str, float] = MappingProxyType(
    {
        "told five times": 0.05,
        "told minutes late": 0.05,
        "lost until told again": 0.04,
    }
)
"""The chance of each for whatever a person does."""


@dataclass
class Log:
    """What happened, a line each, and the SHA-256 over all lines: the same for the same seed, byte for byte."""

    to: TextIO | None = None
    faults: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    _sha: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """Of everything so far."""
        return self._sha.hexdigest()

    def say(self, at: datetime, what: str) -> None:
        """One line."""
        line = f"{at:%Y-%m-%d %H:%M:%S.%f} {what}\n"
        self.lines += 1
        self._sha.update(line.encode())
        if self.to is not None:
            self.to.write(line)

    def fault(self, at: datetime, kind: str, detail: str = "") -> None:
        """A fault happens."""
        self.faults[kind] += 1
        self.say(at, f"FAULT {kind} {detail}".rstrip())


class Dice:
    """Everything that is drawn in one world, in streams that do not disturb one another."""

    def __init__(self, seed: int, intensity: float = 1.0) -> None:
        """`intensity` is by how much likelier, or less likely, everything is to go wrong."""
        self.intensity = intensity
        self._seed = seed
        self._streams: dict[str, random.Random] = {}
        self._scales = {id(table): _scale(table, intensity) for table in (PER_TRANSACTION, PER_MESSAGE, PER_PRESS)}

    def of(self, stream: str) -> random.Random:
        """The stream of this name."""
        if stream not in self._streams:
            self._streams[stream] = random.Random(f"{self._seed} {stream}")  # noqa: S311  (a rehearsal has no secret)
        return self._streams[stream]

    def fault(self, chances: Mapping[str, float]) -> str | None:
        """Which of these goes wrong now, if any."""
        total, kinds, weights = self._scales[id(chances)]
        dice = self.of("faults")
        if dice.random() >= total:
            return None
        return dice.choices(kinds, weights)[0]


def _scale(chances: Mapping[str, float], intensity: float) -> tuple[float, list[str], list[float]]:
    return min(0.5, sum(chances.values()) * intensity), list(chances), list(chances.values())
