"""What is wrong with a roster, said so that whoever filled it in can mend it: where, what, and what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 60
"""So many characters of a wrong value are quoted."""


class Unreadable(ValueError):
    """One cell can't be read. `wrong` goes on from the value ("is not a date"); `expected` says what to write."""

    def __init__(self, wrong: str, expected: str) -> None:
        super().__init__(f"{wrong}; {expected}")
        self.wrong = wrong
        self.expected = expected


@dataclass(frozen=True)
class Problem:
    """One thing to mend before the roster can be taken in."""

    sheet: str
    """The sheet or file; "" where it is the whole of what was given."""
    row: int | None
    """The row's number as the spreadsheet shows it; None where it is not about one row."""
    column: str
    value: str
    wrong: str
    """What is wrong with the value, as the rest of a sentence: "is not a date"."""
    expected: str
    """What would be right: "write it as 3 Sep 2026"."""

    @property
    def where(self) -> str:
        """ "Placements row 7, Monday"."""
        place = f"{self.sheet} row {self.row}" if self.sheet and self.row else self.sheet
        return ", ".join(part for part in (place, self.column) if part)

    @property
    def quoted(self) -> str:
        """The value, short enough to show; "" for an empty cell."""
        short = self.value if len(self.value) <= SHOWN else f"{self.value[:SHOWN]}…"
        return f"'{short}'" if short else ""

    def __str__(self) -> str:
        said = " ".join(part for part in (self.quoted, self.wrong) if part)
        said = f"{said} — {self.expected}" if self.expected else said
        return f"{self.where}: {said}" if self.where else said


class RosterProblems(Exception):
    """The roster can't be taken in, and nothing of it was.

    The text is a count alone, so that no name or number reaches a log; `problems` has everything.
    """

    def __init__(self, problems: Sequence[Problem], notes: Sequence[str] = ()) -> None:
        count = len(problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'} in the roster; nothing was changed")
        self.problems = tuple(problems)
        self.notes = tuple(notes)
        """What was passed over or taken to mean something, which may explain a problem."""


def unusable(what: str, expected: str) -> RosterProblems:
    """The trouble with a file that can't be read at all."""
    return RosterProblems([Problem("", None, "", "", what, expected)])
