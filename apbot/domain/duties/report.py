"""The provider's report on the pupil: every half term. The provider writes it; the key worker chases it."""

from collections.abc import Iterable
from datetime import date

from apbot.domain.duties import blocks
from apbot.domain.duties.model import Ask, DutyKind, Owner, Placed, Question, Window
from apbot.domain.rhythm import REPORT


def windows(placed: Placed, day: date) -> Iterable[Window]:
    """The report of this half term (or term), and of the last."""
    return blocks.windows(placed, day, placed.rhythms.every(REPORT))


KIND = DutyKind(
    name=REPORT,
    label="Provider's report",
    done="Report is there",
    owner=Owner.PROVIDER,
    escalates_to=Owner.KEY_WORKER,
    reminders=(10, 5, 0),
    repeat=3,
    of_placement=windows,
    comes_again=True,
    questions=(Question("how", "How", Ask.CHOICE, ("email", "on paper", "in the school's system")),),
)
