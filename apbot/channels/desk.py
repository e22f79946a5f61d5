"""The desk: where channels bring what people do on their platforms.

One transaction finds out who it was, whose conversation it was in and which message it was about, and does it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.cards import Action, Reply
from apbot.channels.files import NO_FILES, without_the_file
from apbot.domain.access import Actor
from apbot.handlers.linking import LINK, by_email
from apbot.store import linking
from apbot.store.database import Database, Transaction
from apbot.store.eventnames import event_name
from apbot.store.fallback import Delivered, Heeded, Undelivered, closed_by_platform, delivered, not_delivered
from apbot.store.labels import references_only
from apbot.store.people import load_actor
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant, events, messages

Handle = Callable[[Transaction, Actor | None, Action], Reply]
"""Does what a person asked for, inside the open transaction; the same event again gives the same reply."""

EmailsOf = Callable[[], Awaitable[Collection[str]]]
"""Asks the platform which email addresses it vouches for of who did something; none where it vouches for none."""

EMAILS_WITHIN = 8.0
"""Seconds that this may take: then it is as if there were none."""

REMEMBERED = timedelta(days=8)
"""A reply to an older message of apbot's is not related to it."""


@dataclass(frozen=True)
class Heard:
    """What somebody did, in the platform's words.

    `event_id` is the same when the platform tells of it again. `sender` is the address at which the person is
    written to; `place` the conversation, the same as `sender` where nobody else reads it. `platform_ref` names the
    message it was done on or in reply to: one of the names that the receipt gave. `detail` is what the platform
    needs besides to post there, kept with the address. `named` says that apbot was spoken to by its name, or
    directly answered; writing in a thread under its message is neither. `has_file`: a recording, a photo or a file
    came with it, of which nothing was fetched.
    """

    event_id: str
    sender: str
    place: str
    verb: str = "say"
    subject: int = 0
    value: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    platform_ref: str = ""
    detail: Mapping[str, Any] | None = None
    named: bool = False
    has_file: bool = False

    def __post_init__(self) -> None:
        """Whatever a platform calls its event, it fits where it is kept: else the event would be lost."""
        object.__setattr__(self, "event_id", event_name(self.event_id))


log = structlog.get_logger()


class Desk:
    """Shared by all channels but the built-in one, which knows its people by their sign-in."""

    def __init__(
        self,
        database: Database,
        handle: Handle,
        *,
        links_by_email: bool = False,
        references_only: bool = False,
        public_url: str = "",
    ) -> None:
        """`handle` does what people ask; with `references_only` it is answered as on such a platform.

        `links_by_email`: whoever is unknown may be known by their email address. `public_url` is how browsers reach
        apbot's own pages: without it no answer leads to one.
        """
        self.database = database
        self.links_by_email = links_by_email
        self._handle = handle
        self._references_only = references_only
        self._public_url = public_url

    def by_reference(self) -> "Desk":
        """The same desk for a channel with `Platform.references_only`: its answers show no pupil's initials."""
        return Desk(
            self.database,
            self._handle,
            links_by_email=self.links_by_email,
            references_only=True,
            public_url=self._public_url,
        )

    def naming(self) -> AbstractContextManager[None]:
        """Cards that are made within name pupils as this desk's channel does."""
        return references_only(self._references_only)

    async def hear(self, channel: str, heard: Heard, emails_of: EmailsOf | None = None) -> Reply:
        """Do what somebody did, whole or not at all, and give the answer. It is committed when this returns.

        `emails_of` is asked only about somebody unknown, and only where people are linked by email.
        """
        with self.database.measures.press(channel):
            return await self._hear(channel, heard, emails_of)

    async def _hear(self, channel: str, heard: Heard, emails_of: EmailsOf | None) -> Reply:
        if emails_of is not None and self.links_by_email and await self.database.read(_is_unknown, channel, heard):
            emails = await _asked(channel, emails_of)
            if emails:
                return await self.database.write(self._take_by_email, channel, heard, emails)
        return await self.database.write(self.take, channel, heard)

    def _take_by_email(self, transaction: Transaction, channel: str, heard: Heard, emails: Collection[str]) -> Reply:
        owner = linking.link_by_email(transaction, channel, heard.sender, emails, heard.detail)
        reply = self.take(transaction, channel, heard)
        if owner is None:
            return reply
        return replace(reply, card=by_email(reply.card), is_private=reply.is_private or reply.card is None)

    async def knows(self, channel: str, sender: str) -> bool:
        """Whether this is the address of somebody who is linked: what others say among themselves gets no answer."""
        return await self.database.read(person_of, channel, sender) is not None

    async def told_later(self, channel: str, told: Delivered | Undelivered) -> Heeded:
        """What became of a message that the platform had accepted: one that did not arrive goes out by another way."""
        if isinstance(told, Delivered):
            return await self.database.write(delivered, channel, told)
        return await self.database.write(not_delivered, channel, told)

    async def may_act(self, channel: str, sender: str) -> bool:
        """Whether this is somebody who works here today; or may turn out to be, by their email address."""
        return self.links_by_email or await self.database.read(_works_here, channel, sender)

    async def use_again(self, channel: str, sender: str, place: str) -> None:
        """Somebody has let apbot in again at `place`: it is written to there, where they are somebody of apbot's."""
        await self.database.write(self._use_again, channel, sender, place)

    def _use_again(self, transaction: Transaction, channel: str, sender: str, place: str) -> None:
        actor = load_actor(transaction, person_of(transaction, channel, sender), channel)
        if actor is not None:
            linking.use_again(transaction, channel, place, actor)

    async def cannot_write(self, channel: str, place: str, why: str) -> None:
        """The platform tells that apbot was blocked there, or taken out."""
        await self.database.write(closed_by_platform, channel, place, why)

    def take(self, transaction: Transaction, channel: str, heard: Heard) -> Reply:
        """As `hear`, inside a transaction that does more besides."""
        actor = load_actor(transaction, person_of(transaction, channel, heard.sender), channel)
        if actor is not None:
            linking.use_again(transaction, channel, heard.place, actor)
        action = Action(
            channel=channel,
            event_id=heard.event_id,
            address=_own_words(transaction, channel, heard, actor),
            verb=heard.verb,
            subject=heard.subject,
            value=heard.value.replace("\0", ""),
            inputs={name: value.replace("\0", "") for name, value in heard.inputs.items()},
            text=heard.text.replace("\0", ""),  # which PostgreSQL keeps nowhere
            message_id=message_named(transaction, channel, heard.place, heard.platform_ref),
            sender=heard.sender,
            place=heard.place,
            detail=heard.detail,
            named=heard.named,
        )
        if heard.has_file and actor is not None and not heard.text.strip():
            return Reply(NO_FILES)
        with self.naming():
            reply = self._handle(transaction, actor, action)
        if reply.card is not None:
            reply = replace(reply, card=reply.card.leading(self._public_url))
        return without_the_file(reply) if heard.has_file and actor is not None else reply


def _works_here(transaction: Transaction, channel: str, sender: str) -> bool:
    return load_actor(transaction, person_of(transaction, channel, sender), channel) is not None


def _is_unknown(transaction: Transaction, channel: str, heard: Heard) -> bool:
    """Whether the sender is nobody's address, and this was not heard before. Who types a code is linked by that."""
    if linking.owner_of(transaction, channel, heard.sender) is not None:
        return False
    if heard.verb == "say" and LINK.match(heard.text):
        return False
    return transaction.row(_HEARD, channel=channel, event_id=heard.event_id) is None


async def _asked(channel: str, emails_of: EmailsOf) -> Collection[str]:
    try:
        async with asyncio.timeout(EMAILS_WITHIN):
            return await emails_of()
    except Exception as problem:  # noqa: BLE001  (whatever it is, they are told how to be linked by a code)
        log.warning("an email address could not be asked for", channel=channel, problem=type(problem).__name__)
        return ()


def person_of(transaction: Transaction, channel: str, sender: str) -> int | None:
    """The person who is linked by this address, or None. Whether they may do anything today is another question."""
    owner = linking.owner_of(transaction, channel, sender)
    return None if owner is None else owner.person_id


def _own_words(transaction: Transaction, channel: str, heard: Heard, actor: Actor | None) -> str:
    if heard.place != heard.sender:
        owner = linking.owner_of(transaction, channel, heard.place)
        return f"provider:{owner.provider_id}" if owner is not None and owner.provider_id is not None else ""
    return f"person:{actor.person_id}" if actor is not None else ""


def message_named(transaction: Transaction, channel: str, place: str, platform_ref: str) -> int | None:
    """apbot's own number of the message that the platform names so, or None.

    A message that had to be posted in parts has several names, kept in one text with spaces between.
    """
    if not platform_ref:
        return None
    rows = transaction.rows(_SENT_TO, channel=channel, address=place, since=transaction.now - REMEMBERED)
    return next((row.id for row in rows if platform_ref in row.platform_ref.split()), None)


_HEARD = Prepared(
    sa.select(events.c.id).where(
        events.c.channel == sa.bindparam("channel"), events.c.event_id == sa.bindparam("event_id")
    )
)
_SENT_TO = Prepared(
    sa.select(messages.c.id, messages.c.platform_ref)
    .where(
        messages.c.channel == sa.bindparam("channel"),
        messages.c.address == sa.bindparam("address"),
        messages.c.sent_at >= sa.bindparam("since", type_=Instant),
    )
    .order_by(messages.c.id.desc())
)
