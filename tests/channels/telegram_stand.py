"""Telegram as the contract knows it: people, groups, taps and words, over a Bot API server on loopback."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any
from zlib import crc32

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.telegram.channel import TelegramChannel
from apbot.channels.telegram.limiter import unlimited
from apbot.channels.telegram.settings import Settings
from tests.channels.stand import PATIENCE, SOON, Failure, Shown, Stand
from tests.channels.telegram_server import BOT, TOKEN, BotApi, Message, Refusal, Silence

NAMES = {
    "Arrived at": "at",
    "Left at": "at",
    "At (for late or left)": "at",
    "What do you know?": "reason",
    "Reason (for not arrived)": "reason",
    "It should say": "fact",
    "Why the correction": "because",
    "What is established": "outcome",
    "Where, or what else (no names)": "words",
    "Which pupil": "pupil",
    "What kind": "kind",
    "When today (empty: now)": "at",
    "Have the parents been told": "parents",
}
"""Telegram shows what is asked; which input of the card it is, the contract says."""

REFUSALS = {
    Failure.BROKEN: Refusal(502, "Bad Gateway"),
    Failure.REFUSED: Refusal(403, "Forbidden: bot was blocked by the user"),
}


class TelegramStand(Stand):
    """Polls by default; with `webhook` Telegram calls."""

    name = "telegram"

    def __init__(self, *, webhook: bool = False) -> None:
        super().__init__()
        self.api = BotApi(self.problems)
        self.webhook = webhook
        self.numbers = count(500_000)
        self.last: dict[str, Any] = {}
        self._listening: asyncio.Task[None] | None = None

    def settings(self, **given: Any) -> Settings:
        values = {"token": SecretStr(TOKEN), "base_url": self.api.base_url, "timeout_seconds": PATIENCE, **given}
        return Settings(_env_file=None, webhook=self.webhook, **values)

    async def start(self, desk: Desk) -> Platform:
        await self.api.start()
        stranger = int(self.address_of("Passing Stranger"))
        self.api.refused_chats[stranger] = Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        self.channel = TelegramChannel(self.settings(), "https://apbot.example", desk, limiter=unlimited())
        self._listening = asyncio.create_task(self.channel.listen())
        if self.webhook:
            app = Starlette(routes=list(self.channel.routes))
            self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://apbot.example")
            async with asyncio.timeout(5):
                while "en" not in self.api.commands:
                    await asyncio.sleep(0)
        return self.channel

    async def stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        await self.channel.close()
        if self.webhook:
            await self.client.aclose()
        await self.api.stop()

    def address_of(self, person: str) -> str:
        return str(10_000_000 + crc32(person.encode()) % 10_000_000)

    def shared_by(self, provider: str) -> str:
        return str(-(40_000_000 + crc32(provider.encode()) % 10_000_000))

    def standing(self, address: str) -> list[Message]:
        chat, _, topic = address.partition(":")
        wanted = int(topic) if topic else None
        return [each for each in self.api.messages.values() if each.chat == int(chat) and each.topic == wanted]

    def shown(self, address: str) -> Sequence[Shown]:
        return [
            Shown(
                f"{each.chat}/{each.id}",
                each.text,
                [key["text"] for row in each.keys for key in row],
                is_deleted=each.is_deleted,
            )
            for each in self.standing(address)
        ]

    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        seconds = int(wait.total_seconds())
        busy = Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        failures: dict[Failure, Exception] = {Failure.BUSY: busy, Failure.SILENT: Silence(), **REFUSALS}
        if how is Failure.SILENT:
            self.channel._own.timeout_seconds = self.channel._requests[0]._read_seconds = SOON
        self.api.failures.append(failures[how])

    async def tap(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> str:
        message, key = self.find(place, label, about)
        before = self.api.now
        told = await self.press(person, place, message, key)
        answered: set[str] = set()
        while (question := self.question_since(place, before)) is not None:
            name = next(NAMES[each] for each in map(_label, question.text.split("\n")) if each in NAMES)
            if name in answered:
                break  # it was asked again: what was given was not taken
            answered.add(name)
            before = self.api.now
            told = await self._answer(person, place, question, (inputs or {}).get(name, ""))
        return told

    async def _answer(self, person: str, place: str, question: Message, value: str) -> str:
        if not question.keys:
            return await self.type(person, place, value or "/empty", Shown(f"{question.chat}/{question.id}", ""))
        wanted = value or "Leave empty"
        key = next(key for row in question.keys for key in row if key["text"].casefold() == wanted.casefold())
        return await self.press(person, place, question, key["callback_data"])

    def question_since(self, place: str, before: int) -> Message | None:
        return next((each for each in self.standing(place) if each.changed_at > before and is_question(each)), None)

    def find(self, place: str, label: str, about: str = "") -> tuple[Message, str]:
        """The newest key whose label begins so; the first of a pupil's keys begins with the reference."""
        for message in reversed(self.standing(place)):
            for row in message.keys if not message.is_deleted else ():
                for key in row:
                    text = key["text"].removeprefix(f"{about} ") if about else key["text"]
                    text = "Arrived" if text == "✓" else text
                    if text.startswith(label) and row[0]["text"].startswith(about):
                        return message, key["callback_data"]
        raise AssertionError(f"no key {label!r} {about} in {place}: {self.shown(place)}")

    async def press(
        self, person: str, place: str, message: Message, data: str, changed: Mapping[str, Any] | None = None
    ) -> str:
        number = next(self.numbers)
        query = {
            "id": f"query-{number}",
            "from": self._user(person),
            "chat_instance": "1",
            "data": data,
            "message": {"message_id": message.id, "from": BOT, "date": 1, "text": message.text, **self._in(place)},
            **(changed or {}),
        }
        return await self._tell({"update_id": number, "callback_query": query})

    async def type(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        self.api.refused_chats.pop(int(place.partition(":")[0]), None)  # who writes to the bot may be written to
        return await self._tell(self.update_of(person, place, text, reply_to))

    def update_of(
        self, person: str, place: str, text: str = "", reply_to: Shown | None = None, **more: Any
    ) -> dict[str, Any]:
        """An update with a message."""
        number = next(self.numbers)
        message = {"message_id": number, "from": self._user(person), "date": 1, **self._in(place), **more}
        if text:
            message["text"] = text
        if reply_to is not None:
            replied = {"message_id": int(reply_to.ref.partition("/")[2]), "from": BOT, "date": 1, "text": reply_to.text}
            message["reply_to_message"] = {**replied, **self._in(place)}
        return {"update_id": number, "message": message}

    def _user(self, person: str) -> dict[str, Any]:
        return {"id": int(self.address_of(person)), "is_bot": False, "first_name": person.split()[0]}

    def _in(self, place: str) -> dict[str, Any]:
        chat, _, topic = place.partition(":")
        kind = "private" if int(chat) > 0 else "supergroup" if topic else "group"
        thread = {"message_thread_id": int(topic), "is_topic_message": True} if topic else {}
        return {"chat": {"id": int(chat), "type": kind}, **thread}

    async def _tell(self, update: dict[str, Any]) -> str:
        self.last = update
        before = self.api.now
        query = update.get("callback_query", {}).get("id", "")
        if self.webhook:
            response = await self.call(update)
            assert response.status_code == 200, response.text
        else:
            await self.api.tell(update)
        await self.channel.ears.settle()
        said = [each.text for each in self.api.messages.values() if each.changed_at > before]
        return "\n".join([self.api.notices.get(query, ""), *said])

    async def tell(self, update: dict[str, Any]) -> str:
        """Give any update. Gives what was said."""
        return await self._tell(update)

    async def call(self, update: object, secret: str | None = None) -> httpx.Response:
        """Telegram calls the webhook."""
        shown = self.api.webhook["secret_token"] if secret is None else secret
        headers = {"X-Telegram-Bot-Api-Secret-Token": shown}
        return await self.client.post("/telegram/webhook", json=update, headers=headers)

    async def again(self) -> str:
        query = self.last.get("callback_query")
        if query is not None:
            self.api.answered = [each for each in self.api.answered if each != query["id"]]
        return await self._tell(self.last)

    def delete(self, shown: Shown) -> None:
        chat, _, number = shown.ref.partition("/")
        self.api.messages[int(chat), int(number)].is_deleted = True


def is_question(message: Message) -> bool:
    """Whether it asks for an input."""
    keys = [key["callback_data"] for row in message.keys for key in row]
    return not message.is_deleted and (message.forces_reply or any(each.startswith("?") for each in keys))


def _label(line: str) -> str:
    return line.removesuffix(" (may be left empty)")
