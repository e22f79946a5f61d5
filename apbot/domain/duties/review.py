"""The review meeting, whose outcome is told to parents and governors: every half term, on dates made at the start."""

from collections.abc import Iterable
from datetime import date

from apbot.domain.duties import blocks
from apbot.domain.duties.model import Ask, DutyKind, Owner, Placed, Question, Window
from apbot.domain.rhythm import REVIEW

OUTCOMES = ("goes on as it is", "goes on, changed", "return to school planned", "ends", "another placement")

NOT_YET = "not yet"
TOLD = ("yes", NOT_YET)


def windows(placed: Placed, day: date) -> Iterable[Window]:
    """The review of this half term (or term), and of the last."""
    return blocks.windows(placed, day, placed.rhythms.every(REVIEW), planned=placed.review_dates)


QUESTIONS = (
    Question("outcome", "Outcome", Ask.CHOICE, OUTCOMES),
    Question("parents", "Told to parents", Ask.CHOICE, TOLD, lead="told to parents: "),
    Question("governors", "Told to governors", Ask.CHOICE, TOLD, lead="told to governors: "),
)

KIND = DutyKind(
    name=REVIEW,
    label="Review meeting",
    done="Log review",
    owner=Owner.KEY_WORKER,
    reminders=(15, 5, 1, 0),
    repeat=3,
    of_placement=windows,
    comes_again=True,
    can_be_booked=True,
    asks_next=True,
    questions=QUESTIONS,
)
