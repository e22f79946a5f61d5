"""Posting, editing and deleting messages by the Bot API; a group that has become a supergroup is followed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from telegram import ForceReply, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError
from telegram.ext import ExtBot

from apbot.channels.telegram.failures import NOT_THERE, UNCHANGED, is_gone
from apbot.channels.telegram.places import Place, message_of
from apbot.channels.telegram.wire import Busy, NotSent, Problem
from apbot.channels.telegram.words import cut

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
LONGEST_CAPTION = 1024
"""Units under a picture."""

NOTICE = 200
"""Units that a notice over the chat may hold."""

WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries to give an answer."""
LONGEST_WAIT = 60.0

T = TypeVar("T")

log = structlog.get_logger()
Move = Callable[[int, int], Awaitable[None]]


class Poster:
    """Talks to the Bot API. Raises `Problem`, `NotSent`, `NoAnswer` or `Busy`."""

    def __init__(self, bot: ExtBot[Any], moved: Move) -> None:
        """`moved` is told of a group that has another number now."""
        self.bot = bot
        self._moved = moved

    async def post(
        self,
        place: Place,
        text: str,
        markup: InlineKeyboardMarkup | ForceReply | None = None,
        *,
        reply_to: int | None = None,
    ) -> str:
        """Post HTML; the message's name."""

        async def send(there: Place) -> str:
            answers = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to is not None else None
            sent = await self.bot.send_message(
                there.chat,
                text,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                message_thread_id=there.topic,
                reply_parameters=answers,
                link_preview_options=NO_PREVIEW,
            )
            return there.ref(sent.message_id)

        return await self._following(place, send)

    async def picture(self, place: Place, png: bytes, alt: str) -> None:
        """Post a picture, with what it shows as its caption: Telegram has no other words for who can't see it."""

        async def send(there: Place) -> None:
            await self.bot.send_photo(
                there.chat,
                png,
                cut(alt, LONGEST_CAPTION),
                message_thread_id=there.topic,
                filename="apbot.png",
                disable_notification=True,
            )

        await self._following(place, send)

    async def edit(self, place: Place, ref: str, text: str, markup: InlineKeyboardMarkup | None = None) -> str | None:
        """Bring a message up to date; None where it is not there any more, or can't be changed."""
        message = message_of(place, ref)
        if message is None:
            return None

        async def change(there: Place) -> str | None:
            if there != place:
                return None  # the messages of the group as it was can't be reached
            try:
                await self.bot.edit_message_text(
                    text,
                    there.chat,
                    message,
                    parse_mode=ParseMode.HTML,
                    reply_markup=markup,
                    link_preview_options=NO_PREVIEW,
                )
            except Problem as problem:
                if _says(problem, UNCHANGED):
                    return ref
                if _says(problem, NOT_THERE):
                    return None
                raise
            return ref

        return await self._following(place, change)

    async def delete(self, place: Place, ref: str) -> None:
        """Delete a message; one that is too old for that is emptied."""
        message = message_of(place, ref)
        if message is None:
            return
        try:
            await self.bot.delete_message(place.chat, message)
        except Problem as problem:
            if problem.status != 400 or is_gone(problem):
                raise
            if not _says(problem, NOT_THERE):
                await self.edit(place, ref, "<i>No longer in use: see the messages above.</i>")

    async def take_away(self, place: Place, message: int) -> bool:
        """Delete what a person wrote; whether Telegram lets apbot."""
        try:
            return await self.bot.delete_message(place.chat, message)
        except Problem:
            return False

    async def may_write(self, place: Place) -> bool:
        """Whether Telegram lets apbot write there; True where it does not say."""
        try:
            await self.bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.topic)
        except Problem as problem:
            return not is_gone(problem)
        except TelegramError:
            return True
        return True

    async def notice(self, query_id: str, text: str = "", *, stays: bool = False) -> bool:
        """Answer a pressed key: the clock on it stops, and `text` appears over the chat until it is closed or fades.

        False where nobody may have seen `text`: the key was pressed too long ago, or Telegram is busy.
        """
        try:
            await self.bot.answer_callback_query(query_id, text or None, show_alert=stays or None)
        except TelegramError as problem:  # what was pressed is done, and what follows from it must go on
            log.info("a pressed key's clock was not stopped", problem=type(problem).__name__)
            return False
        return True

    async def clock_stops(self, query_id: str) -> None:
        """Answer a pressed key without words."""
        await self.notice(query_id)

    async def _following(self, place: Place, do: Callable[[Place], Awaitable[T]]) -> T:
        try:
            return await do(place)
        except Problem as problem:
            if problem.moved_to is None:
                raise
            await self._moved(place.chat, problem.moved_to)
            return await do(place.moved_to(problem.moved_to))


async def patiently(do: Callable[[], Awaitable[T]]) -> T:
    """Do what nobody else will do again, as soon as Telegram takes it: an answer waits for its turn."""
    for wait in WAITS:
        try:
            return await do()
        except (Busy, NotSent):
            await asyncio.sleep(wait)
        except Problem as problem:
            if problem.status != 429 and problem.status < 500:
                raise
            await asyncio.sleep(min(problem.wait.total_seconds(), LONGEST_WAIT) if problem.wait else wait)
    return await do()


def _says(problem: Problem, any_of: tuple[str, ...]) -> bool:
    return problem.status == 400 and any(each in problem.description for each in any_of)
