"""What is asked when a placement ends: the final report, where the pupil goes, and the pupil's own view."""

from collections.abc import Iterator
from datetime import date, timedelta

from apbot.domain.duties.model import Ask, DutyKind, Owner, Placed, Question, Window
from apbot.domain.duties.schooldays import school_days_after

NAME = "end of placement"
OPENS = timedelta(days=7)
WITHIN = 5
"""School days after the last day."""
MADE_UP_FOR = timedelta(days=120)

DESTINATIONS = (
    "back to the school",
    "another provider",
    "another school",
    "college or training",
    "work",
    "not known yet",
)


def windows(placed: Placed, _: date) -> Iterator[Window]:
    """Around the placement's last day."""
    if placed.ends_on is not None and not placed.has_ended_well:
        due_on = school_days_after(placed.calendar, placed.ends_on, WITHIN) or placed.ends_on + OPENS
        yield Window("once", placed.ends_on - OPENS, due_on, placed.ends_on + MADE_UP_FOR)


KIND = DutyKind(
    name=NAME,
    label="End of placement",
    done="Close the placement",
    owner=Owner.KEY_WORKER,
    reminders=(5, 2, 0),
    repeat=5,
    of_placement=windows,
    can_be_waived=False,
    questions=(
        Question("report", "Final report", Ask.CHOICE, ("received", "asked for"), lead="final report "),
        Question("destination", "Where the pupil goes", Ask.CHOICE, DESTINATIONS),
        Question(
            "view", "The pupil's own view", Ask.CHOICE, ("good", "mixed", "bad", "not given"), lead="the pupil's view: "
        ),
        Question("words", "In their words (no names)", Ask.WORDS, optional=True, most=300, lead="in their words: "),
    ),
)
