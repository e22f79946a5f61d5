"""The emergency review that a third incident in a half term opens: within two school days (service agreement)."""

from apbot.domain.duties.model import DutyKind, Owner
from apbot.domain.duties.review import QUESTIONS
from apbot.domain.rhythm import REVIEW

NAME = "emergency review"
WITHIN = 2
"""School days."""

KIND = DutyKind(
    name=NAME,
    label="Emergency review after three incidents",
    done="Log review",
    owner=Owner.KEY_WORKER,
    reminders=(2, 1, 0),
    repeat=1,
    can_be_booked=True,
    asks_next=True,
    next_of=REVIEW,
    ends_with_placement=True,
    is_urgent=True,
    questions=QUESTIONS,
)
