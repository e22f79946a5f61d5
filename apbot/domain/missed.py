"""A day on which nobody was asked: who is told, and how often, until somebody says that they see to its pupils."""

from datetime import timedelta

from apbot.domain.roles import Role

REPEAT_EVERY = timedelta(minutes=30)
"""The day is over, so nobody is told as often as of a pupil who is missing now; but a child may be."""

AT_ONCE = (Role.ATTENDANCE_CONTACT, Role.DSL, Role.ADMIN)
LATER = (*AT_ONCE, Role.DEPUTY_DSL, Role.HEAD, Role.NAMED_LEAD)


def roles_at(step: int) -> tuple[Role, ...]:
    """Who is told: at once (0), at the first repeat (1), and from the second on everybody who could see to it."""
    return AT_ONCE if step < 2 else LATER
