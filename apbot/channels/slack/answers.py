"""Answers to what people do: to the one who acted, where others read along; and never twice for one event."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import structlog

from apbot.cards import Card, Reply, Tone
from apbot.channels.port import Outcome
from apbot.channels.slack.api import Api, SlackTrouble
from apbot.channels.slack.blocks import Part, in_parts
from apbot.channels.slack.payloads import Origin
from apbot.channels.slack.sending import Sender

log = structlog.get_logger()

T = TypeVar("T")

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds that an answer waits at most when Slack asks for a pause."""

PARTS_MOST = 4
"""Slack takes five answers to one press or command; one is left for what may have to be said besides."""

REMEMBERED = 5000

AT_THE_END = 5.0
"""Seconds that answers which are under way are given when apbot stops."""

FAILED = Reply(
    Card(
        "That did not work, and nothing was recorded",
        Tone.ALERT,
        ("Please do it again. If it goes on, telephone the school.",),
    ),
    is_refusal=True,
)
"""Said where the database fails. The same event again is tried anew."""


class Answers:
    """Gives answers, in the background where Slack's three seconds are over."""

    def __init__(self, api: Api, sender: Sender) -> None:
        """Post by `sender`; answer presses by `api`."""
        self._api = api
        self._sender = sender
        self._under_way: set[asyncio.Task[Any]] = set()
        self._given: OrderedDict[str, None] = OrderedDict()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Do it in the background; it is let finish when apbot stops."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.error("slack: something failed", problem=type(problem).__name__)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def close(self) -> None:
        """Let what is under way finish for a moment, then end it."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.settled(), AT_THE_END)
        for task in list(self._under_way):
            task.cancel()

    def is_new(self, event_id: str) -> bool:
        """Whether this process has not begun to answer this event before. From now on it has."""
        if event_id in self._given:
            return False
        self._given[event_id] = None
        if len(self._given) > REMEMBERED:
            self._given.popitem(last=False)
        return True

    async def privately(self, origin: Origin, card: Card) -> None:
        """Tell the person who acted, and nobody else."""
        await self.parts_privately(origin, in_parts(card))

    async def parts_privately(self, origin: Origin, parts: Sequence[Part]) -> None:
        """As `privately`, of a card whose first parts may have been given already."""
        for at, part in enumerate(parts):
            # Slack takes so many answers to one press or command; what is more comes as messages to the person.
            await self._tell(origin if at < PARTS_MOST else replace(origin, response_url="", channel=""), part)

    async def openly(self, origin: Origin, card: Card) -> None:
        """Tell everybody in the conversation in which it was typed, under what it was typed under."""
        for part in in_parts(card):

            async def there(part: Part = part) -> None:
                await self._sender.post(origin.channel, part, origin.thread)

            async def alone(part: Part = part) -> None:
                await self._sender.post(origin.sender, part)

            await _first_that_works(there, alone)

    async def _tell(self, origin: Origin, part: Part) -> None:
        message = {"text": part.text, "blocks": part.blocks}
        thread = {"thread_ts": origin.thread} if origin.thread else {}

        async def at_url() -> None:
            await self._api.respond(
                origin.response_url, response_type="ephemeral", replace_original=False, **message, **thread
            )

        async def ephemeral() -> None:
            await self._api.ask(
                self._api.client.chat_postEphemeral, channel=origin.channel, user=origin.user, **message, **thread
            )

        async def alone() -> None:
            await self._sender.post(origin.sender, part)

        ways = [*([at_url] if origin.response_url else []), *([ephemeral] if origin.channel else []), alone]
        await _first_that_works(*ways)


async def _first_that_works(*ways: Callable[[], Awaitable[None]]) -> None:
    trouble: SlackTrouble | None = None
    for way in ways:
        try:
            await _patiently(way)
        except SlackTrouble as problem:
            trouble = problem
        else:
            return
    if trouble is not None:
        log.error("slack: an answer could not be given", problem=trouble.code)


async def _patiently(way: Callable[[], Awaitable[None]]) -> None:
    for left in reversed(range(TRIES)):
        try:
            return await way()
        except SlackTrouble as trouble:
            if trouble.outcome is not Outcome.AGAIN or not left:
                raise
            wait = trouble.retry_after.total_seconds() if trouble.retry_after else 1.0
            await asyncio.sleep(min(wait, LONGEST_WAIT))
    return None
