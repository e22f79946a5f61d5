"""Attendance over a number of sessions: how many were attended of those that could have been."""

from collections.abc import Iterable
from dataclasses import dataclass

from apbot.domain.codes import NOT_COUNTED, PRESENT


@dataclass(frozen=True)
class Attendance:
    """Sessions attended, of the sessions that count. A session without a code yet is in neither."""

    present: int
    possible: int

    @property
    def percent(self) -> float | None:
        """Per cent of the sessions that count, to one place; None where none does."""
        return None if not self.possible else round(100 * self.present / self.possible, 1)


def attendance(codes: Iterable[str | None]) -> Attendance:
    """The attendance that these codes give, None being a session without one."""
    counted = [code for code in codes if code is not None and code not in NOT_COUNTED]
    return Attendance(sum(code in PRESENT for code in counted), len(counted))


def symbol(code: str | None) -> str:
    """A sign for how a code counts, to be shown with the code itself, never alone."""
    if code is None:
        return "·"
    if code in NOT_COUNTED:
        return "–"
    return "✓" if code in PRESENT else "✗"


def counts_in_words(code: str | None) -> str:
    """What `symbol` shows, for who hears it read out."""
    if code is None:
        return "no code yet"
    if code in NOT_COUNTED:
        return "not counted"
    return "present" if code in PRESENT else "absent"
