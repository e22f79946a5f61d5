"""The target end date: always set, and spoken of four weeks and one week before it, and once it has passed."""

from collections.abc import Iterator
from datetime import date, timedelta

from apbot.domain.duties.model import Ask, DutyKind, Owner, Placed, Question, State, Window
from apbot.domain.duties.schooldays import due_by, school_days_after

NAME = "target end date"
OPENS = timedelta(days=28)
TO_SET = 5
"""School days from the start within which it is set, where there is none."""


def windows(placed: Placed, _: date) -> Iterator[Window]:
    """Until the placement's end is known: the date that comes near or has passed, or that there is none.

    The weeks before a date in the holidays are counted from the last school day before them: after it nobody is asked.
    """
    if placed.ends_on is not None:
        return
    if placed.target_end_on is None:
        due_on = school_days_after(placed.calendar, placed.starts_on, TO_SET)
        if due_on is not None:
            yield Window("none", placed.starts_on, due_on)
        return
    due_on = due_by(placed.calendar, placed.target_end_on)
    yield Window(placed.target_end_on.isoformat(), due_on - OPENS, due_on)


KIND = DutyKind(
    name=NAME,
    label="Target end date",
    done="Set the date",
    owner=Owner.KEY_WORKER,
    reminders=(28, 7, 0),
    in_calendar_days=True,
    repeat=5,
    of_placement=windows,
    can_be_waived=False,
    vanishing=State.DONE,
    questions=(
        Question("target", "Target end date", Ask.DATE),
        Question(
            "why", "Why", Ask.CHOICE, ("first date", "aims not reached yet", "return planned", "other place found")
        ),
    ),
)
