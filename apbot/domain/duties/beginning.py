"""What is done when a placement begins: the initial assessment by its fifth school day, the induction by its tenth."""

from collections.abc import Callable, Iterator
from datetime import date

from apbot.domain.duties.model import Ask, DutyKind, Owner, Placed, Question, Window
from apbot.domain.duties.schooldays import school_days_after

ASSESSMENT, INDUCTION = "initial assessment", "induction"
MADE_UP_FOR = 20
"""School days for which it can still be done afterwards."""


def _by_school_day(number: int) -> Callable[[Placed, date], Iterator[Window]]:
    def windows(placed: Placed, _: date) -> Iterator[Window]:
        """The one window of a placement: its first school days."""
        due_on = school_days_after(placed.calendar, placed.starts_on, number - 1)
        if due_on is not None and (placed.ends_on is None or due_on <= placed.ends_on):
            lapses_on = school_days_after(placed.calendar, due_on, MADE_UP_FOR)
            yield Window("once", placed.starts_on, due_on, lapses_on)

    return windows


ASSESSMENT_KIND = DutyKind(
    name=ASSESSMENT,
    label="Initial assessment",
    done="Assessment is there",
    owner=Owner.KEY_WORKER,
    reminders=(1, 0),
    repeat=3,
    of_placement=_by_school_day(5),
    can_be_booked=True,
    questions=(Question("how", "What was assessed", Ask.CHOICE, ("learning and needs", "risks", "both")),),
)

INDUCTION_KIND = DutyKind(
    name=INDUCTION,
    label="Induction check",
    done="Induction is done",
    owner=Owner.KEY_WORKER,
    reminders=(1, 0),
    repeat=3,
    of_placement=_by_school_day(10),
    can_be_booked=True,
    questions=(
        Question("settled", "Has the pupil settled in", Ask.CHOICE, ("yes", "mostly", "no"), lead="settled in: "),
    ),
)
