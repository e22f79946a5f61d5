"""What is understood to have happened, how far it is certain, and several such things put together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum

from apbot.domain.marks import Fact, Reason
from apbot.domain.replies.model import Unclear


class Slight(StrEnum):
    """Why an outcome weighs little."""

    REMARK = "small talk: gives way to whatever else is said"
    NAME_ONLY = "nothing is said: gives way to what is said about the same pupil by name"
    CHATTER = "words we do not know, about somebody and not about being here"
    SAME = "the same as what was said just before"
    OPPOSITE = "the opposite of what was said just before"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a clause says about its subjects."""

    fact: Fact | None = None
    at: time | None = None
    reason: Reason | None = None
    unclear: Unclear | None = None
    slight: Slight | None = None
    implied: bool = False  # not arrived, only because of a reason or of 'out': 'Jay ill' may be ill on site

    @property
    def is_certain(self) -> bool:
        """Fit to be recorded."""
        return self.fact is not None and self.unclear is None

    @property
    def is_on_site(self) -> bool:
        """It says, or seems to say, that a pupil is there."""
        return self.fact is not None and self.fact.is_on_site

    @property
    def is_remark(self) -> bool:
        """It says nothing about being here."""
        return self.slight is Slight.REMARK

    @property
    def is_bare(self) -> bool:
        """It says nothing at all."""
        return self.slight is Slight.NAME_ONLY

    def asked(self, unclear: Unclear = Unclear.WHAT_HAPPENED) -> "Outcome":
        """The same, to be asked about instead of recorded."""
        return replace(self, unclear=unclear)


HERE = Outcome(Fact.ARRIVED)
LATE = Outcome(Fact.LATE)
ABSENT = Outcome(Fact.NOT_ARRIVED)
UNCLEAR = Outcome(unclear=Unclear.WHAT_HAPPENED)
REMARK = replace(UNCLEAR, slight=Slight.REMARK)
BARE = replace(UNCLEAR, slight=Slight.NAME_ONLY)


def opposite(outcome: Outcome) -> Outcome:
    """What is true of those excepted."""
    other = HERE if outcome.fact is Fact.NOT_ARRIVED else ABSENT
    known = outcome.is_certain and (outcome.is_on_site or outcome.fact is Fact.NOT_ARRIVED)
    return other if known else other.asked()


def merged(outcomes: Sequence[Outcome]) -> Outcome:
    """Several things said about one pupil, as one."""
    solid = [outcome for outcome in outcomes if not outcome.is_remark] or list(outcomes)
    certain = [outcome for outcome in solid if outcome.is_certain]
    doubts = [outcome for outcome in solid if not outcome.is_certain and not outcome.is_bare]
    if not certain:
        return next((doubt for doubt in doubts if doubt.fact), doubts[0] if doubts else solid[0])
    result = certain[0]
    for outcome in certain[1:]:
        result = _together(result, outcome)
        if result.unclear:
            return result
    for doubt in doubts:
        result = _despite(result, doubt)
    return result


def _together(first: Outcome, then: Outcome) -> Outcome:
    """Two certain things about one pupil, in the order they were said."""
    facts = {first.fact, then.fact}
    if facts == {Fact.ARRIVED, Fact.LATE}:
        return replace(LATE, at=first.at or then.at)
    if first.is_on_site and then.fact is Fact.LEFT_SITE:
        return then
    if Fact.LEFT_SITE in facts and (first.implied or then.implied):
        return first if then.implied else then  # 'ill, gone home'
    if len(facts) > 1:
        return Outcome(unclear=Unclear.CONTRADICTION)
    if first.at and then.at and first.at != then.at:
        return Outcome(first.fact, unclear=Unclear.WHAT_TIME)
    reasons = {outcome.reason for outcome in (first, then) if outcome.reason}
    reason = reasons.pop() if len(reasons) == 1 else None
    return replace(first, at=first.at or then.at, reason=reason, implied=first.implied and then.implied)


def _despite(certain: Outcome, doubt: Outcome) -> Outcome:
    """A certain thing about a pupil beside one that is not."""
    if certain.is_on_site:
        when_only = doubt.unclear is Unclear.WHAT_TIME and doubt.fact is Fact.LATE
        return replace(LATE, at=certain.at) if when_only and certain.is_certain else certain.asked()
    if doubt.fact is certain.fact and not certain.reason:
        return replace(certain, reason=doubt.reason)
    return certain if doubt.fact in (None, certain.fact) else certain.asked()
