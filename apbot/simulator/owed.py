"""What the weeks and half terms of a roster come to: a second opinion, worked out from plain facts alone.

Nothing here is shared with the code that plans duties: no window, no count of school days, no pattern of the week. What
both have in common are the rules of the field, which `domain/duties/` cites, and England's bank holidays.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.calendar import bank_holidays
from apbot.domain.documents import QUALITY_VISIT, expiry
from apbot.store.database import Transaction
from apbot.store.tables import closures, documents, placements, pupils, schools, terms

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

COUNTED = ("contact", "visit", "review", "report", "initial assessment", "induction")
"""Of these nothing is asked but what the calendar demands. The others follow what people do, too."""

Place = tuple[str, int]


@dataclass(frozen=True)
class Demand:
    """One duty of this kind, due on a school day from `first` to `last`. `of` is the placement, or the document."""

    kind: str
    of: tuple[str, int, str]
    first: date
    last: date


@dataclass
class Facts:
    """The roster's facts as they were when the rehearsal began."""

    known_on: date
    placed: Sequence[sa.Row[Any]]
    papers: Sequence[sa.Row[Any]]
    blocks: Mapping[Place, Sequence[sa.Row[Any]]]
    shut: Mapping[tuple[Place, date], frozenset[str]]
    _teaching: dict[Place, Mapping[date, frozenset[str]]] = field(default_factory=dict)
    _school_days: dict[int, list[date]] = field(default_factory=dict)
    _letters: dict[int, dict[date, str]] = field(default_factory=dict)

    def teaching(self, place: Place) -> Mapping[date, frozenset[str]]:
        """Every day of the terms of `place`, in order, with the sessions that it is open for."""
        if place not in self._teaching:
            days = (
                first + DAY * number
                for block in self.blocks.get(place, ())
                for first in [block.starts_on]
                for number in range((block.ends_on - first).days + 1)
            )
            self._teaching[place] = {day: at for day in days if (at := self._open(place, day))}
        return self._teaching[place]

    def school_days(self, school_id: int) -> list[date]:
        """The school's days, Monday to Friday, in order."""
        if school_id not in self._school_days:
            self._school_days[school_id] = [day for day in self.teaching(("school", school_id)) if day.weekday() < 5]
        return self._school_days[school_id]

    def is_expected(self, row: sa.Row[Any], day: date) -> bool:
        """Whether the placement's pupil is expected at the provider on `day`, in any session."""
        here = self.teaching(("school", row.school_id)).get(day, frozenset())
        provider = ("provider", row.provider_id)
        follows = provider not in self.blocks
        there = self._open(provider, day) if follows else self.teaching(provider).get(day, frozenset())
        if not (row.starts_on <= day <= (ends_on(row) or day)):
            return False
        letter = self._lettered(row.school_id).get(_monday(day), "A")
        return any(
            f"{WEEKDAYS[day.weekday()]} {session}{week}" in row.pattern
            for session in here & there
            for week in ("", f" {letter}")
        )

    def _open(self, place: Place, day: date) -> frozenset[str]:
        if day in bank_holidays(day.year):
            return frozenset()
        return frozenset(("am", "pm")) - self.shut.get((place, day), frozenset())

    def _lettered(self, school_id: int) -> dict[date, str]:
        """The letter of every teaching week, by its Monday: they alternate, and a block may start them anew."""
        if school_id not in self._letters:
            found: dict[date, str] = {}
            letter = "B"
            for block in self.blocks.get(("school", school_id), ()):
                for monday in _mondays(block):
                    if monday in found:
                        continue
                    letter = "A" if letter == "B" else "B"
                    if monday == _mondays(block)[0] and block.first_week:
                        letter = block.first_week
                    found[monday] = letter
            self._letters[school_id] = found
        return self._letters[school_id]


def read_facts(transaction: Transaction, known_on: date) -> Facts:
    """The roster as it stands."""
    blocks: dict[Place, list[sa.Row[Any]]] = defaultdict(list)
    for row in transaction.rows(sa.select(terms).order_by(terms.c.starts_on)):
        blocks[_place(row)].append(row)
    shut: dict[tuple[Place, date], set[str]] = defaultdict(set)
    for row in transaction.rows(sa.select(closures)):
        for number in range((row.ends_on - row.starts_on).days + 1):
            sessions = {"am", "pm"} if row.sessions == "all day" else {row.sessions}
            shut[_place(row), row.starts_on + DAY * number] |= sessions
    placed = transaction.rows(
        sa.select(
            placements,
            pupils.c.school_id,
            pupils.c.ends_on.label("off_roll_on"),
            schools.c.rhythms.label("school_rhythms"),
        )
        .join_from(placements, pupils)
        .join(schools, schools.c.id == pupils.c.school_id)
    )
    papers = transaction.rows(sa.select(documents).where(documents.c.kind != QUALITY_VISIT))
    return Facts(known_on, placed, papers, blocks, {at: frozenset(sessions) for at, sessions in shut.items()})


def demands(facts: Facts, until: date) -> Iterator[Demand]:
    """Every duty that the calendar demands and that has fallen due by `until`, since apbot knew of the roster."""
    for row in facts.placed:
        days = facts.school_days(row.school_id)
        for kind, first, last in _of_placement(facts, row, days):
            within = [day for day in days if first <= day <= last]
            if within and facts.known_on <= within[-1] <= until:
                yield Demand(kind, ("placement", row.id, ""), first, last)
    for paper in facts.papers:
        expires_on = expiry(paper.kind, paper.dated_on, paper.expires_on)
        about = f"{paper.kind}, {paper.about}" if paper.about else paper.kind
        due = [
            last
            for row in facts.placed
            if row.provider_id == paper.provider_id and expires_on is not None
            for last in [_last(facts.school_days(row.school_id), expires_on)]
            if last is not None and row.starts_on <= last <= (ends_on(row) or last)
        ]
        if due and facts.known_on <= min(due) and max(due) <= until:
            yield Demand("document", ("provider", paper.provider_id, about), min(due), max(due))


def _of_placement(facts: Facts, row: sa.Row[Any], days: Sequence[date]) -> Iterator[tuple[str, date, date]]:
    """(kind, from, to) of everything that one placement owes."""
    ends = ends_on(row)
    rhythms = {**(row.school_rhythms or {}), **(row.rhythms or {})}
    placed = [day for day in days if row.starts_on <= day <= (ends or day)]
    for first, last in _stretches(facts, row, rhythms.get("contact", "week")):
        number = (last - first).days + 1
        if any(facts.is_expected(row, first + DAY * each) for each in range(number)):
            yield "contact", first, min(last, ends or last)
    blocks = facts.blocks.get(("school", row.school_id), ())
    for kind in ("visit", "review", "report"):
        every = rhythms.get(kind, "half term")
        spans = [] if every == "never" else [(each.starts_on, each.ends_on) for each in blocks]
        if every == "term":
            spans = [(spans[at][0], spans[at + 1][1]) for at in range(0, len(spans) - 1, 2)]
        for first, last in spans:
            within = [day for day in placed if first <= day <= last]
            if len(within) < 10:
                continue
            dated = sorted(map(date.fromisoformat, (row.review_dates or ()) if kind == "review" else ()))
            planned = [each for each in dated if within[0] <= each <= within[-1]]
            due = _last(within, planned[0]) if planned else None
            yield (kind, within[0], within[-1]) if due is None else (kind, due, due)
    for kind, number in (("initial assessment", 5), ("induction", 10)):
        if len(placed) >= number:
            yield kind, placed[number - 1], placed[number - 1]
    if ends is not None:
        after = [day for day in days if day >= ends]
        if len(after) > 5:
            yield "end of placement", after[5], after[5]
    elif row.target_end_on is not None and (due := _last(days, row.target_end_on)) is not None:
        yield "target end date", due, due
    before = _last(days, row.starts_on - DAY)
    if row.agreement_on is None and row.added_on <= row.starts_on and before is not None:
        yield "before the start", before, before


def _stretches(facts: Facts, row: sa.Row[Any], every: str) -> Iterator[tuple[date, date]]:
    """The weeks, or fortnights, in which there is school: each from its Monday to a Sunday."""
    weeks: dict[date, date] = {}
    for block in facts.blocks.get(("school", row.school_id), ()):
        for number, monday in enumerate(_mondays(block)):
            weeks.setdefault(monday, monday - WEEK * (number % 2 if every == "fortnight" else 0))
    together: dict[date, list[date]] = defaultdict(list)
    for monday, first in weeks.items():
        together[first].append(monday)
    for mondays in together.values():
        yield mondays[0], mondays[-1] + DAY * 6


def _mondays(block: sa.Row[Any]) -> list[date]:
    """The Mondays of the weeks that teach: one that begins at a weekend begins with the week after."""
    starts_on = block.starts_on + DAY * 2 if block.starts_on.weekday() > 4 else block.starts_on
    first = _monday(starts_on)
    return [first + WEEK * number for number in range((block.ends_on - first).days // 7 + 1)]


def ends_on(row: sa.Row[Any]) -> date | None:
    """The last day of the placement, as far as it is known."""
    return min(filter(None, (row.ends_on, row.off_roll_on)), default=None)


def _last(days: Sequence[date], day: date) -> date | None:
    """The last of these days up to `day`; None where they do not go so far, give or take a summer."""
    found = max((each for each in days if each <= day), default=None)
    return None if found is None or (days[-1] < day and day - found > 60 * DAY) else found


def _monday(day: date) -> date:
    return day - DAY * day.weekday()


def _place(row: sa.Row[Any]) -> Place:
    return ("school", row.school_id) if row.school_id is not None else ("provider", row.provider_id)
