"""The rows of a sheet or CSV file as they stand, before anybody asks what they mean; and the limits on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from apbot.roster.problems import unusable

MOST_BYTES = 20 * 1024 * 1024
"""No file of a roster is larger; 5,000 placements take about 1 MB."""

MOST_ROWS = 20_000
"""No sheet has more rows that are filled in."""

MOST_COLUMNS = 100
"""Columns further to the right are not looked at."""

Choose = Callable[[Sequence[str]], Sequence[str]]
"""Given the names of all sheets or files, those to read."""

Tell = Callable[[str], None]
"""Told what is being done, for somebody who waits at a terminal."""


def quiet(_: str) -> None:
    """Nobody waits."""


@dataclass(frozen=True)
class Grid:
    """One sheet or file: its rows that are not blank, each with its number as the spreadsheet shows it."""

    name: str
    rows: Sequence[tuple[int, Sequence[object]]]

    @property
    def label(self) -> str:
        """The name as it is shown."""
        return self.name.strip()


@dataclass(frozen=True)
class Uncalculated:
    """A cell with a formula whose result the file does not hold: it was never opened in a spreadsheet."""

    def __str__(self) -> str:
        return ""


def bytes_of(file: Path, most: int, instead: str) -> bytes:
    """What is in a file. Raises `RosterProblems`, with what to do `instead` where it has more than `most` bytes."""
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except OSError as trouble:
        raise unusable(f"{file} can't be read: {trouble.strerror}", "check the name") from None
    if len(data) > most:
        raise unusable(f"{file.name} is larger than {most // 1024**2} MB", instead)
    return data
