"""A safeguarding concern: who is asked to telephone, and how often, until somebody says that they are doing it."""

from datetime import timedelta

from apbot.domain.roles import Role

REPEAT_EVERY = timedelta(minutes=10)
"""How long a concern may stay without an answer before everybody is asked again."""

AT_ONCE = (Role.DSL, Role.DEPUTY_DSL)
LATER = (*AT_ONCE, Role.HEAD, Role.NAMED_LEAD)


def roles_at(step: int) -> tuple[Role, ...]:
    """Who is asked: at once (0), at the first repeat (1), and from the second on the head and the named lead too."""
    return AT_ONCE if step < 2 else LATER
