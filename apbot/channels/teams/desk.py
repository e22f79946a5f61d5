"""From an activity to what is done, and to what is answered: to a press at once, to words by a message."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.cards import Card, Reply, Tone
from apbot.channels.desk import Desk, Heard
from apbot.channels.port import Outcome
from apbot.channels.teams import conversations, inbound
from apbot.channels.teams.conversations import CHANNEL, Reference
from apbot.channels.teams.current import is_small, load_pages, with_answer
from apbot.channels.teams.inbound import Activity
from apbot.channels.teams.members import emails_of
from apbot.channels.teams.rendering import ADAPTIVE, adaptive_card, as_words, message, pages, refreshing
from apbot.channels.teams.settings import Settings
from apbot.channels.teams.wire import Failed, Wire
from apbot.handlers.linking import HOW

WORDS = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"

TRIES = 3
PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=10)
"""How often an answer is tried to be posted, and how long apbot waits in between."""

REMEMBERED = 2000
"""So many conversations are remembered, so that what is known of each is not written again for each tap."""

GREETING = Card(
    heading="This is apbot",
    lines=(
        "Registers and alerts come here once you are linked.",
        HOW,
        "In a channel or a group chat write @apbot before it.",
    ),
)
EDITED = Card(
    heading="A message that was changed is not read again",
    tone=Tone.ASK,
    lines=("What was typed first counts. To change a mark, press Correct or type it in a new message.",),
)
NO_BUTTON = Card(
    heading="That button is no longer in use", tone=Tone.ASK, lines=("Use the newest message, or type /ap help.",)
)
NOT_ALONE = Card(
    heading="I can't write to you alone yet",
    tone=Tone.ASK,
    lines=("The answer is for nobody else. Add the app apbot in Teams, open its chat, and type it there.",),
)
ELSEWHERE = Card("The answer is in your own chat with me")
DONE = Card(heading="Done", tone=Tone.DONE)
LATER = Card(heading="That takes longer than usual. You will be told here what came of it.")
FAILED = Card(
    heading="Something went wrong here: that is not recorded, as far as apbot can tell",
    tone=Tone.ASK,
    lines=("Please look, and try again in a minute. If it goes on, telephone the school.",),
)

log = structlog.get_logger()

NOTHING_NEWER = Card("There is nothing newer to show")


@dataclass(frozen=True)
class Answer:
    """What the request is answered with: an HTTP status, and for an invoke a body."""

    status: int = 200
    body: Mapping[str, Any] | None = None
    told: Card | None = None
    """What is said, to be posted where it is too late for the request to be answered with it."""


def card_answer(shown: Card, told: Card | None, *, is_kept: bool = False) -> Answer:
    """Show this card in place of the one that was pressed, to who pressed."""
    card = refreshing(shown) if is_kept else adaptive_card(shown)
    return Answer(body={"statusCode": 200, "type": ADAPTIVE, "value": card}, told=told)


def words_answer(told: Card) -> Answer:
    """Tell who pressed, and leave the card as it is."""
    return Answer(body={"statusCode": 200, "type": WORDS, "value": as_words(told)}, told=told)


def error_answer(status: int, code: str, told: Card) -> Answer:
    """The press could not be done. HTTP's own status is 200 even so."""
    value = {"code": code, "message": as_words(told)}
    return Answer(body={"statusCode": status, "type": ERROR, "value": value}, told=told)


class TeamsDesk:
    """Does what activities ask for."""

    def __init__(self, desk: Desk, wire: Wire, settings: Settings) -> None:
        """`desk` does it; `wire` posts the answers to words."""
        self._settings = settings
        self._desk = desk
        self._wire = wire
        self._known: OrderedDict[str, Reference] = OrderedDict()
        self._greeted: OrderedDict[str, None] = OrderedDict()

    async def do(self, activity: Activity) -> Answer:
        """Do what an activity asks for. Raises `Malformed`, and whatever the database raises."""
        match activity.type:
            case "message":
                await self._message(activity)
            case "invoke" if activity.name == "adaptiveCard/action":
                return await self._press(activity)
            case "invoke":
                return Answer(501)
            case "messageUpdate" if _event_type(activity) == "editMessage":
                if not activity.is_shared or await self._desk.knows(CHANNEL, activity.sender):
                    await self.tell(activity, EDITED)
            case "conversationUpdate" if inbound.is_about_apbot(activity, "membersAdded"):
                await self._arrived(activity)
            case "installationUpdate" if activity.raw.get("action") == "add":
                await self._arrived(activity)
            case "conversationUpdate" | "installationUpdate":
                if activity.raw.get("action") == "remove" or inbound.is_about_apbot(activity, "membersRemoved"):
                    await self._removed(activity)
        return Answer()

    async def tell(self, activity: Activity, card: Card) -> None:
        """Post a card where the activity came from. What can't be posted is logged: nobody can be told of it."""
        at = replace(activity.reference, conversation=activity.conversation)
        reply_to = activity.id if activity.type == "message" else ""
        for part in pages(card):
            if not await self._post(at, message(part), reply_to):
                return

    async def _tell_alone(self, activity: Activity, card: Card) -> None:
        """Post a card in the person's own chat with apbot; where that can't be, say that it can't, and no more.

        Who is linked is told where to look; of anybody else the others need not hear that they are not.
        """
        if not activity.is_shared:
            return await self.tell(activity, card)
        settings, own = self._settings, replace(activity.reference, conversation="", shared="")
        try:
            chat = await self._wire.open_chat(own, activity.sender, settings.tenant_id, f"28:{settings.client_id}")
            for part in pages(card):
                await self._wire.post(replace(own, conversation=chat), message(part))
        except Failed as failed:
            log.info("teams: an answer could not be given to one person alone", why=str(failed))
            return await self.tell(activity, NOT_ALONE)
        if await self._desk.knows(CHANNEL, activity.sender):
            await self.tell(activity, ELSEWHERE)
        return None

    async def _message(self, activity: Activity) -> None:
        if not activity.sender:
            raise inbound.Malformed("nobody sent it")
        if activity.sender.startswith("28:"):
            return  # another bot
        data = inbound.data_of_message(activity)
        heard = inbound.words_heard(activity) if data is None else inbound.press_heard(activity, data)
        reply = await self._hear(activity, heard)
        if reply.card is not None:
            try:
                await (self._tell_alone if reply.is_private else self.tell)(activity, reply.card)
            except Exception as problem:  # noqa: BLE001  (it is done: nobody must be told that it is not)
                log.error("teams: an answer could not be shown", problem=type(problem).__name__)

    async def _press(self, activity: Activity) -> Answer:
        if not activity.sender:
            raise inbound.Malformed("nobody pressed it")
        data = inbound.data_of_invoke(activity)
        heard = inbound.press_heard(activity, data)
        if heard.verb == "refresh":
            return await self._as_it_is(heard)
        reply = await self._hear(activity, heard)
        try:
            return await self._answer(heard, reply)
        except Exception as problem:  # noqa: BLE001  (it is done: nobody must be told that it is not)
            log.error("teams: an answer could not be shown", problem=type(problem).__name__)
            return words_answer(reply.card or DONE)

    async def _as_it_is(self, heard: Heard) -> Answer:
        """The card for who looks at it; they keep what they see where there is nothing that they may be shown."""
        parts, at = await self._desk.database.read(load_pages, heard)
        if at < len(parts):
            return card_answer(parts[at], None, is_kept=True)
        return replace(error_answer(400, "BadRequest", NOTHING_NEWER), told=None)

    async def _answer(self, heard: Heard, reply: Reply) -> Answer:
        """What who pressed is shown: words, or the card as it is now with the answer on it."""
        answer = reply.card
        if answer is not None and is_small(answer):
            return words_answer(answer)
        parts, at = await self._desk.database.read(load_pages, heard)
        if not parts and answer is not None and not answer.buttons_everywhere():
            return words_answer(answer)
        shown = with_answer(parts, at, reply)
        if shown is not None:
            return card_answer(shown, answer, is_kept=bool(parts))
        if answer is None:
            return words_answer(DONE)
        return card_answer(answer, answer) if answer.buttons_everywhere() else words_answer(answer)

    async def _hear(self, activity: Activity, heard: Heard) -> Reply:
        reply = await self._desk.hear(CHANNEL, heard, partial(emails_of, self._wire, self._settings, activity))
        await self._keep(activity)
        return reply

    async def _keep(self, activity: Activity) -> None:
        """Keep where the conversation is written to, where that is new."""
        if self._known.get(activity.place) == activity.reference:
            self._known.move_to_end(activity.place)
            return
        try:
            await self._desk.database.write(conversations.keep, activity.place, activity.reference)
        except sa.exc.SQLAlchemyError as problem:  # what was asked for is done; this is tried again with the next
            log.warning("teams: a conversation could not be kept", problem=type(problem).__name__)
            return
        self._known[activity.place] = activity.reference
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _arrived(self, activity: Activity) -> None:
        """apbot has been added: say once how to link. Teams tells of it in two ways."""
        await self._desk.use_again(CHANNEL, activity.sender, activity.place)
        if activity.conversation in self._greeted:
            return
        self._greeted[activity.conversation] = None
        while len(self._greeted) > REMEMBERED:
            self._greeted.popitem(last=False)
        if activity.sender:
            await self._keep(activity)
        await self.tell(activity, GREETING)

    async def _removed(self, activity: Activity) -> None:
        """apbot has been taken out: nothing arrives there any more, which the next alert must not have to find out."""
        self._greeted.pop(activity.conversation, None)
        await self._desk.cannot_write(CHANNEL, activity.place, "apbot was taken out there")

    async def _post(self, at: Reference, shown: Mapping[str, Any], reply_to: str) -> bool:
        for number in range(1, TRIES + 1):
            try:
                await self._wire.post(at, shown, reply_to=reply_to)
            except Failed as failed:
                wait = failed.receipt.retry_after or PAUSE * number
                if failed.receipt.outcome is Outcome.REFUSED or number == TRIES or wait > LONGEST_PAUSE:
                    log.warning("teams: an answer could not be posted", why=str(failed))
                    return False
                await asyncio.sleep(wait.total_seconds())
            else:
                return True
        return False


def _event_type(activity: Activity) -> str:
    data = activity.raw.get("channelData")
    return str(data.get("eventType", "")) if isinstance(data, Mapping) else ""
