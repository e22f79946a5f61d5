"""What a duty is: whose it is, in which window it is due, what is asked when it is done, and when to speak of it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from apbot.domain.access import Actor
from apbot.domain.calendar import Calendar
from apbot.domain.documents import ASSURANCE
from apbot.domain.rhythm import Rhythms
from apbot.domain.timetable import Pattern


class State(StrEnum):
    """What has become of a duty."""

    OPEN = "open"
    DONE = "done"
    NOT_DUE = "not due"
    """Somebody has said, with the reason, that it need not be done."""
    MISSED = "missed"
    """It was not done while it could be."""
    WITHDRAWN = "withdrawn"
    """What it was about is no longer so: the placement has ended, the day is a holiday after all."""


class Owner(StrEnum):
    """Who is reminded."""

    KEY_WORKER = "key worker"
    PROVIDER = "provider"
    """The provider's named contact."""
    LEAD = "lead"
    """Whoever leads on alternative provision at the school: the named lead, else who comes next in line."""


class Ask(StrEnum):
    """How something is asked when a duty is done."""

    CHOICE = "choice"
    WORDS = "words"
    DATE = "date"


@dataclass(frozen=True)
class Question:
    """Something asked of whoever writes down that it was done. No names belong in the words.

    `lead` is said before the answer where the answer alone would tell nobody what it is about.
    """

    name: str
    label: str
    ask: Ask
    choices: tuple[str, ...] = ()
    optional: bool = False
    most: int = 200
    lead: str = ""

    def spoken(self, answer: str) -> str:
        """The answer, as it is read back: "told to parents: yes"."""
        return f"{self.lead}{answer}"


@dataclass(frozen=True)
class Window:
    """One period in which a duty is to be done once. All days are included.

    `lapses_on` is the last day on which it can still be made up for; None where it never stops being owed. `about`
    tells two duties of one kind apart, as the document's name. `period` makes the window unique: it never changes.
    """

    period: str
    opens_on: date
    due_on: date
    lapses_on: date | None = None
    about: str = ""


@dataclass(frozen=True)
class Placed:
    """A placement, as far as duties go by it. `last_on` is when each kind was last done; `added_on` when apbot first
    knew of the placement: what had fallen due before is not asked for."""

    id: int
    school_id: int
    provider_id: int
    starts_on: date
    pattern: Pattern
    calendar: Calendar
    """The home school's."""
    provider_calendar: Calendar
    ends_on: date | None = None
    target_end_on: date | None = None
    review_dates: tuple[date, ...] = ()
    rhythms: Rhythms = field(default_factory=Rhythms)
    added_on: date | None = None
    has_gap_at_start: bool = False
    """Something that must be in place before the start is missing."""
    has_ended_well: bool = False
    """What is asked at the end of a placement has been answered."""
    last_on: Mapping[str, date] = field(default_factory=dict)

    def runs_on(self, day: date) -> bool:
        """Whether `day` is one of the placement's days, whatever the calendars say."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class Document:
    """Something a provider has to show. `about` is whose training it is, where there are several."""

    kind: str = ASSURANCE
    about: str = ""
    expires_on: date | None = None


@dataclass(frozen=True)
class Provided:
    """A provider, as one school that places pupils there sees it. `since` is when its first placement there began."""

    id: int
    school_id: int
    since: date
    calendar: Calendar
    """The school's."""
    documents: Sequence[Document] = ()
    added_on: date | None = None
    last_on: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class DutyKind:
    """One kind of duty.

    `of_placement` or `of_provider` gives the windows that a day may lie in; without either, something else opens it.
    `reminders` are how many school days before the due day the owner is told, 0 being the day itself; afterwards the
    owner and whoever it `escalates_to` are told every `repeat` school days. `vanishing` is what becomes of an open
    duty whose window is no longer there.
    """

    name: str
    label: str
    """As a heading: "Weekly contact"."""
    done: str
    """The button that says that it was done: "Log contact"."""
    owner: Owner
    reminders: tuple[int, ...]
    repeat: int
    escalates_to: Owner = Owner.LEAD
    in_calendar_days: bool = False
    """`reminders` count every day, not only school days."""
    questions: tuple[Question, ...] = ()
    of_placement: Callable[[Placed, date], Iterable[Window]] | None = None
    of_provider: Callable[[Provided, date], Iterable[Window]] | None = None
    can_be_booked: bool = False
    can_be_waived: bool = True
    asks_next: bool = False
    """Whoever does it says when the next one is to be."""
    next_of: str = ""
    """Of which kind the next one is, where it is another."""
    comes_again: bool = False
    """One window follows another: what was done before this one opened belongs to the one before."""
    catches_up: bool = False
    """Done once, it also settles an earlier one that is overdue: nobody is asked twice. It counts for its own alone."""
    vanishing: State = State.WITHDRAWN
    is_answered: bool = True
    """Somebody can say that it was done. Otherwise it is done once what it asks for is in the roster."""

    ends_with_placement: bool = False
    """Opened by what happened, and of no use to anybody once the placement is over."""
    is_urgent: bool = False
    """Its owner, and whoever leads on it, are told the moment it is opened."""

    @property
    def books(self) -> str:
        """The kind of the next one, for which a day is agreed when it is done."""
        return self.next_of or self.name

    @property
    def is_for_providers(self) -> bool:
        """Whether the provider's own staff are asked to do it."""
        return self.owner is Owner.PROVIDER

    def labelled(self, given: Mapping[str, str]) -> dict[str, str]:
        """The answers by the labels of what was asked, without those left empty."""
        labels = {each.name: each.label for each in self.questions}
        return {labels.get(name, name): value for name, value in given.items() if value}

    def may_be_done_by(
        self, actor: Actor, school_id: int, provider_id: int | None, owners: Collection[int | None]
    ) -> bool:
        """Who answers for the school's pupils, and its `owners`; what is for providers, that provider's staff too."""
        if actor.may_answer(school_id):
            return True
        if actor.person_id is not None and actor.person_id in owners:
            return True
        return self.is_for_providers and provider_id in actor.providers()
