"""What somebody must answer: who is told of it, and how often, until somebody does."""

from dataclasses import dataclass
from datetime import timedelta

from apbot.domain.roles import Role


@dataclass(frozen=True)
class Calling:
    """Those of `at_once` are told first; from the repeat numbered `widens_at` on, those of `later`."""

    at_once: tuple[Role, ...]
    later: tuple[Role, ...]
    widens_at: int = 2
    repeat_every: timedelta = timedelta(minutes=10)
    """How long it may stay without an answer before everybody is told again."""

    def roles_at(self, step: int) -> tuple[Role, ...]:
        """Who is told: at once (0), or at the repeat of that number."""
        return self.at_once if step < self.widens_at else self.later
