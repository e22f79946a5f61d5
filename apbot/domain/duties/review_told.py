"""Telling parents and governors of a review's outcome, where they had not been told when it was written down."""

from apbot.domain.duties.model import DutyKind, Owner

NAME = "review told"
WITHIN = 5
"""School days."""

KIND = DutyKind(
    name=NAME,
    label="Tell them of the review",
    done="They have been told",
    owner=Owner.KEY_WORKER,
    reminders=(2, 0),
    repeat=3,
    can_be_waived=False,
)
