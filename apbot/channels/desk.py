"""The desk: where channels bring what people do on their platforms.

One transaction finds out who it was, whose conversation it was in and which message it was about, and does it.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from apbot.cards import Action, Reply
from apbot.domain.access import Actor
from apbot.store import linking
from apbot.store.database import Database, Transaction
from apbot.store.fallback import Heeded, Undelivered, not_delivered
from apbot.store.labels import references_only
from apbot.store.people import load_actor
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant, messages

Handle = Callable[[Transaction, Actor | None, Action], Reply]
"""Does what a person asked for, inside the open transaction; the same event again gives the same reply."""

REMEMBERED = timedelta(days=8)
"""A reply to an older message of apbot's is not related to it."""


@dataclass(frozen=True)
class Heard:
    """What somebody did, in the platform's words.

    `event_id` is the same when the platform tells of it again. `sender` is the address at which the person is
    written to; `place` the conversation, the same as `sender` where nobody else reads it. `platform_ref` names the
    message it was done on or in reply to: one of the names that the receipt gave. `detail` is what the platform
    needs besides to post there, kept with the address.
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


class Desk:
    """Shared by all channels but the built-in one, which knows its people by their sign-in."""

    def __init__(self, database: Database, handle: Handle, *, references_only: bool = False) -> None:
        """`handle` does what people ask; with `references_only` it is answered as on such a platform."""
        self.database = database
        self._handle = handle
        self._references_only = references_only

    def by_reference(self) -> "Desk":
        """The same desk for a channel with `Platform.references_only`: its answers show no pupil's initials."""
        return Desk(self.database, self._handle, references_only=True)

    def naming(self) -> AbstractContextManager[None]:
        """Cards that are made within name pupils as this desk's channel does."""
        return references_only(self._references_only)

    async def hear(self, channel: str, heard: Heard) -> Reply:
        """Do what somebody did, whole or not at all, and give the answer. It is committed when this returns."""
        return await self.database.write(self.take, channel, heard)

    async def not_delivered(self, channel: str, told: Undelivered) -> Heeded:
        """A message that the platform had accepted did not arrive: it goes out by another way."""
        return await self.database.write(not_delivered, channel, told)

    def take(self, transaction: Transaction, channel: str, heard: Heard) -> Reply:
        """As `hear`, inside a transaction that does more besides."""
        actor = load_actor(transaction, person_of(transaction, channel, heard.sender), channel)
        action = Action(
            channel=channel,
            event_id=heard.event_id,
            address=_own_words(transaction, channel, heard, actor),
            verb=heard.verb,
            subject=heard.subject,
            value=heard.value,
            inputs=heard.inputs,
            text=heard.text,
            message_id=message_named(transaction, channel, heard.place, heard.platform_ref),
            sender=heard.sender,
            place=heard.place,
            detail=heard.detail,
        )
        with self.naming():
            return self._handle(transaction, actor, action)


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


_SENT_TO = Prepared(
    sa.select(messages.c.id, messages.c.platform_ref)
    .where(
        messages.c.channel == sa.bindparam("channel"),
        messages.c.address == sa.bindparam("address"),
        messages.c.sent_at >= sa.bindparam("since", type_=Instant),
    )
    .order_by(messages.c.id.desc())
)
