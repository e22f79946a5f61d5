"""From what Telegram tells to the desk, and back: one step for each kind of update."""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError

from apbot.cards import Button, Card, Reply, Tone
from apbot.channels.asking import NOT_IN_USE, Asking, Turn
from apbot.channels.desk import Desk, Heard
from apbot.channels.files import NO_FILES
from apbot.channels.telegram.answering import CANCEL, CHOICE, EMPTY, Answers
from apbot.channels.telegram.posting import Poster
from apbot.channels.telegram.rendering import BY_HASH, BY_NUMBER, WITH_INPUTS, hash_of
from apbot.channels.telegram.updates import Membership, Moved, Pressed, Sender, Told, Typed, Unread, read_update
from apbot.handlers.linking import LINK
from apbot.store import linking
from apbot.store.database import Transaction

QUICK = 2.0
"""Seconds after which a pressed key's clock is stopped, whether or not it is known by then what came of it."""

MOST_SORRY = 1000
MOST_REMEMBERED = 5000
MOST_DIGITS = 9
"""Of the numbers that a key gives back; a database may take no more."""

WAYS_OUT = {"empty": "", "skip": "", "-": "", "leave empty": ""}
STOPS = ("cancel", "stop")

NO_WORDS = Card("I can only read words", Tone.ASK, ("Nothing was recorded. Type it, or use the buttons of a message.",))
CHANGED = Card(
    "I don't read changed messages", Tone.ASK, ("What you changed was not recorded. Type it as a new message.",)
)
ANONYMOUS = Card(
    "I can't see who wrote that",
    Tone.ASK,
    ("Nothing was recorded. In the group's settings, let this administrator not remain anonymous, and type it again.",),
)
UNREAD = {"file": NO_FILES, "no words": NO_WORDS, "changed": CHANGED, "anonymous": ANONYMOUS}
FAILED = "That could not be recorded just now. Please try again in a minute."

log = structlog.get_logger()


class Unheard(Exception):
    """What somebody did could not be written down. Telegram may tell of it again."""


class Ears:
    """Hears updates. `name` is the bot's own, once it is known."""

    def __init__(self, channel: str, desk: Desk, poster: Poster) -> None:
        """Bring what people do on `channel` to `desk`."""
        self.name = ""
        self._channel = channel
        self._desk = desk
        self._poster = poster
        self._asking = Asking(desk, channel)
        self._answers = Answers(desk, self._asking, poster)
        self._work: set[asyncio.Task[None]] = set()
        self._hearing: dict[str, asyncio.Task[None]] = {}
        self._sorry: dict[str, None] = {}
        self._answered: dict[str, None] = {}

    async def hear(self, update: object) -> None:
        """Do what an update tells, whole or not at all; the answer goes out by itself.

        The same update again while it is being done is waited for. Raises `NotAnUpdate` and `Unheard`.
        """
        told = read_update(update)
        if told is None:
            return
        running = self._hearing.get(told.event_id)
        if running is None:
            running = asyncio.create_task(self._hear(told))
            self._hearing[told.event_id] = running
            running.add_done_callback(lambda task: self._heard_out(told.event_id, task))
        await asyncio.shield(running)

    def _heard_out(self, event_id: str, task: "asyncio.Task[None]") -> None:
        self._hearing.pop(event_id, None)
        if not task.cancelled():
            task.exception()  # who waited may have left meanwhile; it is logged already

    async def settle(self) -> None:
        """Wait until every answer has gone out."""
        while self._work:
            await asyncio.gather(*self._work, return_exceptions=True)

    async def close(self) -> None:
        """Let go of what is still under way."""
        for each in (*self._work, *self._hearing.values()):
            each.cancel()
        await asyncio.gather(*self._work, *self._hearing.values(), return_exceptions=True)

    async def _hear(self, told: Told) -> None:
        try:
            await self._do(told)
        except SQLAlchemyError as problem:
            log.error("what somebody did could not be written down", problem=type(problem).__name__)
            self._failed(told)
            raise Unheard from None
        except Exception as problem:  # noqa: BLE001  (told again it would fail again; its text may hold words)
            log.error(
                "what somebody did could not be dealt with", problem=type(problem).__name__, where=_where(problem)
            )
            self._failed(told)

    async def _do(self, told: Told) -> None:
        match told:
            case Pressed():
                await self._press(told)
            case Typed():
                await self._type(told)
            case Unread():
                await self._unread(told)
            case Moved():
                await self._desk.database.write(linking.move_address, self._channel, str(told.old), str(told.new))
            case Membership():
                await self._membership(told)

    async def _membership(self, told: Membership) -> None:
        """Out of a conversation nothing arrives there: the next alert must not have to find that out."""
        if told.may_write:
            await self._desk.use_again(self._channel, str(told.sender.id), str(told.place))
        else:
            why = "the bot was blocked, or put out of the group"
            await self._desk.cannot_write(self._channel, str(told.place), why)

    def _failed(self, told: Told) -> None:
        """Tell who acted that nothing was recorded, once: silence would look like success."""
        if told.event_id in self._sorry:
            return
        self._sorry[told.event_id] = None
        if len(self._sorry) > MOST_SORRY:
            self._sorry.pop(next(iter(self._sorry)))
        match told:
            case Pressed():
                self._later(self._answers.sorry(told, FAILED))
            case Typed() if not told.place.is_shared:
                self._later(self._answers.say(told.place, self._heard(told, message=None), Card(FAILED, Tone.ASK)))
            case Typed():
                heard = self._heard(told, message=None)
                self._later(self._answers.say(told.place, heard, Card(FAILED, Tone.ASK), told.message))

    async def _press(self, told: Pressed) -> None:
        heard = self._heard(told, message=told.message)
        with self._desk.database.measures.press(self._channel):
            doing = asyncio.ensure_future(self._desk.database.write(self._pressed, told, heard))
            done, _ = await asyncio.wait({doing}, timeout=QUICK)
            if not done:
                self._later(self._poster.clock_stops(told.query_id))
            turn = await doing
        self._answer(told.event_id, self._answers.pressed(told, heard, turn, noticed=not done))

    def _pressed(self, transaction: Transaction, told: Pressed, heard: Heard) -> Turn:
        if told.data.startswith(CHOICE):
            return self._chosen(transaction, told.data[1:], heard)
        button = self._button(transaction, told.data, heard)
        if button is None:
            return Reply(NOT_IN_USE)
        return self._asking.press(transaction, heard, button)

    def _chosen(self, transaction: Transaction, data: str, heard: Heard) -> Turn:
        question, at, choice = (*data.split(":"), "", "")[:3]
        if not (question.isdecimal() and at.isdecimal()) or max(len(question), len(at), len(choice)) > MOST_DIGITS:
            return Reply(NOT_IN_USE)
        if choice == CANCEL:
            return self._asking.cancel(transaction, heard, self._asking.question(transaction, int(question)))
        if choice != EMPTY and not choice.isdecimal():
            return Reply(NOT_IN_USE)
        chosen = None if choice == EMPTY else int(choice)
        return self._asking.choose(transaction, heard, int(question), int(at), chosen)

    def _button(self, transaction: Transaction, data: str, heard: Heard) -> Button | None:
        """The button that a key stands for. One that asks something is looked up, for what it asks today."""
        rest = data[1:]
        if data.startswith(BY_NUMBER):
            is_number = rest.isdecimal() and len(rest) <= MOST_DIGITS
            return self._asking.offer(transaction, heard, int(rest)) if is_number else None
        if data.startswith(BY_HASH):
            return self._asking.button_on(transaction, heard, lambda each: hash_of(each) == rest)
        token = data.removeprefix(WITH_INPUTS)
        verb, _, more = token.partition(":")
        subject, _, value = more.partition(":")
        if not verb or not subject.isdecimal() or len(subject) > MOST_DIGITS:
            return None
        asks = data.startswith(WITH_INPUTS)
        found = self._asking.button_on(transaction, heard, lambda each: each.token == token) if asks else None
        # Without it the handler says what has changed: the pupil is marked already, the alert is closed.
        return found or Button("", verb, int(subject), value)

    async def _type(self, told: Typed) -> None:
        if told.to_bot and self.name and told.to_bot.lower() != self.name.lower():
            return  # a command for another bot
        text = self._words(told)
        heard = self._heard(told, message=told.reply_to, text=text)
        with self._desk.database.measures.press(self._channel):
            turn = await self._desk.database.write(self._typed, told, heard)
        if turn is None:
            return
        self._answer(told.event_id, self._answers.typed(told, heard, turn))
        if told.place.is_shared and LINK.match(text) and isinstance(turn, Reply) and await self._is_linked(turn, heard):
            self._later(self._answers.linked(told))

    def _typed(self, transaction: Transaction, told: Typed, heard: Heard) -> Turn | None:
        word = heard.text.strip().lower().removeprefix("/")
        question = self._asking.replied_to(transaction, heard)
        if question is None and told.command in (*WAYS_OUT, *STOPS):
            question = self._asking.newest(transaction, heard)
            if question is None:
                return Reply(Card("Nothing is being asked", lines=("Type /ap help for what you can ask.",)))
        if question is not None:
            if word in STOPS:
                return self._asking.cancel(transaction, heard, question)
            return self._asking.answer(transaction, heard, question, WAYS_OUT.get(word, heard.text))
        if told.place.is_shared and not self._is_meant(transaction, told):
            return None
        return self._desk.take(transaction, self._channel, heard)

    def _is_meant(self, transaction: Transaction, told: Typed) -> bool:
        """What people say among themselves in a group that is nobody's is not for apbot."""
        return self._is_named(told) or linking.owner_of(transaction, self._channel, str(told.place)) is not None

    def _is_named(self, told: Typed) -> bool:
        """Commands are for bots only; and whoever writes @ and apbot's name, or replies to it, means apbot."""
        is_reply = bool(told.reply_to_bot) and told.reply_to_bot.lower() == (self.name or told.reply_to_bot).lower()
        return bool(told.command) or is_reply or (bool(self.name) and f"@{self.name}".lower() in told.text.lower())

    async def _is_linked(self, reply: Reply, heard: Heard) -> bool:
        """Whether a code has just been taken, and who typed it is somebody whom apbot may have to write to."""
        taken = reply.card is not None and reply.card.tone is Tone.DONE and not reply.is_repeat
        return taken and await self._desk.database.read(linking.owner_of, self._channel, heard.sender) is not None

    def _words(self, told: Typed) -> str:
        """The words without the bot's own name; Telegram's usual commands in apbot's."""
        text = told.text
        if told.command:
            if told.command in ("start", "help") and not told.rest:
                return "/ap help"
            return f"/{told.command} {told.rest}".strip()
        if self.name:
            text = re.sub(rf"@{re.escape(self.name)}\b[:,]?", "", text, flags=re.IGNORECASE).strip() or "/ap help"
        return text

    async def _unread(self, told: Unread) -> None:
        owner = await self._desk.database.read(linking.owner_of, self._channel, str(told.place))
        if told.place.is_shared and owner is None:
            return
        if told.place.is_shared and told.sender is not None and not await self._knows(told.sender):
            return
        heard = Heard(told.event_id, "", str(told.place))
        reply_to = told.message if told.place.is_shared else None
        self._later(self._answers.say(told.place, heard, UNREAD[told.why], reply_to))

    async def _knows(self, sender: Sender) -> bool:
        return await self._desk.knows(self._channel, str(sender.id))

    def _heard(self, told: Pressed | Typed, *, message: int | None, text: str = "") -> Heard:
        ref = told.place.ref(message) if message is not None else ""
        named = isinstance(told, Typed) and self._is_named(told)
        has_file = isinstance(told, Typed) and told.has_file
        sender, place = str(told.sender.id), str(told.place)
        return Heard(told.event_id, sender, place, text=text, platform_ref=ref, named=named, has_file=has_file)

    def _answer(self, event_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Answer, once: what is told of again after its answer has gone out is not answered a second time."""

        async def unless_answered() -> None:
            if event_id in self._answered:
                work.close()
                return
            await work
            self._answered[event_id] = None
            if len(self._answered) > MOST_REMEMBERED:
                self._answered.pop(next(iter(self._answered)))

        self._later(unless_answered())

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Answer without anybody waiting for it: what was done is done."""
        task = asyncio.create_task(_answered(work))
        self._work.add(task)
        task.add_done_callback(self._work.discard)


async def _answered(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except TelegramError as problem:
        log.warning("an answer did not reach Telegram", problem=type(problem).__name__, status=str(problem)[:3])
    except Exception as problem:  # noqa: BLE001  (whatever it is, nobody waits for it; its text may hold words)
        log.error("an answer could not be given", problem=type(problem).__name__)


def _where(problem: Exception) -> str:
    """The place in the code, which holds nothing of what was said."""
    at = problem.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return f"{at.tb_frame.f_code.co_name}:{at.tb_lineno}" if at is not None else ""
