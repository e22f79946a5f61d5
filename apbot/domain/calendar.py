"""Which days a place is open, and which letter an alternating week has.

A school and a provider each have a calendar of their own: terms (each row one half term), INSET days and other
closures, and England's bank holidays. Half terms come from these rows and are never derived from months.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property

from apbot.domain.marks import Session

ALL_DAY = "all day"


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays in `year`."""
    import holidays  # a second's worth of imports that only opening a day needs

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def school_year(day: date) -> int:
    """The year in which the school year of `day` began: it goes from August to July."""
    return day.year if day.month >= 8 else day.year - 1


@dataclass(frozen=True)
class Term:
    """One block of teaching between two configured holidays: a half term. Both dates are included."""

    name: str
    starts_on: date
    ends_on: date
    first_week: str = ""
    """The letter of its first week, "A" or "B"; "" goes on from the block before."""

    @property
    def first_monday(self) -> date:
        """The Monday of its first week that teaches: of a term "from Sunday 1 November" the next day."""
        monday = self.starts_on - timedelta(days=self.starts_on.weekday())
        return monday + timedelta(days=7) if self.starts_on.weekday() > 4 else monday


@dataclass(frozen=True)
class Closure:
    """Days, or single sessions of days, on which the place is shut. Both dates are included."""

    starts_on: date
    ends_on: date
    sessions: str = ALL_DAY
    kind: str = "closed"
    note: str = ""

    def shuts(self, day: date, session: Session) -> bool:
        """Whether this closure covers the session on `day`."""
        return self.starts_on <= day <= self.ends_on and self.sessions in (ALL_DAY, session.value)


@dataclass(frozen=True)
class Calendar:
    """When one school or one provider is open.

    With no terms at all, `always` decides: a provider without terms of its own follows the schools it serves;
    a school without terms is never open, which `apbot check` reports.
    """

    terms: Sequence[Term] = ()
    closures: Sequence[Closure] = ()
    always: bool = False
    _letters: dict[date, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _open: dict[date, tuple[Session, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def closed_because(self, day: date, session: Session) -> str | None:
        """Why there is no session then ("weekend", "bank holiday", "INSET day" ...), or None: it is open."""
        if day in bank_holidays(day.year):
            return "bank holiday"
        has_terms = bool(self.terms) or not self.always
        if has_terms and not any(term.starts_on <= day <= term.ends_on for term in self.terms):
            return "outside term"
        for closure in self.closures:
            if closure.shuts(day, session):
                return closure.kind
        return None

    def is_open(self, day: date, session: Session) -> bool:
        """Whether there is a session then."""
        return session in self.sessions_on(day)

    def sessions_on(self, day: date) -> tuple[Session, ...]:
        """The sessions that there are on `day`."""
        known = self._open.get(day)
        if known is None:
            known = tuple(session for session in Session if self.closed_because(day, session) is None)
            self._open[day] = known
        return known

    def is_school_day(self, day: date) -> bool:
        """Whether there is at least one session on `day`, a weekday."""
        return day.weekday() < 5 and bool(self.sessions_on(day))

    @cached_property
    def half_terms(self) -> tuple[Term, ...]:
        """The terms, in order."""
        return tuple(sorted(self.terms, key=lambda term: term.starts_on))

    @cached_property
    def school_days(self) -> tuple[date, ...]:
        """Every school day of the terms, in order: none of a provider that has no terms of its own."""
        days = {day for term in self.terms for day in _days(term.starts_on, term.ends_on) if day.weekday() < 5}
        doubtful = {day for closure in self.closures for day in _days(closure.starts_on, closure.ends_on)}
        for year in {day.year for day in days}:
            doubtful |= bank_holidays(year)
        return tuple(sorted(day for day in days if day not in doubtful or self.is_school_day(day)))

    def school_days_before(self, day: date, count: int) -> date | None:
        """The school day that lies `count` school days before `day`, or None where the terms do not go back so far."""
        at = bisect_left(self.school_days, day) - count
        return self.school_days[at] if at >= 0 else None

    def week_letter(self, day: date) -> str:
        """ "A" or "B" for the week of `day`.

        Weeks alternate through the teaching weeks alone: a holiday does not use up a letter. A term's own
        `first_week` starts the count anew; the first term of all starts with A.
        """
        monday = day - timedelta(days=day.weekday())
        if not self._letters:
            self._letters.update(_letters(self.terms))
        return self._letters.get(monday, "A")


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _letters(terms: Iterable[Term]) -> dict[date, str]:
    letters: dict[date, str] = {}
    following = "A"
    for term in sorted(terms, key=lambda each: each.starts_on):
        monday = term.first_monday
        letter = term.first_week or letters.get(monday) or following
        while monday <= term.ends_on:
            letters[monday] = letter
            letter = "B" if letter == "A" else "A"
            monday += timedelta(days=7)
        following = letter
    return letters
