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


def suppressed_beside(counts: Mapping[str, int]) -> dict[str, int | None]:
    """The counts where their total is known from elsewhere, None for what must not be shown.

    What is held back must not be found by subtraction: at least two groups, of at least five pupils together, are
    held back wherever one is; the smallest of the others are held back with it until that is so.
    """
    hidden = {name for name, count in counts.items() if count < SMALLEST}
    for name in sorted(counts.keys() - hidden, key=lambda each: (counts[each], each)):
        if not hidden or (len(hidden) > 1 and sum(counts[each] for each in hidden) >= SMALLEST):
            break
        hidden.add(name)
    return {name: None if name in hidden else count for name, count in counts.items()}
