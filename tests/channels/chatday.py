"""A day like that of the stories, with one real channel to an outside platform beside the built-in chat."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from apbot.app import App
from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.handlers.dispatch import handle
from apbot.store.database import Transaction
from apbot.store.linking import Owner, link
from tests.channels.stand import Shown, Stand
from tests.day import THURSDAY, Day

LINKED = ("Priya Nair", "Dorothy Okafor", "Sam Taylor", "Bea Whitlock")
"""Who is linked on the platform. Tom Beckett reads the built-in chat only."""


class ChatDay(Day):
    """Hillcrest's attendance contact and DSL, and Oak Farm's staff, use the platform of `stand`."""

    def __init__(self, stand: Stand, day: date = THURSDAY, **settings: Any) -> None:
        # The check of the days to come is a third of a morning's work, and no concern of a channel's.
        super().__init__(day, **{"checks_at": "23:30", **settings})
        self.stand = stand
        self.channel: Platform

    async def begin(self) -> None:
        """Connect the channel, link everybody, and let the morning come."""
        known, public_url = self.settings.link_by_email, self.settings.public_url
        desk = Desk(self.database, handle, links_by_email=known, public_url=public_url)
        self.channel = await self.stand.start(desk)
        self.database.run(self._link)
        self.app = App(self.settings, self.database, [self.recorder, self.channel])

    def _link(self, transaction: Transaction) -> None:
        for name in LINKED:
            link(transaction, Owner(self.ids[name], None), self.stand.name, self.stand.address_of(name))
        if self.stand.has_shared:
            link(transaction, Owner(None, self.ids["Oak Farm"]), self.stand.name, self.stand.shared_by("Oak Farm"))

    def code_for(self, *, person: str = "", provider: str = "") -> str:
        """A fresh link code."""
        from datetime import timedelta

        from apbot.store.linkcodes import make_code

        made = self.database.run(
            make_code,
            timedelta(hours=1),
            person_id=self.ids[person] if person else None,
            provider_id=self.ids[provider] if provider else None,
        )
        return made.code

    async def until_register(self) -> None:
        """It is 09:31, the registers stand in the chats, and the Garage's pupil is there: the Farm's are left."""
        await self.until("09:31")
        await self.provider("The Garage").taps("All arrived")

    @property
    def farm(self) -> str:
        """Where Oak Farm's register stands: its shared conversation, or Sam Taylor's own."""
        return self.stand.shared_by("Oak Farm") if self.stand.has_shared else self.stand.address_of("Sam Taylor")

    @property
    def dsl_address(self) -> str:
        """Where Dorothy Okafor, Hillcrest's DSL, is written to."""
        return self.stand.address_of("Dorothy Okafor")

    def newest(self, address: str, *words: str) -> Shown:
        """The newest message in this conversation that has all these words."""
        for shown in reversed(self.stand.shown(address)):
            if all(word.lower() in shown.text.lower() for word in words) and not shown.is_deleted:
                return shown
        there = "\n---\n".join(each.text for each in self.stand.shown(address))
        raise AssertionError(f"{words} not seen; there is:\n{there}")

    async def taps(self, person: str, place: str, label: str, about: str = "", **inputs: str) -> str:
        """Press a button, and let what it owes go out."""
        answer = await self.stand.tap(person, place, label, about, inputs)
        await self.app.tick()
        return answer

    async def types(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        """Type words, and let what they owe go out."""
        answer = await self.stand.type(person, place, text, reply_to)
        await self.app.tick()
        return answer

    async def end(self) -> None:
        """Let everything go, and hold the stand-in's observations against the test."""
        await self.stand.stop()
        self.close()
        assert not self.stand.problems, self.stand.problems


@asynccontextmanager
async def begun(stand: Stand, **settings: Any) -> AsyncIterator[ChatDay]:
    """A day with this stand-in."""
    day = ChatDay(stand, **settings)
    await day.begin()
    try:
        yield day
    finally:
        await day.end()
