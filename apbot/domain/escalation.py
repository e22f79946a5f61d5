"""The steps of an escalation: who is told when, until somebody acknowledges and records that the child is safe.

The policy is frozen when the escalation opens; a later change of it changes no open escalation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from apbot.domain.roles import Role

OUTCOME_WITHIN = timedelta(hours=1)
"""An acknowledged escalation without every outcome is reminded after this long."""

REOPENS_AFTER = timedelta(minutes=15)
"""... and after this long without an answer to the reminder it escalates again from the first step."""


class Kind(StrEnum):
    """Why an escalation opened."""

    NOT_ARRIVED = "not arrived"
    LEFT_SITE = "left site"
    NOT_RUNNING = "session not running"


class State(StrEnum):
    """Where an escalation stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    STOOD_DOWN = "stood down"

    @property
    def is_live(self) -> bool:
        """Somebody still has something to do."""
        return self in (State.OPEN, State.ACKNOWLEDGED)


class Outcome(StrEnum):
    """The welfare outcome recorded for one pupil, with the name of who established it."""

    HOME_ILL = "at home ill, confirmed with a parent"
    ARRIVED_SINCE = "arrived since"
    FOUND_SAFE = "found safe"
    IN_SCHOOL = "in school"
    CHECK_ASKED = "welfare check asked of police or social care"
    OTHER = "other"

    @property
    def needs_words(self) -> bool:
        """Whether words must be given with it: where the pupil was found, or what "other" is."""
        return self in (Outcome.FOUND_SAFE, Outcome.OTHER)

    @property
    def settles(self) -> bool:
        """Whether the pupil is known to be safe. A welfare check that has been asked for is still awaited."""
        return self is not Outcome.CHECK_ASKED


@dataclass(frozen=True)
class Step:
    """So many minutes after the alert fell due, these roles are told."""

    after_minutes: int
    roles: tuple[Role, ...]


FIRST = (Role.ATTENDANCE_CONTACT, Role.DSL)


@dataclass(frozen=True)
class Policy:
    """The steps in order, and how often the last is repeated until somebody acknowledges."""

    steps: Sequence[Step]
    every_minutes: int

    @staticmethod
    @lru_cache
    def standard(second: int = 10, third: int = 20, every: int = 15) -> "Policy":
        """Attendance contact and DSL at once; the deputy DSL too at `second` minutes; head or lead at `third`."""
        return Policy(
            (
                Step(0, FIRST),
                Step(second, (*FIRST, Role.DEPUTY_DSL)),
                Step(third, (*FIRST, Role.DEPUTY_DSL, Role.HEAD, Role.NAMED_LEAD)),
            ),
            every,
        )

    def roles_at(self, step: int) -> tuple[Role, ...]:
        """Who is told at `step` (0 is the first); every step past the last is the last again."""
        return self.steps[min(step, len(self.steps) - 1)].roles

    def wait_after(self, step: int) -> timedelta:
        """How long after `step` the next one follows: at least a minute, so that a tick always comes to an end."""
        minutes = self.every_minutes
        if step + 1 < len(self.steps):
            minutes = self.steps[step + 1].after_minutes - self.steps[step].after_minutes
        return timedelta(minutes=max(minutes, 1))

    def to_json(self) -> dict[str, Any]:
        """{"steps": [[0, ["attendance contact", "DSL"]], ...], "every": 15}."""
        return {
            "steps": [[step.after_minutes, [role.value for role in step.roles]] for step in self.steps],
            "every": self.every_minutes,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> "Policy":
        """The policy that `to_json` gave; the standard one for None, and for one that has no steps."""
        if data is None or not data["steps"]:
            return Policy.standard()
        return Policy(
            tuple(Step(minutes, tuple(Role(role) for role in roles)) for minutes, roles in data["steps"]),
            data["every"],
        )


@dataclass(frozen=True)
class Move:
    """What happens now in an escalation that is due: where it goes, who is told, and when it is due next."""

    state: State
    round: int
    step: int
    next_at: datetime
    remind: bool = False
    """Only a reminder that outcomes are missing, to who has acknowledged and the first roles."""


def advance(policy: Policy, state: State, round_: int, step: int, now: datetime, *, reminded: bool) -> Move:
    """The next move of a live escalation whose time has come.

    Open: the next step. Acknowledged without every outcome: a reminder first, then again from the first step,
    in a new round, as if nobody had acknowledged.
    """
    if state is State.OPEN:
        return Move(State.OPEN, round_, step + 1, now + policy.wait_after(step + 1))
    if not reminded:
        return Move(State.ACKNOWLEDGED, round_, step + 1, now + REOPENS_AFTER, remind=True)
    return Move(State.OPEN, round_ + 1, 0, now + policy.wait_after(0))
