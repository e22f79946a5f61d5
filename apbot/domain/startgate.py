"""What must be in place before a placement starts, and what of it is missing.

Sources: the quality checklist of a pupil referral unit, a city's guide with its sample agreement, a county's one-minute
guide for commissioning schools, a partnership's key steps. They ask for it in different words; this is all of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from apbot.domain.documents import ASKED_OF_ALL, expiry
from apbot.domain.walltime import spoken_date

NEAR = 14
"""In days: so long before a start, and after it, each placement is spoken of for itself."""


@dataclass(frozen=True)
class Shown:
    """A document that the provider has shown; see `domain.documents`."""

    kind: str
    dated_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True)
class Facts:
    """A placement as the roster has it, and what is known of its provider. A date says when something was done."""

    placement_id: int
    pupil: str
    """The pupil's reference."""
    school_id: int
    provider: str
    """The provider's name."""
    starts_on: date
    agreement_on: date | None = None
    authorised_by: str = ""
    aims: str = ""
    target_end_on: date | None = None
    review_dates: Sequence[date] = ()
    registered: bool | None = None
    registration_checked_on: date | None = None
    documents: Sequence[Shown] = ()
    risk_shared_on: date | None = None
    has_key_worker: bool = False
    dsl_details_on: date | None = None
    meals: str = ""
    transport: str = ""


@dataclass(frozen=True)
class Missing:
    """One thing that is not in place: what it is ("no commissioning agreement"), and what to do about it."""

    what: str
    do: str


def missing(facts: Facts) -> list[Missing]:
    """What must be in place before this placement starts and is not, in the order in which it is usually seen to."""
    before = [Missing(what, do) for is_there, what, do in _BEFORE if not is_there(facts)]
    after = [Missing(what, do) for is_there, what, do in _AFTER if not is_there(facts)]
    return [*before, *_registration(facts), *_documents(facts), *after]


_Needed = tuple[Callable[[Facts], object], str, str]

_BEFORE: Sequence[_Needed] = (
    (
        lambda facts: facts.agreement_on,
        "no commissioning agreement",
        "Have it signed, and enter the day under Agreement signed on.",
    ),
    (
        lambda facts: facts.authorised_by.strip(),
        "nobody has authorised it",
        "Have it authorised, and enter by whom under Authorised by.",
    ),
    (lambda facts: facts.aims.strip(), "no aims", "Agree what the placement is for, and enter it under Aims."),
    (lambda facts: facts.target_end_on, "no target end date", "Agree when it is meant to end, and enter it."),
    (lambda facts: facts.review_dates, "no review dates", "Plan the reviews, and enter their days under Review dates."),
)

_AFTER: Sequence[_Needed] = (
    (
        lambda facts: facts.risk_shared_on,
        "risk information not exchanged",
        "Exchange it with the provider, and enter the day under Risk information exchanged on.",
    ),
    (lambda facts: facts.has_key_worker, "no key worker", "Name one under Key worker."),
    (
        lambda facts: facts.dsl_details_on,
        "the provider does not have the DSL's details",
        "Give it the DSL's name and number, and enter the day under DSL details given on.",
    ),
    (
        lambda facts: facts.meals.strip(),
        "meals not arranged",
        "Arrange them, and enter how under Meals: none, if there is nothing to arrange.",
    ),
    (
        lambda facts: facts.transport.strip(),
        "transport not arranged",
        "Arrange it, and enter how the pupil gets there under Transport.",
    ),
)


def _registration(facts: Facts) -> list[Missing]:
    if facts.registered is None:
        what = "nobody has said whether the provider is registered as a school"
        return [Missing(what, "Look it up, and enter it under Registered, with the day.")]
    if facts.registration_checked_on is None:
        return [Missing("registration not checked", "Look it up, and enter the day under Registration checked on.")]
    return []


def _documents(facts: Facts) -> list[Missing]:
    """What every provider is asked for, of which none holds on the day of the start."""
    found = []
    for kind in ASKED_OF_ALL:
        shown = [each for each in facts.documents if each.kind == kind]
        last_days = [expiry(each.kind, each.dated_on, each.expires_on) for each in shown]
        if any(last is not None and last >= facts.starts_on for last in last_days):
            continue
        ended = max((last for last in last_days if last is not None), default=None)
        what = f"no {kind}" if ended is None else f"the {kind} ends on {spoken_date(ended)}, before the start"
        found.append(Missing(what, "Ask the provider for it, and enter it in the sheet Documents."))
    return found
