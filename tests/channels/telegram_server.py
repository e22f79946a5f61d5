"""A Bot API server on loopback: holds every request to the documented limits, and keeps what chats show."""

import asyncio
import contextlib
import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from typing import Any

from aiohttp import web

TOKEN = "1234567:stand-in-token-for-tests-only-0000"
BOT = {"id": 1234567, "is_bot": True, "first_name": "apbot", "username": "apbot_stand_bot"}
LONGEST, LONGEST_NOTICE, LONGEST_DATA, MOST_KEYS, MOST_IN_A_ROW = 4096, 200, 64, 100, 8
LONGEST_CAPTION = 1024
INITIALS = re.compile(r"\b\w\.\w\.")

ALLOWED = {
    "sendMessage": {
        *("chat_id", "text", "parse_mode", "reply_markup", "message_thread_id", "reply_parameters"),
        "link_preview_options",
    },
    "editMessageText": {"chat_id", "message_id", "text", "parse_mode", "reply_markup", "link_preview_options"},
    "sendPhoto": {"chat_id", "photo", "caption", "message_thread_id", "disable_notification"},
    "deleteMessage": {"chat_id", "message_id"},
    "answerCallbackQuery": {"callback_query_id", "text", "show_alert"},
    "getUpdates": {"offset", "timeout", "limit", "allowed_updates"},
    "setWebhook": {"url", "secret_token", "allowed_updates"},
    "deleteWebhook": set(),
    "getWebhookInfo": set(),
    "getMe": set(),
    "setMyCommands": {"commands", "language_code"},
    "getChat": {"chat_id"},
    "sendChatAction": {"chat_id", "action", "message_thread_id"},
}


@dataclass
class Message:
    """A message of the bot's as it stands now."""

    chat: int
    id: int
    text: str
    keys: list[list[dict[str, Any]]] = field(default_factory=list)
    forces_reply: bool = False
    topic: int | None = None
    reply_to: int | None = None
    is_deleted: bool = False
    changed_at: int = 0


class Refusal(Exception):
    """What is answered instead of a result."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


class Pass(Exception):
    """Nothing is wrong with this one; the next has the failure that follows."""


class Silence(Exception):
    """Nothing is answered."""


class BotApi:
    """The server. What breaks a limit stands in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.messages: dict[tuple[int, int], Message] = {}
        self.photos: list[tuple[int, str, bytes]] = []
        """Pictures: the chat, the caption, and the file."""
        self.notices: dict[str, str] = {}
        self.answered: list[str] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.failures: deque[Exception] = deque()
        self.refused_chats: dict[int, Refusal] = {}
        self.refuse_next: dict[str, Refusal] = {}
        self.pending: list[dict[str, Any]] = []
        self.seen: set[int] = set()
        self.webhook: dict[str, str] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.token = TOKEN
        self.garbled = ""
        self.changes = count(1)
        self.now = 0
        self._ids = count(101)
        self._told = asyncio.Condition()
        self._stopping = asyncio.Event()
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()
        self.released.set()
        self._runner: web.AppRunner | None = None
        self.base_url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base_url = f"http://127.0.0.1:{port}/bot"

    async def stop(self) -> None:
        self._stopping.set()
        async with self._told:
            self._told.notify_all()
        if self._runner is not None:
            await self._runner.cleanup()

    async def tell(self, update: dict[str, Any]) -> None:
        """Give an update to who polls; returns when it was confirmed."""
        self.seen.discard(update["update_id"])
        self.pending.append(update)
        async with self._told:
            self._told.notify_all()
            async with asyncio.timeout(10):
                await self._told.wait_for(lambda: update not in self.pending)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        match = re.fullmatch(r"/bot([^/]+)/(\w+)", request.path)
        try:
            if match is None or match[1] != self.token:
                raise Refusal(401, "Unauthorized")
            posted = await request.post()
            given = {key: str(value) for key, value in posted.items()}
            method = match[2]
            self.calls.append((method, given))
            if method not in ALLOWED:
                raise Refusal(404, "Not Found")
            if extra := given.keys() - ALLOWED[method]:
                self.problems.append(f"{method} has {extra}")
            if method == "sendPhoto" and isinstance(file := posted["photo"], web.FileField):
                self._photo(int(given["chat_id"]), given.get("caption", ""), file.file.read())
            result = await self._do(method, given)
            if self.garbled and method == "sendMessage":
                return web.Response(text=self.garbled)
        except Refusal as refusal:
            body: dict[str, Any] = {"ok": False, "error_code": refusal.status, "description": refusal.description}
            if refusal.parameters:
                body["parameters"] = refusal.parameters
            if refusal.status >= 500:
                return web.Response(status=refusal.status, text="<html>Bad Gateway</html>", content_type="text/html")
            return web.json_response(body, status=refusal.status)
        except Silence:
            await self._stopping.wait()
            return web.Response(status=500)
        return web.json_response({"ok": True, "result": result})

    async def _do(self, method: str, given: Mapping[str, str]) -> Any:
        if method in self.refuse_next:
            raise self.refuse_next.pop(method)
        match method:
            case "getMe":
                return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False}
            case "getUpdates":
                return await self._updates(given)
            case "setWebhook":
                self.webhook = dict(given)
                return True
            case "deleteWebhook":
                self.webhook = {}
                return True
            case "getWebhookInfo":
                return {"url": self.webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}
            case "setMyCommands":
                return self._set_commands(given)
            case "answerCallbackQuery":
                return self._notice(given)
            case "getChat":
                self._reachable(int(given["chat_id"]))
                return {"id": int(given["chat_id"]), "type": "private", "accent_color_id": 0, "max_reaction_count": 1}
            case "sendChatAction":
                self._reachable(int(given["chat_id"]))
                return True
            case "sendPhoto":
                chat = {"id": int(given["chat_id"]), "type": "private"}
                return {"message_id": next(self._ids), "from": BOT, "date": 1, "chat": chat, "photo": []}
            case "deleteMessage":
                return self._delete(given)
            case _:
                return await self._write(method, given)

    def _photo(self, chat: int, caption: str, file: bytes) -> None:
        self._reachable(chat)
        if len(caption.encode("utf-16-le")) // 2 > LONGEST_CAPTION:
            self.problems.append("a caption is too long")
        if not file.startswith(b"\x89PNG") or len(file) > 10_000_000:
            self.problems.append("that is no photo")
        self.photos.append((chat, caption, file))

    def _reachable(self, chat: int) -> None:
        if chat in self.refused_chats:
            raise self.refused_chats[chat]

    async def _write(self, method: str, given: Mapping[str, str]) -> dict[str, Any]:
        self.arrived.set()
        await self.released.wait()
        chat = int(given["chat_id"])
        self._reachable(chat)
        failure = self.failures.popleft() if self.failures else None
        if isinstance(failure, Refusal):
            raise failure
        text = self._text(given)
        markup = json.loads(given["reply_markup"]) if "reply_markup" in given else {}
        keys = self._keys(markup)
        self.now = next(self.changes)
        if method == "sendMessage":
            reply = json.loads(given["reply_parameters"]) if "reply_parameters" in given else {}
            topic = int(given["message_thread_id"]) if "message_thread_id" in given else None
            message = Message(chat, next(self._ids), text, keys, bool(markup.get("force_reply")), topic)
            message.reply_to = reply.get("message_id")
            message.changed_at = self.now
            self.messages[chat, message.id] = message
        else:
            found = self.messages.get((chat, int(given["message_id"])))
            if found is None or found.is_deleted:
                raise Refusal(400, "Bad Request: message to edit not found")
            if found.forces_reply:
                self.problems.append("a message that forces a reply was edited")
            if (found.text, found.keys) == (text, keys):
                raise Refusal(
                    400,
                    "Bad Request: message is not modified: specified new message content and reply markup are exactly "
                    "the same as a current content and reply markup of the message",
                )
            found.text, found.keys, found.changed_at = text, keys, self.now
            message = found
        if isinstance(failure, Silence):
            raise failure
        return {
            "message_id": message.id,
            "from": BOT,
            "date": 1,
            "chat": {"id": chat, "type": "private" if chat > 0 else "group"},
            "text": text,
        }

    def _text(self, given: Mapping[str, str]) -> str:
        reader = _Reader()
        if given.get("parse_mode") != "HTML":
            self.problems.append("a text without parse_mode HTML")
        reader.feed(given["text"])
        reader.close()
        self.problems += reader.problems
        text = "".join(reader.parts)
        if not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > LONGEST:
            self.problems.append("a text is too long")
            raise Refusal(400, "Bad Request: message is too long")
        if INITIALS.search(text):
            self.problems.append("a pupil's initials were shown")
        return text

    def _keys(self, markup: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
        rows: list[list[dict[str, Any]]] = markup.get("inline_keyboard", [])
        keys = [key for row in rows for key in row]
        for key in keys:
            data = key.get("callback_data", "").encode()
            if not 1 <= len(data) <= LONGEST_DATA:
                self.problems.append(f"callback data of {len(data)} bytes")
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
            if not key.get("text", "").strip() or INITIALS.search(key["text"]):
                self.problems.append("a key's text is empty, or has initials")
        if len(keys) > MOST_KEYS or any(not 1 <= len(row) <= MOST_IN_A_ROW for row in rows):
            self.problems.append(f"{len(keys)} keys")
            raise Refusal(400, "Bad Request: reply markup is too long")
        if len(json.dumps(markup, ensure_ascii=False).encode()) > 10_000:
            self.problems.append("a keyboard of more than 10,000 bytes")
        return rows

    def _notice(self, given: Mapping[str, str]) -> bool:
        query, text = given["callback_query_id"], given.get("text", "")
        if query in self.answered and not query.startswith("again"):
            self.problems.append("a callback query was answered twice")
        self.answered.append(query)
        self.notices[query] = text
        if len(text.encode("utf-16-le")) // 2 > LONGEST_NOTICE:
            self.problems.append("a notice is too long")
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        if INITIALS.search(text):
            self.problems.append("a pupil's initials were in a notice")
        return True

    def _delete(self, given: Mapping[str, str]) -> bool:
        found = self.messages.get((int(given["chat_id"]), int(given["message_id"])))
        if found is None or found.is_deleted:
            raise Refusal(400, "Bad Request: message to delete not found")
        found.is_deleted = True
        return True

    def _set_commands(self, given: Mapping[str, str]) -> bool:
        commands = json.loads(given["commands"])
        for each in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", each["command"]) or not 1 <= len(each["description"]) <= 256:
                self.problems.append(f"command {each}")
        self.commands[given.get("language_code", "")] = commands
        return True

    async def _updates(self, given: Mapping[str, str]) -> list[dict[str, Any]]:
        if self.webhook.get("url"):
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(given.get("offset", 0))
        async with self._told:
            self.pending = [
                each for each in self.pending if each["update_id"] not in self.seen or each["update_id"] >= offset
            ]
            self._told.notify_all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(int(given.get("timeout", 0))):
                    await self._told.wait_for(lambda: self.pending or self._stopping.is_set())
            self.seen.update(each["update_id"] for each in self.pending)
            return list(self.pending)


class _Reader(HTMLParser):
    """Telegram's HTML: a few tags, properly closed, and the named entities that it knows."""

    TAGS = {"b": set(), "i": set(), "a": {"href"}}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.problems: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.TAGS or {name for name, _ in attrs} - self.TAGS[tag]:
            self.problems.append(f"Telegram knows no <{tag}> like that")
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        known = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
        if name not in known:
            self.problems.append(f"Telegram knows no &{name};")
        self.parts.append(known.get(name, ""))

    def handle_charref(self, name: str) -> None:
        self.parts.append(chr(int(name)))

    def close(self) -> None:
        super().close()
        if self._open:
            self.problems.append(f"{self._open} is not closed")
