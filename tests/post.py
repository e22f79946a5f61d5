"""An outbox with platforms that answer as they are told to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.cards import Card
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.clock import VirtualClock
from apbot.delivery import Delivery
from apbot.domain.priority import Priority
from apbot.messages.kinds import AnyKind, Envelope, MessageKind
from apbot.store.database import Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.people import keep_channels
from apbot.store.tables import addresses, messages
from tests import school
from tests.blank import filled

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
DSL, CONTACT, DEPUTY = "Dorothy Okafor", "Priya Nair", "Tom Beckett"
ACCEPTED = Receipt(Outcome.ACCEPTED, "ref")

During = Callable[[], None]


@dataclass
class Platform:
    """A platform that keeps what it is given and answers as it is told to."""

    name: str = "web"
    batch: int = 10
    given: list[Outgoing] = field(default_factory=list)
    answers: list[Receipt | Exception] = field(default_factory=list)
    meanwhile: list[During] = field(default_factory=list)
    """What happens while a message is under way, once each."""

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        self.given += batch
        while self.meanwhile:
            self.meanwhile.pop(0)()
        return [self._answer(each) for each in batch]

    def _answer(self, outgoing: Outgoing) -> Receipt:
        answer = self.answers.pop(0) if self.answers else Receipt(Outcome.ACCEPTED, f"ref {outgoing.message_id}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def said(self) -> list[str]:
        """The headings given, in order."""
        return [each.card.heading for each in self.given]


class Post:
    """An outbox whose messages say what `says` holds for their subject; None: nothing any longer."""

    def __init__(self, url: str = "", *, channels: Sequence[str] = ("web",)) -> None:
        self.clock = VirtualClock(NOW)
        if url:
            self.database = Database(url, self.clock)
            upgrade(self.database.engine)
            self.ids = self.database.run(school.build)
        else:
            self.database, self.ids = filled(self.clock, school.build)
        self.says: dict[int, str | Exception | None] = {number: f"note {number}" for number in range(1, 200)}
        self.platforms = {name: Platform(name) for name in channels}
        self.delivery = self.another()

    def another(self, *platforms: Platform) -> Delivery:
        """Another process that delivers from the same outbox."""
        return Delivery(self.database, platforms or tuple(self.platforms.values()), self._kinds())

    def _kinds(self) -> dict[str, AnyKind]:
        def load(_: Transaction, ids: Sequence[int]) -> Mapping[int, str | Exception | None]:
            return {each: self.says[each] for each in ids}

        def card(says: str | Exception | None, envelope: Envelope) -> Card | None:
            if isinstance(says, Exception):
                raise says
            return None if says is None else Card(says)

        kinds = [MessageKind(name, Priority.ESCALATION, load, card) for name in ("note", "escalation")]
        return {kind.name: kind for kind in kinds}

    @property
    def web(self) -> Platform:
        return self.platforms["web"]

    def owe(self, number: int = 1, *, to: str = DSL, priority: int = Priority.ESCALATION, kind: str = "note") -> None:
        self.database.run(owe, [Owed(Subject(kind, number), priority, self.clock.now(), person_id=self.ids[to])])

    def change(self, number: int, says: str | None) -> None:
        """What the messages about `number` say changes."""
        self.says[number] = says
        self.database.run(refresh, ["note"], [number])

    def address(self, owner: str, channel: str, rank: int = 1, address: str = "") -> None:
        self.database.run(keep_channels, [channel])
        self.database.run(
            lambda t: t.insert(
                addresses,
                person_id=self.ids[owner],
                channel=channel,
                address=address or f"{channel}-{owner}",
                rank=rank,
            )
        )

    async def drain(self, after: timedelta = timedelta()) -> int:
        self.clock.forward(after)
        return await self.delivery.drain()

    def rows(self) -> list[sa.Row[Any]]:
        """The notes: what the admins are told of an address that was refused is another matter."""
        notes = sa.select(messages).where(messages.c.kind == "note").order_by(messages.c.id)
        return list(self.database.run(lambda t: t.rows(notes)))

    def row(self, number: int = 1) -> sa.Row[Any]:
        return next(row for row in self.rows() if row.subject_id == number)


@asynccontextmanager
async def opened(post: Post) -> AsyncIterator[Post]:
    """A post that a test made for itself."""
    try:
        yield post
    finally:
        post.database.close()


@asynccontextmanager
async def running(post: Post) -> AsyncIterator[None]:
    """Delivery runs, woken by what is committed."""
    loop = asyncio.get_running_loop()
    post.database.listeners.append(lambda _: loop.call_soon_threadsafe(post.delivery.wake))
    task = asyncio.create_task(post.delivery.run(60))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop go round until it holds; ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)
