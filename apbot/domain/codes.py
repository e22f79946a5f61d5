"""The register code to suggest for a fact, and why. The school alone decides.

Codes and their meaning: Working together to improve school attendance (statutory guidance, August 2024) and the
School Attendance (Pupil Registration) (England) Regulations 2024.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from apbot.domain.escalation import Outcome
from apbot.domain.marks import Fact, Reason, Session
from apbot.domain.register import EntryState

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

AUTHORISED = frozenset({"C", "C1", "C2", "I", "M", "J1", "S", "R", "T", "E"})
"""Authorised absence."""

UNAUTHORISED = frozenset({"N", "O", "G", "U"})
"""Unauthorised absence; N until its reason is established."""

UNABLE = frozenset({"Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"})
"""Unable to attend. Taken as not counted; that is not from a primary source, so it is not told to a user as law."""

NOT_COUNTED = UNABLE | {"D", "X", "Z", "#"}
"""Are left out of the sessions that could have been attended."""

PLANNED = ("M", "I", "J1", "S", "R", "T", "E", "C", "C1", "C2")
"""May be given to an absence that is known beforehand."""

PROVIDER_ACTIVITIES = ("B", "P", "W", "V")
"""What an off-site placement arranged by the school may be recorded as."""

NO_REASON = "N"
"""The code that does not stand: its reason has to be established."""

_ABSENT = ("I", "M", "J1", "S", "R", "T", "E", "C", "C1", "C2", NO_REASON, "O", "G", "U")
_UNABLE = ("Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7")
_AT_THE_SCHOOL = {Session.AM: "/", Session.PM: "\\"}


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


_REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.UNKNOWN: (NO_REASON, "did not arrive; the reason is not established"),
    Reason.ILL: ("I", "the provider was told the pupil is ill; confirm with the parent"),
    Reason.MEDICAL: ("M", "the provider was told of a medical or dental appointment; confirm it"),
    Reason.TRANSPORT: ("Y1", "transport did not come; Y1 if the school or the local authority was to provide it"),
    Reason.TRAVEL: ("Y2", "travel was disrupted; confirm it"),
    Reason.REFUSED: (NO_REASON, "refused to come; establish why"),
    Reason.IN_SCHOOL: (NO_REASON, "said to be in school; check the school's own register"),
    Reason.INTERVIEW: ("J1", "the provider was told of an interview; confirm it"),
    Reason.FAMILY: (NO_REASON, "a family reason; only the school can grant leave"),
    Reason.HOLIDAY: (NO_REASON, "said to be on holiday; only the school knows whether it was granted"),
    Reason.RELIGIOUS: ("R", "the provider was told of religious observance; confirm it"),
    Reason.OTHER: (NO_REASON, "did not arrive, for a reason that is not on the list; establish it"),
}

_ESTABLISHED: Mapping[Outcome, tuple[str, str]] = {
    Outcome.HOME_ILL: ("I", "the welfare outcome: at home ill, confirmed with a parent"),
    Outcome.IN_SCHOOL: (NO_REASON, "the welfare outcome: in school; its own register shows the mark to give"),
}


def suggest(
    fact: Fact | None, reason: Reason | None, arrangement: Arrangement, outcome: Outcome | None = None
) -> Suggestion:
    """The code for what the provider said; `fact` None is a register that nobody returned.

    `outcome` is the welfare outcome that the school has recorded since: where it explains the absence it weighs
    more than what the provider was told.
    """
    if arrangement.dual_registered:
        return Suggestion("D", "dual registered: the other school records this session's attendance")
    if fact is Fact.NOT_RUNNING:
        return Suggestion("Y4", "the provider's session did not run")
    if fact in (None, Fact.NOT_ARRIVED):
        if outcome is Outcome.ARRIVED_SINCE:
            there = _attended(Fact.ARRIVED, arrangement)
            return Suggestion(there.code, f"{there.why}; arrived since, as the school established")
        if outcome is not None and outcome in _ESTABLISHED:
            return Suggestion(*_ESTABLISHED[outcome])
        if fact is None:
            return Suggestion(NO_REASON, "nobody has said whether the pupil arrived")
        return Suggestion(*_REASONS[reason or Reason.UNKNOWN])
    return _attended(fact, arrangement)


def planned(code: str) -> Suggestion:
    """The code of an absence that the school has planned."""
    return Suggestion(code, f"planned by the school: {MEANINGS[code]}")


def _attended(fact: Fact | None, arrangement: Arrangement) -> Suggestion:
    left = "; left site during the session, so decide" if fact is Fact.LEFT_SITE else ""
    if arrangement.by_local_authority:
        return Suggestion("K", f"attended provision that the local authority arranged{left}")
    if arrangement.activity_code != "B":
        return Suggestion(arrangement.activity_code, f"attended: {MEANINGS[arrangement.activity_code]}{left}")
    nature = arrangement.activity or "the nature of the activity must be recorded"
    return Suggestion("B", f"attended off site: {nature}{left}")


def lacks_nature(code: str, arrangement: Arrangement) -> bool:
    """Whether `code` is B and nobody has said what the activity is.

    B stands only with the nature of the activity beside it (School Attendance (Pupil Registration) (England)
    Regulations 2024); until it is given the session can't be confirmed.
    """
    return code == "B" and not arrangement.activity


def needs_deciding(state: EntryState, fact: Fact | None, code: str, arrangement: Arrangement) -> bool:
    """Whether the suggested `code` must be looked at one by one.

    Only two things go without a look: the pupil was expected and attended, and what is needed beside the code is
    known; or the pupil was absent as the school itself had planned.
    """
    if state is EntryState.EXCUSED and fact in (None, Fact.NOT_ARRIVED):
        return code not in PLANNED or code == "C2" or arrangement.dual_registered
    if state is EntryState.EXCUSED or fact is None or not fact.is_on_site:
        return True
    return code not in ("K", "D", *PROVIDER_ACTIVITIES) or lacks_nature(code, arrangement)


def codes_offered(arrangement: Arrangement, session: Session) -> tuple[str, ...]:
    """The codes the school may give to a session at a placement, the likeliest first.

    K is for what the local authority arranged, B, P, W and V for what the school did; D only for a pupil who is
    registered at the other school too. Z and # come from the roll and the calendar. The marks of the school's own
    register are for a pupil who was there instead.
    """
    attended = ("K",) if arrangement.by_local_authority else PROVIDER_ACTIVITIES
    dual = ("D",) if arrangement.dual_registered else ()
    return (*dual, *attended, *_ABSENT, *_UNABLE, _AT_THE_SCHOOL[session], "L", "X")


def why_not(code: str, arrangement: Arrangement) -> str:
    """Why `code` is not among those offered, and what would be right."""
    if code == "K":
        return "K is for provision that the local authority arranged. If it did, correct the placement on the roster."
    if code in PROVIDER_ACTIVITIES and arrangement.by_local_authority:
        return f"The local authority arranged this placement: that is K, not {code}."
    if code == "D":
        return "D is for a pupil who is dual registered. If the provider is a school, correct the placement first."
    return "Choose one of the codes that are offered."


def cautions(code: str, fact: Fact | None, state: EntryState) -> tuple[str, ...]:
    """What to think of before `code` is given to a session on a placement's pattern. They forbid nothing."""
    found = []
    if code == "C2":
        found.append(
            "C2 is for an agreed part-time timetable. Time at a provider that makes a full-time week up is not C2."
        )
    if code in _AT_THE_SCHOOL.values() or code == "L":
        found.append(f"{code} is for the school itself. At a provider, lateness stands beside B or K.")
    came = fact is not None and fact.is_on_site
    if code in ("K", *PROVIDER_ACTIVITIES) and not came and fact is not Fact.LEFT_SITE:
        found.append("The provider has not said that the pupil attended.")
    if came and code in (AUTHORISED | UNABLE | UNAUTHORISED) - {"U"}:
        found.append("The provider said that the pupil attended.")
    if state is EntryState.EXCUSED and came:
        found.append("The school had planned this absence.")
    return tuple(found)


def counts_as(code: str) -> str:
    """How a code counts, for the legend of an export."""
    if code in PRESENT:
        return "present, or an approved activity"
    if code in AUTHORISED:
        return "authorised absence"
    if code in UNAUTHORISED:
        return "unauthorised absence"
    return "left to the school's MIS" if code in UNABLE else "not counted"
