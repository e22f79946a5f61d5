"""The register code to suggest for a fact, and why. The school alone decides.

Codes and their meaning: Working together to improve school attendance (statutory guidance, August 2024) and the
School Attendance (Pupil Registration) (England) Regulations 2024.
"""

from dataclasses import dataclass

from apbot.domain.marks import Fact, Reason

MEANINGS = {
    "/": "present in the morning, at the school",
    "\\": "present in the afternoon, at the school",
    "L": "late, at the school, before the register closed",
    "K": "attending provision arranged by the local authority",
    "B": "attending another approved educational activity off site",
    "P": "sporting activity",
    "W": "work experience",
    "V": "educational visit",
    "D": "dual registered, at the other school",
    "C": "leave for an exceptional circumstance",
    "C1": "leave for a regulated performance or employment abroad",
    "C2": "leave under an agreed part-time timetable",
    "I": "illness",
    "M": "medical or dental appointment",
    "J1": "interview for employment or education",
    "S": "study leave",
    "R": "religious observance",
    "T": "parent travelling for work",
    "E": "suspended or excluded, no provision made",
    "N": "reason not yet established",
    "O": "absent without authorisation",
    "G": "holiday not granted by the school",
    "U": "arrived after the register closed",
    "Q": "unable to attend: no access arrangements",
    "Y1": "unable to attend: transport not provided",
    "Y2": "unable to attend: travel disrupted",
    "Y3": "unable to attend: part of the premises closed",
    "Y4": "unable to attend: the whole site closed unexpectedly",
    "Y5": "unable to attend: in criminal detention",
    "Y6": "unable to attend: public health",
    "Y7": "unable to attend: another unavoidable cause",
    "X": "not of compulsory school age and not required",
    "Z": "not yet on the roll",
    "#": "planned closure",
}
"""Every code in use in England from August 2024."""

PRESENT = frozenset("/\\LKBPWV")
"""Count as present or as attending an approved activity."""

NOT_COUNTED = frozenset({"D", "X", "Z", "#", "Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"})
"""Are left out of the sessions that could have been attended."""

PLANNED = ("M", "I", "J1", "S", "R", "T", "E", "C", "C1", "C2")
"""May be given to an absence that is known beforehand."""

PROVIDER_ACTIVITIES = ("B", "P", "W", "V")
"""What an off-site placement arranged by the school may be recorded as."""


@dataclass(frozen=True)
class Arrangement:
    """What of a placement decides its codes."""

    by_local_authority: bool = False
    dual_registered: bool = False
    activity_code: str = "B"
    activity: str = ""
    """The nature of the activity, which must be recorded beside B."""


@dataclass(frozen=True)
class Suggestion:
    """A code, and the reason for it in a few words."""

    code: str
    why: str


_REASONS = {
    Reason.ILL: ("I", "the provider was told the pupil is ill; confirm with the parent"),
    Reason.MEDICAL: ("M", "the provider was told of a medical or dental appointment; confirm it"),
    Reason.TRANSPORT: ("Y1", "transport that should be provided did not come"),
    Reason.TRAVEL: ("Y2", "travel was disrupted"),
    Reason.INTERVIEW: ("J1", "the provider was told of an interview; confirm it"),
    Reason.RELIGIOUS: ("R", "the provider was told of religious observance; confirm it"),
}


def suggest(fact: Fact | None, reason: Reason | None, arrangement: Arrangement) -> Suggestion:
    """The code for what the provider said; `fact` None is a register that nobody returned."""
    if arrangement.dual_registered:
        return Suggestion("D", "dual registered: the other school records this session's attendance")
    if fact is None:
        return Suggestion("N", "nobody has said whether the pupil arrived")
    if fact is Fact.NOT_RUNNING:
        return Suggestion("Y4", "the provider's session did not run")
    if fact is Fact.NOT_ARRIVED:
        code, why = _REASONS.get(reason or Reason.UNKNOWN, ("N", "did not arrive; the reason is not established"))
        return Suggestion(code, why)
    return _attended(fact, arrangement)


def planned(code: str) -> Suggestion:
    """The code of an absence that the school has planned."""
    return Suggestion(code, f"planned by the school: {MEANINGS[code]}")


def _attended(fact: Fact, arrangement: Arrangement) -> Suggestion:
    left = "; left site during the session, so decide" if fact is Fact.LEFT_SITE else ""
    if arrangement.by_local_authority:
        return Suggestion("K", f"attended provision that the local authority arranged{left}")
    if arrangement.activity_code != "B":
        return Suggestion(arrangement.activity_code, f"attended: {MEANINGS[arrangement.activity_code]}{left}")
    nature = arrangement.activity or "the nature of the activity must be recorded"
    return Suggestion("B", f"attended off site: {nature}{left}")
