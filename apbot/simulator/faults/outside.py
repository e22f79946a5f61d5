"""An invented platform, with every way in which real ones fail, and what stands in the conversations there."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apbot.cards import Card
from apbot.channels.platform import Platform
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.clock import Clock
from apbot.simulator.faults.database import Killed, Runs
from apbot.simulator.faults.dice import PER_MESSAGE, Dice, Log
from apbot.simulator.faults.excuses import Excuses

NAME = "outside"
PATIENT_FOR = 10.0
"""Seconds that the channel waits for an answer."""


@dataclass
class Posted:
    """A message as it stands on the platform."""

    address: str
    message_id: int
    is_deleted: bool = False


@dataclass(frozen=True)
class Shown:
    """What somebody saw: a new message, or one that changed in its place."""

    at: datetime
    asked_at: datetime
    """When the platform was asked to show it."""
    address: str
    message_id: int
    ref: str
    card: Card
    is_new: bool
    is_marked: bool
    """It says that it may be a repeat."""
    is_platforms_own: bool = False
    """The platform showed it twice, or a person had deleted what it is posted anew for: not apbot's doing."""


@dataclass
class Outside:
    """The platform itself. Its state is not any process's."""

    clock: Clock
    dice: Dice
    log: Log
    excuses: Excuses
    when_blocked: Callable[[str, float], object]
    references_only: bool = False
    most_to_one: int | None = None
    posted: dict[str, Posted] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)
    """Since it was last read."""
    blocked: dict[str, float] = field(default_factory=dict)
    """By which addresses apbot is blocked, and until when."""
    down_until: float = 0.0
    slow_until: float = 0.0
    revoked_until: float = 0.0
    is_quiet: bool = False
    """Nothing fails by chance any more."""

    def block(self, address: str, seconds: float) -> None:
        """Whoever reads there lets nothing in for so long, and then writes again."""
        self.blocked[address] = asyncio.get_running_loop().time() + seconds
        self.excuses.address(address, seconds + 120)
        self.when_blocked(address, seconds)

    def take(self, given: Outgoing, asked_at: datetime, *, twice: bool = False) -> Receipt:
        """What the platform does with a message that has reached it."""
        now = asyncio.get_running_loop().time()
        if self.blocked.get(given.address, 0.0) > now:
            return Receipt(Outcome.REFUSED, why="blocked")
        standing = self.posted.get(given.platform_ref)
        if standing is not None and not standing.is_deleted:
            self._show(given, asked_at, given.platform_ref, is_new=False)
            return Receipt(Outcome.ACCEPTED, given.platform_ref)
        if given.edit_only:
            return Receipt(Outcome.ACCEPTED, given.platform_ref)
        ref = self._post(given, asked_at, own=standing is not None)
        if twice:
            self._post(given, asked_at, own=True)
        return Receipt(Outcome.ACCEPTED, ref)

    def _post(self, given: Outgoing, asked_at: datetime, *, own: bool) -> str:
        ref = f"m{len(self.posted) + 1}"
        self.posted[ref] = Posted(given.address, given.message_id)
        self._show(given, asked_at, ref, is_new=True, own=own)
        return ref

    def _show(self, given: Outgoing, asked_at: datetime, ref: str, *, is_new: bool, own: bool = False) -> None:
        now = self.clock.now()
        shown = Shown(now, asked_at, given.address, given.message_id, ref, given.card, is_new, given.maybe_repeat, own)
        self.shown.append(shown)
        word = "shows" if is_new else "changes"
        mark = " (may be a repeat)" if given.maybe_repeat else ""
        self.log.say(now, f"{word} {given.message_id} to {given.address}: {given.card.heading}{mark}")


class OutsideChannel(Platform):
    """The channel to it, in one process."""

    name = NAME
    process: Runs

    def __init__(self, outside: Outside) -> None:
        """Nothing is connected yet."""
        self._outside = outside
        self.references_only = outside.references_only
        self.most_to_one = outside.most_to_one

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """One request for each message."""
        return [await self._send(each) for each in batch]

    async def _send(self, given: Outgoing) -> Receipt:
        await self.process.gate()
        there = self._outside
        loop, dice, now = asyncio.get_running_loop(), there.dice.of("platform"), there.clock.now()
        kind = None if there.is_quiet else there.dice.fault(PER_MESSAGE)
        if kind is not None:
            there.log.fault(now, kind, f"message {given.message_id}")
        if there.down_until > loop.time() or kind == "connection refused":
            there.excuses.address(given.address, 60)
            if kind != "connection refused" and dice.random() < 0.3:
                await asyncio.sleep(PATIENT_FOR)
                return Receipt(Outcome.UNKNOWN, why="no answer")
            await asyncio.sleep(0.01)
            return Receipt(Outcome.AGAIN, why="connection refused")
        if there.revoked_until > loop.time():
            there.excuses.address(given.address, 60)
            await asyncio.sleep(0.1)
            return Receipt(Outcome.AGAIN, why="not authorised")
        is_slow = there.slow_until > loop.time()
        if is_slow:
            there.excuses.address(given.address, 60)
        out = dice.uniform(4, 13) if is_slow else dice.uniform(0.02, 0.2)
        if kind is not None:
            return await self._fails(kind, given, out)
        return await self._request(given, out)

    async def _fails(self, kind: str, given: Outgoing, out: float) -> Receipt:
        there = self._outside
        dice = there.dice.of("platform")
        there.excuses.address(given.address, 100)
        match kind:
            case "429 with Retry-After":
                await asyncio.sleep(out)
                pause = dice.choice((1, 5, 30, 90, 180))
                there.excuses.address(given.address, pause + 60)
                return Receipt(Outcome.AGAIN, retry_after=timedelta(seconds=pause), why="429")
            case "500":
                await asyncio.sleep(out)
                return Receipt(Outcome.AGAIN, why="500")
            case "no answer, not delivered":
                await asyncio.sleep(PATIENT_FOR)
                return Receipt(Outcome.UNKNOWN, why="no answer")
            case "delivered, and no answer":
                await self._request(given, out)
                await asyncio.sleep(PATIENT_FOR)
                return Receipt(Outcome.UNKNOWN, why="no answer")
            case "hangs until patience ends":
                there.excuses.everywhere(45 + 60)  # what else is in the batch waits too
                if dice.random() < 0.5:
                    await self._request(given, out)
                await asyncio.sleep(3600)
                raise AssertionError("delivery waits so long for a channel")
            case "delivered twice":
                return await self._request(given, out, twice=True)
            case "address refused for good":
                there.block(given.address, dice.uniform(600, 20_000))
                return await self._request(given, out)
            case "killed while the platform has it":
                there.excuses.everywhere(60)
                if dice.random() < 0.7:
                    asyncio.get_running_loop().call_later(out, there.take, given, there.clock.now())
                self.process.die(kind)
                raise Killed
            case "killed once the platform has it":
                await self._request(given, out)
                self.process.die(kind)
                raise Killed
        raise RuntimeError("something in the channel is broken")

    async def _request(self, given: Outgoing, out: float, *, twice: bool = False) -> Receipt:
        """Send it, and wait for the answer. Once it is on its way the platform gets it, whatever becomes of us."""
        loop = asyncio.get_running_loop()
        asked_at = self._outside.clock.now()
        answered: asyncio.Future[Receipt] = loop.create_future()

        def arrive() -> None:
            receipt = self._outside.take(given, asked_at, twice=twice)
            if not answered.done():
                answered.set_result(receipt)

        loop.call_later(out, arrive)
        try:
            async with asyncio.timeout(PATIENT_FOR):
                return await answered
        except TimeoutError:
            return Receipt(Outcome.UNKNOWN, why="no answer")
