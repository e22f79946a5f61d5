"""The day, as stories tell it: a clock to push forward, what each person sees, and what they tap or type.

The stories run on the composition that production uses, with a virtual clock and a channel that records.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from apbot.app import App
from apbot.cards import Action, Button, Card, Reply
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.clock import VirtualClock
from apbot.domain.walltime import instant, parse_wall
from apbot.handlers.dispatch import handle
from apbot.settings import Settings
from apbot.store.connect import open_database
from apbot.store.database import Transaction
from apbot.store.due import next_due
from apbot.store.people import load_actor
from apbot.store.tables import addresses, covers, planned_absences
from tests import school
from tests.blank import filled

THURSDAY = date(2026, 9, 17)


@dataclass
class Posted:
    """A message as the platform shows it now, and every card it has shown."""

    message_id: int
    address: str
    card: Card
    at: datetime
    history: list[Card] = field(default_factory=list)


def act(transaction: Transaction, person_id: int | None, action: Action) -> Reply:
    """As a channel does: look up who it is, and do what they ask."""
    return handle(transaction, load_actor(transaction, person_id, action.channel), action)


class Recorder:
    """A channel that keeps what it is given, or fails as it is told to."""

    name = "web"
    batch = 100

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.posted: dict[str, Posted] = {}
        self.answers: list[Receipt] = []

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        return [self._deliver(each) for each in batch]

    def _deliver(self, outgoing: Outgoing) -> Receipt:
        if self.answers:
            return self.answers.pop(0)
        ref = outgoing.platform_ref or str(len(self.posted) + 1)
        if ref in self.posted:
            self.posted[ref].card = outgoing.card
            self.posted[ref].history.append(outgoing.card)
        else:
            self.posted[ref] = Posted(
                outgoing.message_id, outgoing.address, outgoing.card, self._clock.now(), [outgoing.card]
            )
        return Receipt(Outcome.ACCEPTED, ref)


class Conversation:
    """One person's, or one provider's, conversation: what stands in it, and what can be done in it."""

    def __init__(self, day: "Day", address: str, person: str) -> None:
        self._day = day
        self.address = address
        self.person = person
        self.answer: Reply = Reply()

    @property
    def cards(self) -> list[Card]:
        """The cards that stand here now, the oldest first."""
        return [posted.card for posted in self._day.recorder.posted.values() if posted.address == self.address]

    @property
    def text(self) -> str:
        """Everything that stands here now, as text."""
        return "\n".join(text_of(card) for card in self.cards)

    def sees(self, *words: str) -> None:
        """All of these words stand here together in one card."""
        assert any(all(word.lower() in text_of(card).lower() for word in words) for card in self.cards), (
            f"{words} not seen by {self.person}; there is:\n{self.text}"
        )

    def does_not_see(self, *words: str) -> None:
        """None of these words stands here."""
        for word in words:
            assert word.lower() not in self.text.lower(), f"{word!r} is seen by {self.person}:\n{self.text}"

    def sees_nothing(self) -> None:
        """Nothing was sent here."""
        assert not self.cards, f"{self.person} was sent:\n{self.text}"

    async def taps(self, label: str, pupil: str = "", **inputs: str) -> Reply:
        """Press the newest button with this label, beside this pupil where one is given."""
        return await self.presses(self.button(label, pupil), **inputs)

    async def presses(self, button: Button, event_id: str = "", **inputs: str) -> Reply:
        """Press this button."""
        filled = {each.name: inputs.get(each.name, each.value) for each in button.inputs}
        return await self._acts(event_id, verb=button.verb, subject=button.subject, value=button.value, inputs=filled)

    async def types(self, text: str, *, replying_to: str = "", event_id: str = "") -> Reply:
        """Type words; as a reply to the newest card whose heading has `replying_to`, where given."""
        message_id = None
        if replying_to:
            message_id = next(
                posted.message_id
                for posted in reversed(self._day.recorder.posted.values())
                if posted.address == self.address and replying_to.lower() in posted.card.heading.lower()
            )
        return await self._acts(event_id, text=text, message_id=message_id)

    async def _acts(self, event_id: str, **what: Any) -> Reply:
        action = Action(
            channel="web",
            event_id=event_id or f"event-{next(self._day.events)}",
            address=self.address,
            **what,
        )
        self.answer = self._day.app.database.run(act, self._day.ids.get(self.person), action)
        await self._day.app.tick()
        return self.answer

    def button(self, label: str, pupil: str = "") -> Button:
        """The newest button with this label, in the conversation or in the last answer."""
        cards = [*self.cards, *([self.answer.card] if self.answer.card else [])]
        for card in reversed(cards):
            for button in card.buttons_everywhere():
                if button.label.lower().startswith(label.lower()) and pupil in button.describes:
                    return button
        raise AssertionError(f"{self.person} has no button {label!r} {pupil}; there is:\n{self.text}")


def text_of(card: Card) -> str:
    """A card as text."""
    return "\n".join(
        [
            card.heading,
            *card.lines,
            *(f"{row.heading}: {row.text}" for row in card.rows),
            *(f"[{button.label}]" for button in card.buttons_everywhere()),
            card.footer,
        ]
    )


class Day:
    """One invented day, by default a Thursday in term."""

    def __init__(self, day: date = THURSDAY, url: str = "", **settings: Any) -> None:
        self.date = day
        self.clock = VirtualClock(instant(day, parse_wall("04:00")))
        self.settings = Settings(database_url=url or "sqlite://", **settings)
        if not url:
            self.database, self.ids = filled(self.clock, school.build)
        else:
            self.database = open_database(self.settings, self.clock, inline=True)
            self.ids = self.database.run(school.build)
        self.recorder = Recorder(self.clock)
        self.app = App(self.settings, self.database, [self.recorder])
        self.events = count(1)

    async def until(self, at: str) -> None:
        """Let time pass until `at` on the wall, with a tick whenever something is due."""
        end = instant(self.date, parse_wall(at))
        while self.clock.now() < end:
            due = self.database.run(next_due)
            # What a tick has left, or made, due at once is done by the next one.
            soon = self.clock.now() + timedelta(seconds=self.settings.tick_seconds)
            self.clock.set(end if due is None else min(end, max(due, soon)))
            await self.app.tick()

    async def jump(self, at: str) -> None:
        """The clock shows `at`, and nothing ran meanwhile; then one tick."""
        self.clock.set(instant(self.date, parse_wall(at)))
        await self.app.tick()

    def change(self, table: sa.Table, condition: sa.ColumnElement[bool], **values: Any) -> None:
        """Change rows, as the roster or an admin would."""
        self.database.run(lambda transaction: transaction.execute(sa.update(table).where(condition).values(**values)))

    def rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """What stands in the database."""
        return self.database.run(lambda transaction: transaction.rows(query))

    def provider(self, name: str, person: str = "") -> Conversation:
        """A provider's shared conversation, through the eyes of one of its staff."""
        staff = person or next(who for who, _, place in school.STAFF if place == name)
        return self._conversation(f"provider:{self.ids[name]}", staff)

    def person(self, name: str) -> Conversation:
        """A person's own conversation."""
        return self._conversation(f"person:{self.ids[name]}", name)

    def dsl(self, place: str) -> Conversation:
        """The conversation of a school's DSL."""
        return self.person(next(who for who, role, at in school.STAFF if at == place and role.value == "DSL"))

    def attendance_contact(self, place: str) -> Conversation:
        """The conversation of a school's attendance contact."""
        return self.person(
            next(who for who, role, at in school.STAFF if at == place and role.value == "attendance contact")
        )

    def unreachable(self, name: str) -> None:
        """Somebody who has never signed in anywhere."""
        self.database.run(
            lambda transaction: transaction.execute(sa.delete(addresses).where(addresses.c.person_id == self.ids[name]))
        )

    def cover(self, name: str, by: str, on: date | None = None) -> None:
        """Somebody is away on this day, or today, and another stands in for them."""
        self._insert(covers, on, person_id=self.ids[name], covered_by_id=self.ids[by])

    def plan_absence(self, pupil: str, code: str = "M") -> int:
        """The pupil's school plans an absence for all of today; its id."""
        return self._insert(planned_absences, None, pupil_id=self.ids[pupil], code=code)

    def _insert(self, table: sa.Table, on: date | None, **values: Any) -> int:
        """A row that is about one day; its id."""
        day = on or self.date
        return self.database.run(lambda t: t.insert(table, starts_on=day, ends_on=day, made_at=t.now, **values))

    def _conversation(self, address: str, person: str) -> Conversation:
        key = (address, person)
        if key not in self._conversations:
            self._conversations[key] = Conversation(self, address, person)
        return self._conversations[key]

    @property
    def _conversations(self) -> dict[tuple[str, str], Conversation]:
        return self.__dict__.setdefault("conversations", {})

    def close(self) -> None:
        """Let the database go."""
        self.database.close()
