"""Delivery: from the outbox to the platforms. The only part that talks to one.

Each channel has a lane of its own, so that a slow platform never holds up another. A lane claims what is due under a
lease, works out what each message should say now, hands the batch to the channel, and settles each receipt. A process
that dies in between leaves the lease to run out: the message goes out again, marked as a possible repeat, because a
repeat is cheap and silence is not.
"""

import asyncio
import contextlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.cards import Card
from apbot.channels.condition import Condition
from apbot.channels.platform import Platform
from apbot.channels.port import Channel, Outcome, Outgoing, Receipt
from apbot.domain.priority import Priority
from apbot.messages import put_away
from apbot.messages.kinds import AnyKind, Envelope
from apbot.pictures.drawing import draw
from apbot.places import EVERYTHING, Places
from apbot.settling import Claimed, settle
from apbot.store.database import Database, Transaction
from apbot.store.fallback import not_for_leavers
from apbot.store.labels import references_only
from apbot.store.outbox import claim
from apbot.store.savepoints import TransactionLost

log = structlog.get_logger()

PATIENCE = timedelta(seconds=45)
"""So long a channel may take over one batch: less than the lease, so that what became of it is still ours to settle."""

DRAWN_WITHIN = timedelta(seconds=10)
"""So long a batch waits for its pictures; those that are not drawn by then are left out. With `PATIENCE` less than
the lease."""


Cards = Callable[[Transaction, str, Sequence[sa.Row[Any]]], list[Claimed]]
"""Works out what messages of one kind say now."""


class Lane:
    """Delivery on one channel."""

    def __init__(
        self, database: Database, channel: Channel, kinds: Mapping[str, AnyKind], public_url: str = ""
    ) -> None:
        self._database = database
        self._channel = channel
        self._kinds = kinds
        self._public_url = public_url
        self._is_outside = isinstance(channel, Platform)
        self._references_only = isinstance(channel, Platform) and channel.references_only
        self._can_edit = not isinstance(channel, Platform) or channel.can_edit
        self._takes_pictures = isinstance(channel, Platform) and channel.takes_pictures
        self._most_to_one = channel.most_to_one if isinstance(channel, Platform) else None
        self._places = Places(channel.batches if isinstance(channel, Platform) else 1)
        self.condition = channel.condition if isinstance(channel, Platform) else Condition()
        self.waking = asyncio.Event()

    async def run(self, every: float) -> None:
        """Send what is due, at once when woken and at least every `every` seconds, until cancelled."""
        try:
            while True:
                self.waking.clear()
                try:
                    await self._begin()
                except Exception:
                    log.exception("delivery failed; trying again", channel=self._channel.name)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(every):  # wait_for, until Python 3.12, may lose that it is cancelled
                        await self.waking.wait()
        finally:
            await self._places.close()

    async def drain(self) -> int:
        """Send everything that is due; how many were accepted. Raises what a batch failed with, when all have ended."""
        # Each goes on to its end, whatever becomes of another: what it has claimed is under way.
        ended = await asyncio.gather(*await self._begin(), return_exceptions=True)
        for failure in ended:
            if isinstance(failure, BaseException):
                raise failure
        return sum(each for each in ended if isinstance(each, int))

    async def _begin(self) -> list[asyncio.Task[int]]:
        """Begin a batch wherever there is a free place, until no more is due; those that were begun.

        A batch that the platform leaves hanging keeps its own place, and holds up nobody's alert in the others.
        """
        begun = []
        while True:
            self.condition.moved()
            least = await self._places.free()
            claimed = await self._database.write(self._claim, least)
            if claimed:
                batch = asyncio.create_task(self._go_on(claimed, least))
                self._places.take(batch)
                batch.add_done_callback(self._ended)
                begun.append(batch)
            if len(claimed) < self._channel.batch and least is EVERYTHING:
                return begun

    def _ended(self, batch: asyncio.Task[int]) -> None:
        if not batch.cancelled() and (failure := batch.exception()) is not None:
            log.error("delivery failed; trying again", channel=self._channel.name, exc_info=failure)

    async def _go_on(self, claimed: Sequence[Claimed], least: Priority) -> int:
        """Send what has been claimed, and then batch after batch until no more of this weight is due; how many were
        accepted."""
        accepted = 0
        while claimed:
            sendable = [each for each in claimed if each.card is not None]
            receipts = await self._sent(sendable) if sendable else []
            settled, claimed = await self._database.write(
                self._settle_and_claim, claimed, list(zip(sendable, receipts, strict=True)), least
            )
            self.condition.sent(receipts)
            self.condition.moved()
            self._tell(sendable, receipts)
            accepted += settled
        return accepted

    def _tell(self, sent: Sequence[Claimed], receipts: Sequence[Receipt]) -> None:
        """What became of them is committed: for whoever counts."""
        measures, now, name = self._database.measures, self._database.clock.now(), self._channel.name
        alerts = {}
        for each, receipt in zip(sent, receipts, strict=True):
            row, outcome = each.row, receipt.outcome
            measures.settled(name, outcome.value)
            if outcome is not Outcome.ACCEPTED:
                log.warning("not taken", channel=name, message=row.id, outcome=outcome.value, why=receipt.why)
            elif row.sent_at is None:
                seconds = (now - row.due_at).total_seconds()
                measures.accepted(name, row.kind, seconds)
                if row.priority <= Priority.ESCALATION:
                    alerts[f"message:{row.id}"] = round(seconds, 3)
        if alerts:
            log.info("alerts accepted", channel=name, seconds_after_due=alerts)

    async def _sent(self, sendable: Sequence[Claimed]) -> Sequence[Receipt]:
        """Hand over what was claimed, unless this process has stood still since, until its lease ran out.

        Another will have sent it then, and what its cards say of the time is not true any more.
        """
        outgoing = await self._outgoing(sendable)
        if self._database.clock.now() >= min(each.row.lease_until for each in sendable):
            log.warning("held up for longer than a lease", channel=self._channel.name, count=len(sendable))
            return [Receipt(Outcome.AGAIN, why="held up after it was claimed") for _ in sendable]
        return await self._deliver(outgoing)

    async def _outgoing(self, sendable: Sequence[Claimed]) -> list[Outgoing]:
        """What is handed to the channel, with the pictures of what is new; a message waits for none for long."""
        found = [self._one_outgoing(each) for each in sendable]
        if not self._takes_pictures:
            return found
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAWN_WITHIN.total_seconds()):
                for at, each in enumerate(sendable):
                    if found[at].card.picture is not None and each.row.sent_at is None:
                        found[at] = replace(found[at], png=await _drawn(found[at].card))
        return found

    def _one_outgoing(self, each: Claimed) -> Outgoing:
        assert each.card is not None  # noqa: S101  (only these are handed on)
        row = each.row
        return Outgoing(
            row.id,
            row.address,
            each.card.leading(self._public_url) if self._is_outside else each.card,
            row.platform_ref,
            maybe_repeat=row.maybe_repeat,
            edit_only=row.put_away_at is not None,
        )

    async def _deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Hand a batch to the channel. One that gives no answer, or fails, holds up nothing that comes after, and has
        tried in vain: so an alert goes on to the next channel.
        """
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                receipts = await self._channel.deliver(batch)
            if len(receipts) == len(batch):
                return receipts
            why = "no answer for each"
        except TimeoutError:
            why = "no answer in time"
        except Exception as problem:
            log.exception("a channel failed", channel=self._channel.name, count=len(batch))
            return [Receipt(Outcome.UNKNOWN, why=type(problem).__name__) for _ in batch]
        log.error("a channel gave no answer", channel=self._channel.name, count=len(batch), why=why)
        return [Receipt(Outcome.UNKNOWN, why=why) for _ in batch]

    def _claim(self, transaction: Transaction, least: Priority) -> list[Claimed]:
        """Claim a batch, of this weight or more, and work out what each message says now."""
        try:
            with transaction.savepoint():
                return self._claimed(transaction, least, self._cards)
        except TransactionLost:
            raise  # nothing may be sent
        except Exception:  # noqa: BLE001  (whatever it was: it is told of where it is known which can't be made)
            with transaction.savepoint():
                return self._claimed(transaction, least, self._cards_apart)

    def _claimed(self, transaction: Transaction, least: Priority, cards: Cards) -> list[Claimed]:
        # A token for each claim: a batch that was held up must not settle what was claimed again since, by us as well.
        lease = secrets.token_hex(8)
        rows = claim(transaction, self._channel.name, lease, self._channel.batch, self._most_to_one, least)
        standing = [row for row in rows if row.put_away_at is None]
        gone = not_for_leavers(transaction, standing)
        by_kind: dict[str, list[sa.Row[Any]]] = defaultdict(list)
        for row in standing:
            if row.id not in gone:
                by_kind[row.kind].append(row)
        claimed = {each.row.id: each for kind, same in by_kind.items() for each in cards(transaction, kind, same)}
        claimed.update({row.id: Claimed(row, None, is_for_nobody=True) for row in rows if row.id in gone})
        claimed.update({row.id: self._put_away(row) for row in rows if row.put_away_at is not None})
        return [claimed[row.id] for row in rows]

    def _put_away(self, row: sa.Row[Any]) -> Claimed:
        """What was sent long ago is edited down, in the chat of somebody who has left too."""
        return Claimed(row, put_away.card(row.kind, row.due_at) if self._can_edit else None)

    def _cards(self, transaction: Transaction, kind: str, rows: Sequence[sa.Row[Any]]) -> list[Claimed]:
        """What messages of one kind say now."""
        wanted = [(row.subject_id, _envelope(row, transaction)) for row in rows]
        with references_only(self._references_only):
            cards = self._kinds[kind].render(transaction, wanted)
        return [Claimed(row, card) for row, card in zip(rows, cards, strict=True)]

    def _cards_apart(self, transaction: Transaction, kind: str, rows: Sequence[sa.Row[Any]]) -> list[Claimed]:
        """The same where one can't be made: it spoils no other."""
        try:
            with transaction.savepoint():
                return self._cards(transaction, kind, rows)
        except TransactionLost:
            raise
        except Exception as problem:
            if len(rows) > 1:
                return [each for row in rows for each in self._cards_apart(transaction, kind, [row])]
            log.exception("a message can't be made; trying again", kind=kind, message=rows[0].id)
            return [Claimed(rows[0], None, type(problem).__name__)]

    def _settle_and_claim(
        self,
        transaction: Transaction,
        claimed: Sequence[Claimed],
        results: Sequence[tuple[Claimed, Receipt]],
        least: Priority,
    ) -> tuple[int, Sequence[Claimed]]:
        """Write down what became of a batch, and take the next, in one commit; how many were accepted, and the next."""
        accepted = settle(transaction, claimed, results)
        if len(claimed) < self._channel.batch and self._most_to_one is None:
            return accepted, ()  # there was no more. Of a batch that holds so many to one address more may be due
        try:
            return accepted, self._claim(transaction, least)
        except TransactionLost:
            raise
        except Exception:
            log.exception("the next batch can't be claimed; trying again", channel=self._channel.name)
            return accepted, ()  # what has been sent stays settled


async def _drawn(card: Card) -> bytes:
    """The card's picture; nothing where it can't be drawn, for its words say the same."""
    assert card.picture is not None  # noqa: S101  (only these are asked for)
    try:
        return await draw(card.picture)
    except Exception as problem:  # noqa: BLE001  (whatever it is, the message must go out)
        log.error("a picture can't be drawn; the message is sent without it", problem=type(problem).__name__)
        return b""


def _envelope(row: sa.Row[Any], transaction: Transaction) -> Envelope:
    return Envelope(
        person_id=row.person_id,
        round=row.round,
        step=row.step,
        due_at=row.due_at,
        now=transaction.now,
        sent_before=row.sent_at is not None,
        sent_at=row.sent_at,
    )


class Delivery:
    """All lanes. Each is woken when something is owed, and looks for what is due at every tick."""

    def __init__(
        self, database: Database, channels: Sequence[Channel], kinds: Mapping[str, AnyKind], public_url: str = ""
    ) -> None:
        """`public_url` is how browsers reach apbot's own pages: without it no message leads to one."""
        self._lanes = [Lane(database, channel, kinds, public_url) for channel in channels]
        self.conditions = {channel.name: lane.condition for channel, lane in zip(channels, self._lanes, strict=True)}
        """How each channel does, by its name."""

    async def drain(self) -> int:
        """Send everything that is due on every channel; how many were accepted."""
        return sum([await lane.drain() for lane in self._lanes])

    def wake(self) -> None:
        """Something may be due now. To be called in the event loop's thread."""
        for lane in self._lanes:
            lane.waking.set()

    async def run(self, every: float) -> None:
        """Keep every lane draining until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            for lane in self._lanes:
                lanes.create_task(lane.run(every))
