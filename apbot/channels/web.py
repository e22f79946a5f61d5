"""The built-in web chat as a channel: a line in a table is the message, a page in a browser shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.cards import Action, Reply
from apbot.channels.bell import Bell
from apbot.channels.desk import Handle
from apbot.channels.port import MAYBE_REPEAT, Outcome, Outgoing, Receipt
from apbot.domain.access import Actor
from apbot.store import webchat
from apbot.store.database import Database, Transaction
from apbot.store.people import load_actor
from apbot.store.prepared import Prepared
from apbot.store.tables import people, providers
from apbot.store.webchat import Line

CHANNEL = "web"
NOT_KEPT = "(words not kept)"

log = structlog.get_logger()


class NotYourConversation(Exception):
    """The person may not be in that conversation, or not today. Nothing was done."""


@dataclass(frozen=True)
class Deed:
    """What somebody did on a page: pressed a button (`verb` is not "say") or typed `text`.

    `event_id` is the same for the same press or words sent again. `message_id` is the message it was done on.
    """

    event_id: str
    verb: str = "say"
    subject: int = 0
    value: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    message_id: int | None = None


@dataclass(frozen=True)
class Done:
    """What came of a deed: the reply, and the lines it added to the conversation."""

    reply: Reply
    lines: Sequence[Line] = ()


class WebChat:
    """The channel "web". Messages go out by `deliver`; what people do comes in by `act` or `do`."""

    name = CHANNEL
    batch = 100

    def __init__(self, database: Database, handle: Handle) -> None:
        """Keep the lines in `database` and give what people do to `handle`."""
        self.database = database
        self.bell = Bell(database)
        self.handle = handle

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post each message as a line, or bring its line up to date; all in one transaction."""
        try:
            return await self.database.write(_deliver, batch)
        except sa.exc.SQLAlchemyError as problem:
            why = type(problem).__name__
            log.warning("web chat: could not write lines", count=len(batch), problem=why)
            return [Receipt(Outcome.AGAIN, why=why) for _ in batch]

    async def act(
        self,
        person_id: int,
        conversation: str,
        *,
        event_id: str,
        verb: str = "say",
        subject: int = 0,
        value: str = "",
        inputs: Mapping[str, str] | None = None,
        text: str = "",
        message_id: int | None = None,
    ) -> Reply:
        """Do what a person did in a conversation, whole or not at all, and give the reply.

        Raises `NotYourConversation` where they may not be in it now.
        """
        deed = Deed(event_id, verb, subject, value, inputs or {}, text, message_id)
        return (await self.do(person_id, conversation, deed)).reply

    async def do(self, person_id: int, conversation: str, deed: Deed) -> Done:
        """As `act`, and give the added lines too, for the page that it was done on."""
        with self.database.measures.press(CHANNEL):
            return await self.database.write(self._do, person_id, conversation, deed)

    def _do(self, transaction: Transaction, person_id: int, conversation: str, deed: Deed) -> Done:
        actor = load_actor(transaction, person_id, CHANNEL)
        if actor is None or conversation not in webchat.conversations_of(actor):
            raise NotYourConversation
        reply = self.handle(transaction, actor, _action(transaction, conversation, deed))
        if reply.is_repeat:
            return Done(reply)
        # Only now, after the handler has said whether the words may be kept: words that were once written to the
        # file would stay in its pages after a later change.
        added = webchat.add_lines(transaction, _lines_for(actor, conversation, deed, reply))
        return Done(reply, added)


def _action(transaction: Transaction, conversation: str, deed: Deed) -> Action:
    message_id = deed.message_id
    if message_id is not None and not webchat.message_is_in(transaction, message_id, conversation):
        message_id = None  # another conversation's, or long deleted: nothing to relate the words to
    return Action(
        channel=CHANNEL,
        event_id=deed.event_id,
        address=conversation,
        verb=deed.verb,
        subject=deed.subject,
        value=deed.value,
        inputs=deed.inputs,
        text=deed.text,
        message_id=message_id,
    )


def _lines_for(actor: Actor, conversation: str, deed: Deed, reply: Reply) -> list[Line]:
    """The typed line, if words were typed, and the reply's.

    In a shared conversation everybody sees what was said and how apbot understood it; a command, a button's
    answer, and what belongs to them are for the one who acted.
    """
    typed = deed.verb == "say"
    is_command = deed.text.startswith("/") or reply.is_private
    only_for = None if typed and not is_command else actor.person_id
    lines = []
    if typed:
        words = deed.text if reply.words_kept else NOT_KEPT
        lines.append(Line(conversation, actor.person_id, actor.name, only_for_id=only_for, text=words))
    if reply.card is not None:
        lines.append(Line(conversation, only_for_id=only_for, card=reply.card))
    return lines


def _deliver(transaction: Transaction, batch: Sequence[Outgoing]) -> list[Receipt]:
    there = webchat.lines_of_messages(transaction, (each.message_id for each in batch))
    nobody = _addresses_of_nobody(transaction, {each.address for each in batch if each.message_id not in there})
    wanted = {each.message_id: each for each in batch}  # of two about one message the later holds
    cards = {message_id: wanted[message_id].card.to_json() for message_id in there}
    new = [
        each
        for each in wanted.values()
        if each.message_id not in there and each.address not in nobody and not each.edit_only
    ]
    added = webchat.add_lines(
        transaction,
        [Line(each.address, message_id=each.message_id, card=each.marked) for each in new],
    )
    webchat.replace_cards(
        transaction,
        [
            (line, conversation, cards[message_id])
            for message_id, (line, conversation, stored) in there.items()
            if not _says(stored, cards[message_id])
        ],
    )
    line_of = {message_id: line for message_id, (line, _, _) in there.items()}
    line_of.update((line.message_id, line.id) for line in added if line.message_id is not None)
    return [
        Receipt(Outcome.ACCEPTED, platform_ref=str(line_of[each.message_id]))
        if each.message_id in line_of
        else Receipt(Outcome.REFUSED, why="nobody can read that conversation")
        for each in batch
    ]


def _says(stored: object, card: Mapping[str, Any]) -> bool:
    """Whether the stored card says what this one does. A note that it may be a repeat is not worth an edit."""
    return stored in (card, {**card, "footer": f"{card.get('footer', '')} {MAYBE_REPEAT}".strip()})


def _addresses_of_nobody(transaction: Transaction, wanted: set[str]) -> set[str]:
    """Of these addresses, those that lead to nobody: an unknown person's or provider's, nonsense.

    What is for people who have left does not come here: delivery sees to it, for every channel.
    """
    person_ids, provider_ids = _numbers("person:", wanted), _numbers("provider:", wanted)
    somebody = {f"person:{row.id}" for row in transaction.rows(_PEOPLE, ids=person_ids)}
    somebody.update(f"provider:{row.id}" for row in transaction.rows(_PROVIDERS, ids=provider_ids))
    return wanted - somebody


def _numbers(prefix: str, wanted: set[str]) -> list[int]:
    return [
        int(each.removeprefix(prefix))
        for each in wanted
        if each.startswith(prefix) and each.removeprefix(prefix).isdecimal()
    ]


_IDS: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)
_PEOPLE = Prepared(sa.select(people.c.id).where(people.c.id.in_(_IDS)))
_PROVIDERS = Prepared(sa.select(providers.c.id).where(providers.c.id.in_(_IDS)))
