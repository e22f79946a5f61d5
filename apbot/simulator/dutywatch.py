"""The promises about what is owed beyond the day, held against the lists that were posted and what became of it."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from apbot.domain.duties.model import State
from apbot.domain.roles import SAFEGUARDING_ROLES
from apbot.domain.walltime import instant, local, local_date
from apbot.simulator.owed import COUNTED, Demand, Facts, demands, read_facts
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import duties, placements, roles

OWED = "every duty that falls due is asked for, and missed only where nobody answered"
LISTED_ONCE = "nothing is told to a person twice in a day, nothing asked for twice or for nothing"
SCHOOL_DAYS = "no list on a day without school or at night"
LED = "what is overdue is in front of whoever leads on the next school day"
PROMISES = (OWED, LISTED_ONCE, SCHOOL_DAYS, LED)

FROM, UNTIL = time(8, 15), time(18, 0)
"""The hours, on the wall, in which lists are posted."""


@dataclass
class DutyWatch:
    """What has been seen of lists so far. `breach` is told of each breach: the promise, and what broke it."""

    breach: Callable[[str, str], None]
    answered: set[int] = field(default_factory=set)
    """The duties of which somebody was told that it is recorded that they are done."""
    states: Counter[str] = field(default_factory=Counter)
    """In the end: what became of the duties that fell due."""
    _facts: Facts | None = None
    _leads: Mapping[int, frozenset[int]] = field(default_factory=dict)
    _about: dict[int, sa.Row[Any]] = field(default_factory=dict)
    _told: dict[tuple[str, date], set[int]] = field(default_factory=lambda: defaultdict(set))
    """On which day which duties were on a list that was posted in a conversation."""
    _led_on: dict[int, date] = field(default_factory=dict)

    def begin(self, transaction: Transaction) -> None:
        """Read the roster, as it is before the first day."""
        self._facts = read_facts(transaction, local_date(transaction.now))
        self._leads = _leads(transaction)

    def read(self, transaction: Transaction, lines: Sequence[sa.Row[Any]], new: Collection[int]) -> None:
        """Hold the lists among these lines against the promises; `new` are the ids of those just posted."""
        if not lines:
            return
        named = {line.id: _named(line.card or {}) for line in lines}
        unknown = {duty_id for found in named.values() for duty_id in found} - self._about.keys()
        if unknown:
            self._about.update({row.id: row for row in transaction.rows(_DUTIES, ids=sorted(unknown))})
        for line in lines:
            on_it = named[line.id]
            if len(set(on_it)) < len(on_it):
                self.breach(LISTED_ONCE, f"something stands twice in line {line.id}")
            if line.id in new:
                self._hold_posted(line, on_it)
            person, today = int(line.conversation.partition(":")[2]), local_date(transaction.now)
            for duty_id in on_it:
                if self._leads_on(person, self._about[duty_id]):
                    self._led_on.setdefault(duty_id, today)

    def _hold_posted(self, line: sa.Row[Any], on_it: Collection[int]) -> None:
        assert self._facts is not None  # noqa: S101  (begun first)
        at = local(line.at)
        told = self._told[line.conversation, at.date()]
        if again := told.intersection(on_it):
            self.breach(LISTED_ONCE, f"{sorted(again)} again in {line.conversation} on {at.date()}")
        told.update(on_it)
        if not FROM <= at.time() < UNTIL:
            self.breach(SCHOOL_DAYS, f"a list in {line.conversation} at {at:%H:%M} on {at.date()}")
        for duty_id in on_it:
            if not _contains(self._facts.school_days(self._about[duty_id].school_id), at.date()):
                self.breach(SCHOOL_DAYS, f"duty {duty_id} on a list on {at.date()}")

    def _leads_on(self, person: int, duty: sa.Row[Any]) -> bool:
        """Who answers for the school's pupils; a provider's report is chased by the key worker."""
        return person in self._leads[duty.school_id] or (duty.kind == "report" and person == duty.key_worker_id)

    def finish(self, transaction: Transaction, last: date) -> None:
        """Hold what became of every duty that has fallen due by `last`, the day that is over, against the promises."""
        assert self._facts is not None  # noqa: S101  (begun first)
        found: dict[tuple[Any, ...], list[sa.Row[Any]]] = defaultdict(list)
        for row in transaction.rows(sa.select(duties).where(duties.c.due_on <= last)):
            if row.state != State.WITHDRAWN.value:
                self.states[row.state] += 1
                self._hold_led(row, last)
            found[_of(row)].append(row)
        matched: set[int] = set()
        for demand in demands(self._facts, last):
            here = [row for row in found[demand.kind, *demand.of] if demand.first <= row.due_on <= demand.last]
            matched.update(row.id for row in here)
            self._hold_demand(demand, here, last)
        for rows in found.values():
            for row in rows:
                if row.kind in COUNTED and row.id not in matched and row.state != State.WITHDRAWN.value:
                    self.breach(
                        LISTED_ONCE, f"{row.kind} of placement {row.placement_id}, due {row.due_on}: for nothing"
                    )

    def _hold_demand(self, demand: Demand, found: Sequence[sa.Row[Any]], last: date) -> None:
        assert self._facts is not None  # noqa: S101  (begun first)
        what = f"{demand.kind} of {demand.of}, from {demand.first} to {demand.last}"
        kept = [row for row in found if row.state != State.WITHDRAWN.value]
        if not kept:
            self.breach(OWED, f"{what}: {'withdrawn' if found else 'never asked for'}")
        if len(kept) > 1 and demand.kind in COUNTED:
            self.breach(LISTED_ONCE, f"{what}: asked for {len(kept)} times")
        for row in kept:
            if row.state == State.MISSED.value and row.id in self.answered:
                self.breach(OWED, f"{what}: missed, though somebody was told that it is done")
            lapsed = bisect_right(days := self._facts.school_days(row.school_id), row.lapses_on or date.max)
            if row.state == State.OPEN.value and lapsed < len(days) and days[lapsed] <= last:
                self.breach(OWED, f"{what}: open, and nobody is asked any more")
            if row.state in (State.OPEN.value, State.MISSED.value) and row.due_on < last and row.id not in self._about:
                self.breach(OWED, f"{what}: on nobody's list")

    def _hold_led(self, duty: sa.Row[Any], last: date) -> None:
        """Overdue on the morning of the next school day, it is on a lead's list by then."""
        assert self._facts is not None  # noqa: S101  (begun first)
        days = self._facts.school_days(duty.school_id)
        at = bisect_right(days, duty.due_on)
        if duty.due_on < self._facts.known_on or at == len(days) or days[at] > last:
            return
        told_at: datetime = instant(days[at], FROM)
        if duty.closed_at is not None and duty.closed_at <= told_at:
            return
        if self._led_on.get(duty.id, date.max) > days[at]:
            self.breach(LED, f"duty {duty.id} ({duty.kind}), due {duty.due_on}: no lead told on {days[at]}")


def _named(card: Mapping[str, Any]) -> list[int]:
    """The duties on a list that still can be answered, by id."""
    return [row["buttons"][0]["subject"] for row in card.get("rows", ()) if row.get("buttons")]


def _of(row: sa.Row[Any]) -> tuple[str, str, int, str]:
    if row.placement_id is not None:
        return (row.kind, "placement", row.placement_id, "")
    return (row.kind, "provider", row.provider_id, row.about)


def _contains(days: Sequence[date], day: date) -> bool:
    at = bisect_right(days, day)
    return at > 0 and days[at - 1] == day


def _leads(transaction: Transaction) -> Mapping[int, frozenset[int]]:
    """Who answers for the pupils of each school, by school."""
    held: dict[int | None, set[int]] = defaultdict(set)
    for row in transaction.rows(sa.select(roles.c.school_id, roles.c.person_id, roles.c.role, roles.c.provider_id)):
        if row.role in SAFEGUARDING_ROLES and row.provider_id is None:
            held[row.school_id].add(row.person_id)
    everywhere = frozenset(held.pop(None, ()))
    by_school = {school: everywhere | people for school, people in held.items() if school is not None}
    return defaultdict(lambda: everywhere, by_school)


_DUTIES = Prepared(
    sa.select(duties.c.id, duties.c.kind, duties.c.school_id, placements.c.key_worker_id)
    .outerjoin_from(duties, placements, placements.c.id == duties.c.placement_id)
    .where(duties.c.id.in_(sa.bindparam("ids", expanding=True)))
)
