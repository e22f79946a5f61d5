"""What must be in place before a placement starts, and is not: spoken of until it is."""

from collections.abc import Iterator
from datetime import date

from apbot.domain.duties.model import DutyKind, Owner, Placed, State, Window
from apbot.domain.duties.schooldays import DAY, due_by

NAME = "before the start"
OPENS = DAY * 14


def windows(placed: Placed, _: date) -> Iterator[Window]:
    """From two weeks before the start, or before the last school day before it, for as long as something is missing:
    what is missing for a start in September is asked for in July."""
    if placed.has_gap_at_start:
        due_on = due_by(placed.calendar, placed.starts_on - DAY)
        yield Window("once", due_on - OPENS, due_on)


KIND = DutyKind(
    name=NAME,
    label="Missing before the start",
    done="",
    owner=Owner.KEY_WORKER,
    reminders=(10, 5, 2, 1, 0),
    repeat=2,
    of_placement=windows,
    can_be_waived=False,
    vanishing=State.DONE,
    is_answered=False,
)
