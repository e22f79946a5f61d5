"""What goes into reading a reply, and what comes out: nothing of the text itself ever does."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from apbot.domain.marks import Fact, Reason


@dataclass(frozen=True)
class Expected:
    """One pupil on the register that the reply answers."""

    reference: str
    first_name: str
    last_name: str = ""
    fact: Fact | None = None  # what is already marked; None while nobody has said anything


@dataclass(frozen=True)
class Said:
    """One certain statement about one pupil, fit to be recorded as it stands."""

    reference: str
    fact: Fact
    at: time | None = None  # local wall time: of the arrival with LATE, of the leaving with LEFT_SITE
    reason: Reason | None = None  # only with NOT_ARRIVED, and only when one was given


class Unclear(StrEnum):
    """Why something has to be asked back instead of recorded."""

    WHICH_PUPIL = "which pupil"
    WHO_IS_THAT = "who is that"
    WHAT_HAPPENED = "what happened"
    WHAT_TIME = "what time"
    CONTRADICTION = "contradiction"
    WHO_ELSE = "who else"


@dataclass(frozen=True)
class Question:
    """What must be asked back, and what was understood so far.

    With WHICH_PUPIL, WHO_IS_THAT and WHO_ELSE the answer is to be picked from the candidates; with
    WHAT_HAPPENED, WHAT_TIME and CONTRADICTION the same thing is unclear about every one of them.
    The fact is what the reply seems to say, so that one tap can confirm it; with WHO_ELSE it is what is
    true of the pupils nobody named.
    """

    unclear: Unclear
    candidates: tuple[str, ...] = ()
    fact: Fact | None = None
    at: time | None = None
    reason: Reason | None = None


class Kind(StrEnum):
    """What the reply is, as a whole."""

    MARKS = "marks"
    CONCERN = "concern"
    QUESTION = "question"
    THANKS = "thanks"
    NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True)
class Reading:
    """All that was understood of one reply. No pupil is both in `said` and in a question."""

    kind: Kind
    said: tuple[Said, ...] = ()
    questions: tuple[Question, ...] = ()
    concern: bool = False  # the words could be a safeguarding concern; may be true beside any kind
