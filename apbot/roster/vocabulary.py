"""The field's words as people write them: roles, year groups, codes, and who arranged a placement."""

import re
from collections.abc import Callable

from apbot.domain.calendar import ALL_DAY
from apbot.domain.codes import PROVIDER_ACTIVITIES
from apbot.domain.rhythm import CHOICES, Every
from apbot.domain.roles import Role
from apbot.roster.cells import NOTHING, one_of, optional_text, plain, text, words, yes_no
from apbot.roster.problems import Unreadable
from apbot.roster.records import LOCAL_AUTHORITY, SCHOOL

_ROLES = {
    Role.NAMED_CONTACT: ("contact", "main contact", "lead contact", "provider contact", "provider manager", "manager"),
    Role.DEPUTY_CONTACT: ("deputy named contact", "second contact", "deputy manager", "backup contact"),
    Role.PROVIDER_STAFF: ("staff", "provider", "tutor", "instructor", "provider tutor", "staff member"),
    Role.ATTENDANCE_CONTACT: (
        "attendance",
        "attendance officer",
        "attendance lead",
        "attendance manager",
        "attendance administrator",
        "attendance admin",
        "attendance clerk",
        "attendance and welfare officer",
        "education welfare officer",
        "ewo",
    ),
    Role.DSL: (
        "designated safeguarding lead",
        "safeguarding lead",
        "designated lead",
        "designated safeguarding officer",
        "dso",
        "lead dsl",
    ),
    Role.DEPUTY_DSL: (
        "ddsl",
        "dep dsl",
        "deputy designated safeguarding lead",
        "deputy safeguarding lead",
        "dsl deputy",
        "assistant dsl",
    ),
    Role.KEY_WORKER: ("keyworker", "key person", "link worker"),
    Role.SENCO: ("sendco", "senco lead", "sen coordinator", "senior sendco", "special educational needs coordinator"),
    Role.HEAD: (
        "headteacher",
        "head teacher",
        "principal",
        "executive head",
        "executive headteacher",
        "head of school",
    ),
    Role.NAMED_LEAD: (
        "lead",
        "ap lead",
        "alternative provision lead",
        "inclusion lead",
        "partnership coordinator",
        "la coordinator",
        "local authority coordinator",
    ),
    Role.GOVERNOR: ("school governor", "chair of governors", "link governor", "safeguarding governor"),
    Role.ADMIN: ("administrator", "apbot admin", "system admin", "system administrator"),
}
_ROLE_BY_WORDS = {role.value.casefold(): role for role in Role} | {
    said: role for role, every in _ROLES.items() for said in every
}
LONGEST_ROLES = 300
_EXPLAINED = re.compile(r"\s*\(([^)]*)\)")


def roles(value: object) -> frozenset[Role]:
    """One or more roles: "DSL; head teacher". "none" and the like is no role. Raises `Unreadable`."""
    if isinstance(value, str):
        value = value.replace("\n", ";")
    said = words(value)
    if said in NOTHING:
        return frozenset()
    if len(said) > LONGEST_ROLES:
        raise Unreadable(f"is {len(said):,} characters long", "write the roles alone, with ; between them")
    found: set[Role] = set()
    for part in re.split(r"[;,/|+]", said.replace("&", " and ")):
        found |= _roles_in(part.strip(" .-"))
    return frozenset(found)


def _roles_in(said: str) -> set[Role]:
    """The roles in words that may hold an "and" themselves: "attendance and welfare officer and DSL"."""
    said = " ".join(re.sub(r"[-.]", " ", said).split())
    if said in NOTHING:
        return set()
    pieces = said.split(" and ")
    for end in range(len(pieces), 0, -1):
        role = _role(" and ".join(pieces[:end]))
        if role is not None:
            return {role} | _roles_in(" and ".join(pieces[end:]))
    raise Unreadable(
        f"holds no role that is known: '{said}'", f"write one or more of {', '.join(Role)}, with ; between them"
    )


def _role(said: str) -> Role | None:
    spellings = (said, _EXPLAINED.sub("", said), *_EXPLAINED.findall(said))
    return next((_ROLE_BY_WORDS[spelling] for spelling in spellings if spelling in _ROLE_BY_WORDS), None)


def spell_roles(held: frozenset[Role]) -> str:
    """The cell that `roles` reads as these, the weightiest first."""
    return "; ".join(role.value for role in Role if role in held)


arranged_by = one_of(
    {
        **dict.fromkeys(("school", "the school", "commissioning school", "home school", "academy", "s"), SCHOOL),
        **dict.fromkeys(
            ("local authority", "the local authority", "la", "lea", "council", "county", "the council", "la arranged"),
            LOCAL_AUTHORITY,
        ),
    },
    f"write {SCHOOL} or {LOCAL_AUTHORITY}",
)

sessions = one_of(
    {
        **dict.fromkeys(
            (ALL_DAY, "allday", "all", "full day", "whole day", "day", "both", "am+pm", "am & pm", "am/pm"), ALL_DAY
        ),
        **dict.fromkeys(("am", "a.m", "morning", "am only"), "am"),
        **dict.fromkeys(("pm", "p.m", "afternoon", "pm only"), "pm"),
    },
    "write all day, am or pm",
)

first_week = one_of(
    {
        **dict.fromkeys(("a", "week a", "wk a", "a week"), "A"),
        **dict.fromkeys(("b", "week b", "wk b", "b week"), "B"),
        **dict.fromkeys(NOTHING, ""),
    },
    "write A or B, or leave it blank",
)


_EVERY = {
    Every.WEEK: ("weekly", "every week", "each week", "school week", "every school week", "once a week", "1 week"),
    Every.FORTNIGHT: (
        *("fortnightly", "every fortnight", "two weeks", "2 weeks", "every two weeks", "every 2 weeks", "biweekly"),
        *("two weekly", "2 weekly", "every other week"),
    ),
    Every.HALF_TERM: (
        *("half termly", "halftermly", "halfterm", "half-term", "half-termly", "every half term", "every half-term"),
        *("each half term", "once a half term", "twice a term", "two times a term"),
    ),
    Every.TERM: ("termly", "every term", "each term", "once a term", "full term", "whole term"),
    Every.NEVER: ("none", "no", "nil", "not needed", "not required", "no report"),
}
_EVERY_BY_WORDS = {said: every for every, others in _EVERY.items() for said in (every.value, *others)}
_NOT_SAID = NOTHING - {"none", "nil"}


def every(what: str) -> Callable[[object], Every | None]:
    """A reader of how often `what` ("visit") is due; None where the cell says nothing."""
    choices = CHOICES[what]
    right = f"write {' or '.join(choices)}; blank means {choices[0].value}"

    def read(value: object) -> Every | None:
        said = words(value).rstrip(".")
        if said in _NOT_SAID:
            return None
        found = _EVERY_BY_WORDS.get(said)
        if found is None:
            raise Unreadable("is not understood", right)
        if found not in choices:
            raise Unreadable(f"is not how often a {what} can be due", right)
        return found

    return read


def registered(value: object) -> bool | None:
    """Whether a provider is registered as a school; None where nobody knows. Raises `Unreadable`."""
    if words(value).rstrip(".") in NOTHING - {"none", "nil"}:
        return None
    try:
        return yes_no(value)
    except Unreadable as trouble:
        raise Unreadable(trouble.wrong, "write yes or no, and how it is registered under Registration") from None


_NO_MEALS = frozenset({"n/a", "na", "n.a.", "none", "nil", "no", "not needed", "not entitled", "not eligible"})
NO_MEALS = "not needed"


def meals(value: object) -> str:
    """How meals are arranged. "None" is an answer, which the start gate takes; "tbc" is not. Raises `Unreadable`."""
    found = text(120)(value)
    said = found.casefold()
    return NO_MEALS if said in _NO_MEALS else "" if said in NOTHING else found


def activity_code(value: object) -> str:
    """B, P, W or V, also as "W - work experience"; K and D for the row's other columns to agree with.

    Raises `Unreadable`.
    """
    found = plain(value).upper()
    if found.casefold() in NOTHING:
        return "B"
    code = re.match(r"(?:CODE )?([A-Z])(?:$|[\s\-–:(])", found)
    if code and code[1] in (*PROVIDER_ACTIVITIES, "K", "D"):
        return code[1]
    raise Unreadable(
        "is not a code for an off-site activity",
        "write B (educational activity), P (sport), W (work experience) or V (visit)",
    )


def year_group(value: object) -> str:
    """The year group as a bare number, "R" for reception, or the school's own word, at most 10 characters."""
    found = optional_text(30)(value)
    if match := re.fullmatch(r"(?:year|yr|y)?\.? ?(\d{1,2})", found, re.IGNORECASE):
        return str(int(match[1]))
    if found.casefold() in ("r", "reception", "year r"):
        return "R"
    if len(found) > 10:
        raise Unreadable("is not a year group", "write 7, 8, 9, 10 or 11")
    return found


UPN_SHAPE = re.compile(r"[A-Z]\d{11}[A-Z0-9]")


def upn(value: object) -> str:
    """A unique pupil number in capitals without spaces."""
    found = optional_text(40)(value).upper().replace(" ", "")
    if len(found) > 20:
        raise Unreadable("is too long for a UPN", "a UPN is a letter and 12 digits")
    return found
