"""What may be said about an expected pupil, after what has been said already.

Nothing said is ever lost: each mark is kept, and the register shows the last one. What is new is recorded; what
contradicts an earlier mark is an amendment and needs a reason (School Attendance (Pupil Registration) (England)
Regulations 2024: an amendment keeps the original entry, the new one, the reason, the time and who made it).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from apbot.domain.marks import Fact, Reason

NUDGE_AFTER = timedelta(minutes=15)
"""How long a register may stay silent before its contacts are nudged."""

ALERT_AFTER = timedelta(minutes=30)
"""The provider tells the school within this time of the session's start (service-level agreements, standard 3d)."""


class EntryState(StrEnum):
    """Whether the pupil is expected in this session."""

    EXPECTED = "expected"
    EXCUSED = "excused"
    """A planned absence that the school knows of; does not escalate."""
    WITHDRAWN = "withdrawn"
    """The roster changed: no longer expected."""


@dataclass(frozen=True)
class Statement:
    """Something said about one pupil. `at` is when they arrived or left, as an instant; None: not said."""

    fact: Fact
    at: datetime | None = None
    reason: Reason | None = None


class Verdict(StrEnum):
    """What to do with a statement."""

    RECORD = "record"
    SAME = "same"
    """It says what is recorded already."""
    AMEND = "amend"
    """It contradicts what is recorded: a reason is needed."""


def judge(before: Statement | None, said: Statement, *, session_over: bool) -> Verdict:
    """Whether `said` is new, known, or a correction of `before`.

    An arrival after "not arrived", a departure after an arrival, and a reason found later are new facts while
    the session runs. Anything that says an earlier mark was wrong is a correction, at any time.
    """
    if before is None:
        return Verdict.RECORD
    if _same(before, said):
        return Verdict.SAME
    if session_over:
        return Verdict.AMEND
    match before.fact, said.fact:
        case ((Fact.NOT_ARRIVED | Fact.NOT_RUNNING | Fact.LEFT_SITE), (Fact.ARRIVED | Fact.LATE)):
            return Verdict.RECORD
        case ((Fact.ARRIVED | Fact.LATE), Fact.LEFT_SITE):
            return Verdict.RECORD
        case (Fact.NOT_ARRIVED, Fact.NOT_ARRIVED) | (Fact.NOT_ARRIVED, Fact.NOT_RUNNING):
            return Verdict.RECORD
        case _:
            return Verdict.AMEND


def _same(before: Statement, said: Statement) -> bool:
    if said.fact is not before.fact:
        return False
    if said.fact is Fact.NOT_ARRIVED:
        return said.reason in (None, before.reason)
    return said.at in (None, before.at)


def settled(said: Statement, before: Statement | None, now: datetime, starts_at: datetime) -> Statement:
    """`said` with the times that go without saying.

    Arrived after it was known that they had not is an arrival at `now`, hence late; so is a late arrival, and a
    departure, without a time. "Late" with a time at or before the start is an arrival.
    """
    fact, at = said.fact, said.at
    if fact is Fact.ARRIVED and before is not None and not before.fact.is_on_site:
        fact, at = Fact.LATE, at or now
    if fact in (Fact.LATE, Fact.LEFT_SITE):
        at = at or now
    if fact is Fact.LATE and at is not None and at <= starts_at:
        fact, at = Fact.ARRIVED, None
    reason = said.reason if fact in (Fact.NOT_ARRIVED, Fact.NOT_RUNNING) else None
    if fact is Fact.NOT_ARRIVED and reason is None:
        reason = before.reason if before is not None and before.fact is Fact.NOT_ARRIVED else Reason.UNKNOWN
    return Statement(fact, at, reason)


def minutes_late(fact: Fact | None, at: datetime | None, starts_at: datetime) -> int:
    """Whole minutes after the session's start for a late arrival, else 0."""
    if fact is not Fact.LATE or at is None:
        return 0
    return max(0, int((at - starts_at).total_seconds() // 60))
