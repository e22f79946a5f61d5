"""Scripted people: they read what stands in their conversations and do, after a while, what such people do.

They know nothing but the cards they are sent; what they press is what a card offers them.
"""

import heapq
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any

from apbot.channels.web import Deed
from apbot.domain.escalation import Outcome
from apbot.domain.marks import Reason
from apbot.domain.walltime import local_date, wall
from apbot.simulator.lists import Habits, Reader


@dataclass(order=True)
class Planned:
    """Something that one person will do in one conversation at an instant."""

    at: datetime
    order: int
    person_id: int = field(compare=False)
    conversation: str = field(compare=False)
    deed: Deed = field(compare=False)


@dataclass(frozen=True)
class Chances:
    """How the people are, as shares of one."""

    absent: float = 0.05
    late: float = 0.04
    left_site: float = 0.005
    silent_register: float = 0.03
    slow_register: float = 0.08
    answers_nudge: float = 0.7
    acknowledges: float = 0.85
    acts_all_the_same: float = 0.1
    forgets_outcome: float = 0.05
    types_it: float = 0.1
    decides_code: float = 0.9
    habits: Habits = field(default_factory=Habits)


class Cast:
    """Everybody. `notice` what was posted; `due` gives what somebody now does."""

    def __init__(
        self,
        seed: int,
        staff_of: Mapping[str, Sequence[int]],
        chances: Chances | None = None,
        colleagues: Mapping[int, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """`staff_of` gives the people who read each conversation; `colleagues` the names of those at each's school."""
        self._dice = random.Random(seed)  # noqa: S311  (a rehearsal keeps no secret)
        self._staff_of = staff_of
        self._chances = chances or Chances()
        self._colleagues = colleagues
        self._plans: list[Planned] = []
        self._numbers = count(1)
        self._taken_on: set[int | None] = set()

    @property
    def next_at(self) -> datetime | None:
        """When the next person does something."""
        return self._plans[0].at if self._plans else None

    def due(self, now: datetime) -> Iterable[Planned]:
        """What is done by `now`, in order."""
        while self._plans and self._plans[0].at <= now:
            yield heapq.heappop(self._plans)

    def notice(self, kind: str, conversation: str, card: Mapping[str, Any], now: datetime) -> None:
        """A new message of this kind stands in the conversation."""
        readers = self._staff_of.get(conversation, ())
        read = {
            "register": self._reads_register,
            "nudge": self._reads_nudge,
            "escalation": self._reads_escalation,
            "codes": self._reads_codes,
            "codes overdue": self._reads_overdue,
            "duties": self._reads_list,
        }.get(kind)
        if readers and read is not None:
            read(self._dice.choice(readers), conversation, card, now)

    def _plan(self, person_id: int, conversation: str, at: datetime, **deed: Any) -> None:
        number = next(self._numbers)
        # People act on whole minutes here: a rehearsal of a year has then fewer instants to stop at.
        minute = at.replace(second=0, microsecond=0)
        heapq.heappush(
            self._plans, Planned(minute, number, person_id, conversation, Deed(event_id=f"scripted-{number}", **deed))
        )

    def _press(
        self,
        person_id: int,
        conversation: str,
        when: datetime,
        button: Mapping[str, Any],
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        inputs = inputs or {}
        given = {each["name"]: inputs.get(each["name"], each.get("value", "")) for each in button.get("inputs", ())}
        self._plan(
            person_id,
            conversation,
            when,
            verb=button["verb"],
            subject=button.get("subject", 0),
            value=button.get("value", ""),
            inputs=given,
        )

    def _reads_list(self, person: int, conversation: str, card: Mapping[str, Any], now: datetime) -> None:
        """Answer the morning's list in one sitting."""
        at = now + self._minutes(5, 300)
        reader = Reader(self._dice, self._chances.habits, local_date(now), self._colleagues.get(person, ()))
        for answer in reader.answers(card):
            later = timedelta(days=answer.days_later)
            self._press(person, conversation, at + later, answer.button, answer.inputs)

    def _minutes(self, least: int, most: int) -> timedelta:
        return timedelta(minutes=self._dice.randint(least, most))

    def _chance(self, share: float) -> bool:
        return self._dice.random() < share

    def _reads_register(self, person: int, conversation: str, card: Mapping[str, Any], now: datetime) -> None:
        if self._chance(self._chances.silent_register):
            return
        at = now + (self._minutes(18, 50) if self._chance(self._chances.slow_register) else self._minutes(1, 12))
        exceptions = []
        for row in card.get("rows", ()):
            buttons = {button["verb"]: button for button in row.get("buttons", ())}
            if "absent" not in buttons:
                continue
            draw = self._dice.random()
            if draw < self._chances.absent:
                exceptions.append(row["heading"].split()[0])
                reason = self._dice.choice((Reason.UNKNOWN, Reason.ILL, Reason.TRANSPORT, Reason.REFUSED))
                self._press(person, conversation, at, buttons["absent"], {"reason": reason.value})
                if self._chance(0.3):
                    self._press(person, conversation, at + self._minutes(5, 55), buttons["arrived"])
            elif draw < self._chances.absent + self._chances.late:
                exceptions.append(row["heading"].split()[0])
                arrived = at + self._minutes(1, 15)
                self._press(
                    person, conversation, arrived, buttons["late"], {"at": wall(arrived - timedelta(minutes=1))}
                )
            elif draw > 1 - self._chances.left_site:
                leave = {"verb": "left", "subject": buttons["arrived"]["subject"]}
                self._press(person, conversation, at + self._minutes(20, 90), leave)
        later = at + timedelta(minutes=16)
        everyone = next((each for each in card.get("buttons", ()) if each["verb"] == "all_arrived"), None)
        if not exceptions and self._chance(self._chances.types_it):
            self._plan(person, conversation, at, text=self._dice.choice(("all in", "all here", "✅", "everyone is in")))
        elif everyone is not None:
            self._press(person, conversation, later if exceptions else at, everyone)

    def _reads_nudge(self, person: int, conversation: str, card: Mapping[str, Any], now: datetime) -> None:
        everyone = next((each for each in card.get("buttons", ()) if each["verb"] == "all_arrived"), None)
        if everyone is not None and self._chance(self._chances.answers_nudge):
            self._press(person, conversation, now + self._minutes(1, 20), everyone)

    def _reads_escalation(self, person: int, conversation: str, card: Mapping[str, Any], now: datetime) -> None:
        alert = next((each["subject"] for each in card.get("buttons", ()) if each["verb"] == "acknowledge"), None)
        # Who sees a colleague's name on it leaves it to them, mostly.
        if alert in self._taken_on and not self._chance(self._chances.acts_all_the_same):
            return
        if not self._chance(self._chances.acknowledges):
            return
        self._taken_on.add(alert)
        at = now + self._minutes(1, 14)
        for button in card.get("buttons", ()):
            if button["verb"] == "acknowledge":
                self._press(person, conversation, at, button)
        if self._chance(self._chances.forgets_outcome):
            self._taken_on.discard(alert)
            return
        for row in card.get("rows", ()):
            for button in row.get("buttons", ()):
                if button["verb"] == "outcome":
                    outcome = self._dice.choice(
                        (Outcome.HOME_ILL, Outcome.HOME_ILL, Outcome.FOUND_SAFE, Outcome.IN_SCHOOL)
                    )
                    self._press(
                        person,
                        conversation,
                        at + self._minutes(2, 40),
                        button,
                        {"outcome": outcome.value, "words": "at home"},
                    )

    def _reads_codes(self, person: int, conversation: str, card: Mapping[str, Any], now: datetime) -> None:
        """Confirm what is suggested: the plain sessions all at once, of the others most, in one sitting."""
        at = now + self._minutes(2, 30)
        for row in card.get("rows", ()):
            for button in row.get("buttons", ())[:1]:
                if button["verb"] == "code" and self._chance(self._chances.decides_code):
                    self._press(person, conversation, at, button, {"nature": "animal care"})
        for button in card.get("buttons", ()):
            if button["verb"] == "codes_all":
                self._press(person, conversation, at, button)

    def _reads_overdue(self, person: int, conversation: str, card: Mapping[str, Any], now: datetime) -> None:
        """Find out why, of the absences whose reason was not established: most turn out to be illness."""
        at = now + self._minutes(10, 60)
        for row in card.get("rows", ()):
            for button in row.get("buttons", ()):
                if button["label"] == "Change" and self._chance(self._chances.decides_code):
                    self._press(person, conversation, at, button, {"code": "I", "because": "found out since"})
