"""The visit to the pupil at the provider, with the pupil's own view: every half term."""

from collections.abc import Iterable
from datetime import date

from apbot.domain.duties import blocks
from apbot.domain.duties.model import Ask, DutyKind, Owner, Placed, Question, Window
from apbot.domain.rhythm import VISIT

WELL = ("good", "mixed", "a worry")


def windows(placed: Placed, day: date) -> Iterable[Window]:
    """The visit of this half term (or term), and of the last."""
    return blocks.windows(placed, day, placed.rhythms.every(VISIT))


KIND = DutyKind(
    name=VISIT,
    label="Visit to the pupil",
    done="Log visit",
    owner=Owner.KEY_WORKER,
    reminders=(15, 10, 5, 2, 0),
    repeat=3,
    of_placement=windows,
    comes_again=True,
    can_be_booked=True,
    asks_next=True,
    questions=(
        Question(
            "seen",
            "Was the pupil seen",
            Ask.CHOICE,
            ("yes, alone", "yes, with staff", "no, absent", "no, refused"),
            lead="seen: ",
        ),
        Question(
            "view", "The pupil's view", Ask.CHOICE, ("happy there", "mostly happy", "unsure", "unhappy", "not given")
        ),
        Question("words", "In their words (no names)", Ask.WORDS, optional=True, most=300, lead="in their words: "),
        Question("wellbeing", "Wellbeing", Ask.CHOICE, WELL, lead="wellbeing "),
        Question("progress", "Progress", Ask.CHOICE, WELL, lead="progress "),
    ),
)
