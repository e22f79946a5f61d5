"""The roster as plain records, by reference: what a workbook holds, what is stored, and what the demo makes in code.

`row` is where a record stood in its sheet, for messages about it; it plays no part in comparing records.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from apbot.domain.calendar import Closure, Term
from apbot.domain.escalation import Policy
from apbot.domain.register import ALERT_AFTER
from apbot.domain.rhythm import Rhythms
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern

SCHOOL = "school"
LOCAL_AUTHORITY = "local authority"
ARRANGED_BY = (SCHOOL, LOCAL_AUTHORITY)
"""Who may have arranged a placement: it decides between the codes B and K."""

NO_RHYTHMS = Rhythms()
"""Nobody has said how often anything is due."""

ALERT_MINUTES = int(ALERT_AFTER.total_seconds() // 60)


@dataclass(frozen=True)
class School:
    """A commissioning school. `policy` None: the standard steps of an escalation. `rhythms`: what it has said."""

    ref: str
    name: str
    telephone: str = ""
    initials_in_chat: bool = True
    policy: Policy | None = None
    rhythms: Rhythms = NO_RHYTHMS
    row: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, order=True)
class Post:
    """A role, and the reference of the school or provider where it is held; "" is everywhere, for an admin."""

    organisation: str
    role: Role
    row: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Person:
    """Somebody who uses apbot, with every role they hold. `leaves_on` is the last day with access."""

    ref: str
    name: str
    posts: frozenset[Post] = frozenset()
    email: str = ""
    mobile: str = ""
    starts_on: date | None = None
    leaves_on: date | None = None
    row: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Provider:
    """An alternative provider and when its sessions run. `activity` is its nature, for code B.

    `registered` is whether it is registered as a school; None: nobody has said.
    """

    ref: str
    name: str
    telephone: str = ""
    address: str = ""
    registration: str = ""
    activity: str = ""
    hours: Hours = field(default_factory=Hours)
    registered: bool | None = None
    registration_checked_on: date | None = None
    row: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class ProviderDocument:
    """Something a provider has shown: of this `kind`, and where there are several, `about` whom or what.

    At least one of the dates is known; see `domain.documents.expiry` for how long it holds.
    """

    provider: str
    kind: str
    about: str = ""
    dated_on: date | None = None
    expires_on: date | None = None
    row: int | None = field(default=None, compare=False, repr=False)

    @property
    def ref(self) -> str:
        """What it is known by: "OAK / fire drill", "OAK / first aid / Sam Taylor"."""
        return " / ".join(part for part in (self.provider, self.kind, self.about) if part)


@dataclass(frozen=True)
class Pupil:
    """A pupil of a commissioning school. `ends_on` is the last day on its roll."""

    ref: str
    first_name: str
    last_name: str
    school: str
    upn: str = ""
    year_group: str = ""
    social_worker: bool = False
    ends_on: date | None = None
    ehc_plan: bool = False
    looked_after: bool = False
    row: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Placement:
    """One pupil's place at one provider. Both dates are included; `hours` is only what differs there.

    `rhythms` is only what differs from the school's. From `referred_on` to `meals` stands what is to be in place
    before the start: a date says when it was done. `rest_of_week` is why the pupil's whole week is less than full
    time; "" where it is not.
    """

    ref: str
    pupil: str
    provider: str
    starts_on: date
    pattern: Pattern
    ends_on: date | None = None
    target_end_on: date | None = None
    hours: Hours = field(default_factory=Hours)
    alert_minutes: int = ALERT_MINUTES
    arranged_by: str = SCHOOL
    dual_registered: bool = False
    activity: str = ""
    activity_code: str = "B"
    transport: str = ""
    calls_home: str = ""
    key_worker: str = ""
    rhythms: Rhythms = NO_RHYTHMS
    referred_on: date | None = None
    authorised_by: str = ""
    agreement_on: date | None = None
    aims: str = ""
    risk_shared_on: date | None = None
    dsl_details_on: date | None = None
    review_dates: tuple[date, ...] = ()
    meals: str = ""
    rest_of_week: str = ""
    row: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class PlaceTerm:
    """One half term of a school or a provider."""

    place: str
    term: Term
    row: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class PlaceClosure:
    """One closure of a school or a provider."""

    place: str
    closure: Closure
    row: int | None = field(default=None, compare=False, repr=False)


SHEETS = ("schools", "people", "providers", "placements", "terms", "closures", "documents")
"""The parts of a roster, in the order of the workbook. Pupils stand in the rows of their placements."""


@dataclass(frozen=True)
class Records:
    """A roster, or the parts of one that a file gave.

    `given` names the sheets that were there: of the others nothing is said to be missing, and no calendar is
    replaced. `unsaid` names, by kind, the fields for which the file had no column: of these what is stored stays.
    `notes` is what the reader of the file wants known.
    """

    schools: tuple[School, ...] = ()
    people: tuple[Person, ...] = ()
    providers: tuple[Provider, ...] = ()
    pupils: tuple[Pupil, ...] = ()
    placements: tuple[Placement, ...] = ()
    terms: tuple[PlaceTerm, ...] = ()
    closures: tuple[PlaceClosure, ...] = ()
    documents: tuple[ProviderDocument, ...] = ()
    given: frozenset[str] = field(default=frozenset(SHEETS), compare=False)
    unsaid: Mapping[str, frozenset[str]] = field(default_factory=dict, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)


def school_year(day: date) -> int:
    """The school year that `day` counts to, by the year it begins in.

    It turns on 1 August, not 1 September: some schools begin their autumn term in August, and none ends its
    summer term there.
    """
    return day.year if day.month >= 8 else day.year - 1


def spoken_list(items: Iterable[str], most: int = 20) -> str:
    """ "a, b and 3 more": enough of a long list to recognise it."""
    every = list(items)
    if len(every) <= most:
        return ", ".join(every)
    return f"{', '.join(every[:most])} and {len(every) - most:,} more"
