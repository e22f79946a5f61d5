"""Counts that name nobody: a group under five is not shown, nor what would give it away."""

from collections.abc import Mapping

SMALLEST = 5
"""The smallest group of pupils that a governor is shown."""


def suppressed(counts: Mapping[str, int]) -> tuple[dict[str, int | None], int | None]:
    """The counts and their total, None for what must not be shown.

    With one group held back, the total would give it away by subtraction: then it is held back too. None is
    "fewer than five", which may be nobody.
    """
    shown = {name: count if count >= SMALLEST else None for name, count in counts.items()}
    total = sum(counts.values())
    return shown, total if None not in shown.values() and total >= SMALLEST else None
