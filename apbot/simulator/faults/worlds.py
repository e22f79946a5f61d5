"""The worlds that are played: which days, how many placements, and what they are like, all by the seed."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from apbot.roster.records import Records
from apbot.simulator.world import invent

SPANS = (
    (date(2026, 9, 2), 10),
    (date(2026, 9, 14), 5),
    (date(2026, 10, 14), 10),
    (date(2026, 10, 22), 14),
    (date(2026, 11, 9), 10),
    (date(2026, 12, 10), 9),
    (date(2027, 1, 4), 10),
    (date(2027, 2, 8), 12),
    (date(2027, 3, 22), 5),
    (date(2027, 4, 9), 12),
    (date(2027, 5, 24), 12),
    (date(2027, 7, 12), 10),
)
"""The first day, and how many days. Among them the weekends on which the clocks change (25 October 2026, 28 March
2027), the ends and beginnings of terms, and weeks in which schools differ."""

SIZES = (80, 240, 300, 300)


@dataclass(frozen=True)
class World:
    """What a rehearsal with faults needs to be the same again."""

    seed: int
    first: date
    last: date
    placements: int
    intensity: float
    processes: int
    whole: bool
    """With everything that is owed beyond the day."""
    references_only: bool
    most_to_one: int | None
    phase: float
    """Where in a second those processes tick that tick at the same time."""

    def records(self) -> Records:
        """Its roster."""
        return invent(self.placements, self.first, self.last, self.seed)

    @property
    def again(self) -> str:
        """The command that plays it again."""
        return (
            f"apbot simulate --faults --seed {self.seed} --from {self.first} --to {self.last} "
            f"--placements {self.placements}"
        )


def draw(seed: int, first: date | None = None, last: date | None = None, placements: int | None = None) -> World:
    """The world of this seed; what is given is not drawn, and changes nothing else."""
    when = random.Random(f"{seed} when")  # noqa: S311  (a rehearsal keeps no secret)
    like = random.Random(f"{seed} like")  # noqa: S311
    starts, days = when.choice(SPANS)
    size = when.choice(SIZES)
    first = first or starts
    return World(
        seed,
        first,
        last or first + timedelta(days=days - 1),
        placements or size,
        intensity=like.choice((0.3, 0.3, 0.6, 0.6, 1.0, 1.5)),
        processes=like.choices((1, 2, 3), (25, 50, 25))[0],
        whole=like.random() < 0.04,
        references_only=like.random() < 0.25,
        most_to_one=like.choice((None, None, 1)),
        phase=like.uniform(0.1, 0.9),
    )
