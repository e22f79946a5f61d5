"""What people do reaches apbot through its platforms: late, out of order, several times, or not at first."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from apbot.cards import Reply
from apbot.channels.desk import Heard
from apbot.channels.web import CHANNEL as WEB
from apbot.channels.web import NotYourConversation
from apbot.clock import Clock
from apbot.simulator.cast import Planned
from apbot.simulator.faults.database import Killed
from apbot.simulator.faults.dice import PER_PRESS, Dice, Log
from apbot.simulator.faults.outside import NAME as OUTSIDE
from apbot.simulator.faults.process import Process
from apbot.store.savepoints import TransactionLost

ANSWER_WITHIN = 15.0
"""Seconds for which a browser, or a platform, waits for apbot."""

TELLS_AGAIN = 60
"""So often an event that is not taken is told again."""


@dataclass
class Inbound:
    """The way in. `serving` gives a process that the next request goes to, or None where none listens."""

    clock: Clock
    dice: Dice
    log: Log
    serving: Callable[[], Process | None]
    breach: Callable[[str], None]
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    is_quiet: bool = False
    done: Counter[str] = field(default_factory=Counter)
    answers: dict[tuple[str, str], Reply] = field(default_factory=dict)
    """What each event that was taken has been answered."""

    async def act(self, planned: Planned) -> None:
        """Somebody does something, and the platform tells of it until it is taken."""
        dice = self.dice.of("presses")
        kind = None if self.is_quiet else self.dice.fault(PER_PRESS)
        event = planned.deed.event_id
        if kind is not None:
            self.log.fault(self.clock.now(), kind, event)
        match kind:
            case "told five times":
                for _ in range(4):
                    self.spawn(self._after(dice.uniform(0, 90) if dice.random() < 0.5 else 0.0, planned))
            case "told minutes late":
                await asyncio.sleep(dice.uniform(60, 900))
            case "lost until told again":
                await asyncio.sleep(dice.uniform(30, 300))
        await self._tell(planned)

    async def _after(self, seconds: float, planned: Planned) -> None:
        await asyncio.sleep(seconds)
        await self._tell(planned)

    async def _tell(self, planned: Planned) -> None:
        dice = self.dice.of("presses")
        channel = OUTSIDE if _is_outside(planned.conversation) else WEB
        for _ in range(TELLS_AGAIN):
            process = self.serving()
            if process is not None:
                try:
                    reply = await self._ask(process, planned)
                except NotYourConversation:
                    return  # they have left: nothing they could still do
                if reply is not None:
                    self._taken(channel, planned.deed.event_id, reply)
                    return
            await asyncio.sleep(dice.uniform(5, 60))
        self.log.say(self.clock.now(), f"given up: {planned.deed.event_id}")

    async def _ask(self, process: Process, planned: Planned) -> Reply | None:
        """The answer; None where there is none, and nobody knows whether it was done."""

        async def served() -> Reply:
            await process.gate()
            return await _do(process, planned)

        task = process.spawn(served())
        await asyncio.wait({task}, timeout=ANSWER_WITHIN)
        if not task.done() or task.cancelled():
            return None
        try:
            reply: Reply = task.result()
            return reply
        except (sa.exc.SQLAlchemyError, TransactionLost, Killed):
            return None

    def _taken(self, channel: str, event: str, reply: Reply) -> None:
        self.done[channel] += 1
        before = self.answers.setdefault((channel, event), reply)
        heading = reply.card.heading if reply.card is not None else ""
        self.log.say(self.clock.now(), f"takes {event}: {heading}")
        if before != reply:
            said = before.card.heading if before.card is not None else ""
            self.breach(f"{channel} {event} was answered {said!r}, and then {heading!r}")


async def _do(process: Process, planned: Planned) -> Reply:
    deed = planned.deed
    if not _is_outside(planned.conversation):
        return (await process.app.chat.do(planned.person_id, planned.conversation, deed)).reply
    heard = Heard(
        event_id=deed.event_id,
        sender=f"u{planned.person_id}",
        place=planned.conversation,
        verb=deed.verb,
        subject=deed.subject,
        value=deed.value,
        inputs=deed.inputs,
        text=deed.text,
    )
    return await process.app.desk.hear(OUTSIDE, heard)


def _is_outside(conversation: str) -> bool:
    """Addresses on the invented platform are "u12", a person, and "c3", a provider's conversation."""
    return conversation[0] in "uc"
