"""Hearing what somebody did, within the time that Slack waits, and answering it once."""

import asyncio
import secrets
from functools import partial

import structlog

from apbot.cards import Reply
from apbot.channels.desk import Desk, Heard
from apbot.channels.slack.answers import FAILED, Answers
from apbot.channels.slack.api import Api
from apbot.channels.slack.members import emails_of
from apbot.channels.slack.payloads import Origin
from apbot.store import linking
from apbot.store.database import Transaction

log = structlog.get_logger()

PATIENCE = 2.0
"""Seconds until Slack is told that it has arrived, whatever the database does. Slack waits for three."""

KNOWN_WITHIN = 0.5
"""Seconds to look up who pressed before a form is opened: Slack takes none after three."""


class Hearing:
    """Brings what people do to the desk.

    What was done is committed first and acknowledged then; where the database takes longer, it is acknowledged, and
    the answer comes when there is one.
    """

    def __init__(self, name: str, desk: Desk, api: Api, answers: Answers, patience: float) -> None:
        """`patience` is how many seconds to wait for the database before acknowledging."""
        self._api = api
        self.name = name
        self.desk = desk
        self.answers = answers
        self.patience = patience

    def start(self, heard: Heard) -> asyncio.Task[Reply]:
        """Begin to do it."""
        return self.answers.start(self.hear(heard))

    async def hear(self, heard: Heard) -> Reply:
        """Do it, and give the reply; what fails is said to the person."""
        try:
            return await self.desk.hear(self.name, heard, partial(emails_of, self._api, heard.sender))
        except Exception as problem:  # noqa: BLE001  (whatever it is, the person is told that nothing was done)
            log.error("slack: what somebody did could not be recorded", problem=type(problem).__name__)
            return FAILED

    async def in_time(self, hearing: asyncio.Task[Reply]) -> Reply | None:
        """The reply, or None where it has not come by the time that Slack must be told something."""
        await asyncio.wait({hearing}, timeout=self.patience)
        return hearing.result() if hearing.done() else None

    def answer_later(self, hearing: asyncio.Task[Reply], heard: Heard, origin: Origin, *, openly: bool = False) -> None:
        """Answer when the reply has come: everybody in the conversation, or only the person who acted."""
        self.answers.start(self._answer(hearing, heard, origin, openly=openly))

    async def _answer(self, hearing: asyncio.Task[Reply], heard: Heard, origin: Origin, *, openly: bool) -> None:
        reply = await hearing
        if reply.card is None or (reply is not FAILED and not self.answers.is_new(heard.event_id)):
            return
        openly = openly and not (reply.is_private and origin.is_shared)
        await (self.answers.openly if openly else self.answers.privately)(origin, reply.card)

    async def is_stranger(self, origin: Origin) -> bool:
        """Whether it is certain, soon enough to open a form otherwise, that nothing this person does will count."""
        try:
            async with asyncio.timeout(KNOWN_WITHIN):
                return not await self.desk.may_act(self.name, origin.sender)
        except Exception as problem:  # noqa: BLE001  (then they are asked, and told when they have answered)
            log.warning("slack: can't see who it is", problem=type(problem).__name__)
            return False

    async def is_ours(self, origin: Origin) -> bool:
        """What people say to each other in channels that are no provider's is none of apbot's business."""
        if not origin.is_shared:
            return True

        def is_linked(transaction: Transaction) -> bool:
            return linking.owner_of(transaction, self.name, origin.place) is not None

        try:
            return await self.desk.database.read(is_linked)
        except Exception as problem:  # noqa: BLE001  (then it is treated as ours, and the person told what fails)
            log.error("slack: can't see whose conversation it is", problem=type(problem).__name__)
            return True


def event_name(kind: str, *parts: str) -> str:
    """An event's name from the platform's; one for itself alone where the platform gives none."""
    name = ":".join([kind, *(each for each in parts if each)])
    return f"{kind}:{secrets.token_hex(8)}" if name == kind else name
