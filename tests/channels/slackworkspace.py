"""A Slack workspace on loopback: the Web API, Socket Mode and the addresses for answers, as Slack documents them."""

import asyncio
import contextlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

from tests.channels.slacklimits import wrong_in_message, wrong_in_view
from tests.channels.stand import Failure, Shown

BOT_TOKEN = "xoxb-a-token"
APP_TOKEN = "xapp-a-token"
TEAM = "T0HILL"
BOT_USER, BOT_ID = "U0APBOT", "B0APBOT"
CHANGES = ("chat.postMessage", "chat.update")


@dataclass
class Said:
    """A message of apbot's."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread: str = ""
    only_for: str = ""
    is_deleted: bool = False

    @property
    def shown(self) -> Shown:
        return Shown(
            f"{self.channel}:{self.ts}", words_of(self.text, self.blocks), labels_of(self.blocks), self.is_deleted
        )


def words_of(text: str, blocks: list[dict[str, Any]]) -> str:
    """A message as text."""
    lines = [] if blocks else [text]
    for block in blocks:
        if block["type"] in ("header", "section"):
            lines.append(block["text"]["text"])
        elif block["type"] == "context":
            lines += [each["text"] for each in block["elements"]]
    return html.unescape("\n".join(lines)).replace("*", "")


def labels_of(blocks: list[dict[str, Any]]) -> list[str]:
    return [element["text"]["text"] for block in blocks if block["type"] == "actions" for element in block["elements"]]


@dataclass
class Workspace:
    """What Slack knows, and the server that answers for it."""

    problems: list[str]
    said: list[Said] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """Everything that people were told in answer, as text, the newest last."""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failures: list[tuple[Failure, float]] = field(default_factory=list)
    nonsense: list[tuple[bytes, str]] = field(default_factory=list)
    """What the next posts are answered with instead, and of which type it claims to be."""
    errors: dict[str, str] = field(default_factory=dict)
    """What a method answers with instead, by its name, or by its name and channel as "chat.postMessage C1"."""
    scopes: str = ""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is known of people, by their names, besides that they are ordinary members."""
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    opened_by: dict[str, str] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    live_triggers: set[str] = field(default_factory=set)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acks: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    has_socket: asyncio.Event = field(default_factory=asyncio.Event)
    was_called: asyncio.Event = field(default_factory=asyncio.Event)
    is_mute: bool = False
    """Whether new connections stay silent: not even pings are answered."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was uploaded: its length as announced, its words for a screen reader, the file, and where it is shown."""

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._letting_go = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/socket/{number}", self._socket)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_post("/answer/{channel}/{user}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._letting_go.set()
        for socket in self.sockets:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(socket.close(), 0.2)
        await self._runner.cleanup()

    async def called(self, times: int) -> None:
        """Wait until apbot has called so many more times."""
        until = len(self.calls) + times
        async with asyncio.timeout(10):
            while len(self.calls) < until:
                self.was_called.clear()
                await self.was_called.wait()

    def number(self) -> int:
        return next(self._numbers)

    def ts(self) -> str:
        return f"1789632000.{self.number():06d}"

    def standing(self, channel: str) -> list[Said]:
        return [each for each in self.said if each.channel == channel]

    # What apbot asks.

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        asked = await _arguments(request)
        self.calls.append((method, asked))
        self.was_called.set()
        token = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if request.headers.get("Authorization") != f"Bearer {token}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if self.nonsense and method in CHANGES:
            body, kind = self.nonsense.pop()
            return web.Response(body=body, content_type=kind)
        failure = self.failures.pop() if self.failures and method in CHANGES else None
        match failure:
            case (Failure.BUSY, seconds):
                headers = {"Retry-After": str(int(seconds))}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            case (Failure.BROKEN, _):
                return web.Response(status=503, text="<html>sorry</html>", content_type="text/html")
            case (Failure.REFUSED, _):
                return web.json_response({"ok": False, "error": "channel_not_found"})
        channel = asked.get("channel", "")
        error = self.errors.get(method) or self.errors.get(f"{method} {channel}")
        answer = {"ok": False, "error": error} if error else self._do(method, asked)
        if failure is not None:
            await self._letting_go.wait()
        return web.json_response(answer, headers={"X-OAuth-Scopes": self.scopes} if self.scopes else {})

    def _do(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"ok": True, "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT_ID, "url": self.url}
            case "apps.connections.open":
                return {"ok": True, "url": f"{self.url.replace('http', 'ws')}/socket/{self.number()}"}
            case "chat.postMessage" | "chat.postEphemeral":
                return self._post(asked)
            case "chat.update":
                return self._update(asked)
            case "chat.delete":
                return self._delete(asked)
            case "views.open":
                return self._open(asked)
            case "views.publish":
                self.problems += wrong_in_view(asked["view"])
                self.homes[asked["user_id"]] = asked["view"]
                return {"ok": True, "view": {}}
            case "files.getUploadURLExternal":
                file = f"F{self.number()}"
                self.files[file] = {"alt": asked.get("alt_txt", ""), "length": int(asked["length"])}
                return {"ok": True, "file_id": file, "upload_url": f"{self.url}/upload/{file}"}
            case "files.completeUploadExternal":
                return self._shared(asked)
            case "conversations.open":
                return {"ok": True, "channel": {"id": self.dm_of(asked["users"])}}
            case "users.info":
                return self._user(asked["user"])
            case "conversations.info":
                return {"ok": True, "channel": {"id": asked["channel"], "is_member": True, "is_archived": False}}
        self.problems.append(f"unknown method {method}")
        return {"ok": False, "error": "unknown_method"}

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.files[request.match_info["file"]]
        file["png"] = await request.read()
        if len(file["png"]) != file["length"] or not file["png"].startswith(b"\x89PNG"):
            self.problems.append("another file was uploaded than was announced")
        return web.Response(text="OK")

    def _shared(self, asked: dict[str, Any]) -> dict[str, Any]:
        (shared,) = json.loads(asked["files"]) if isinstance(asked["files"], str) else asked["files"]
        file = self.files[shared["id"]]
        if "png" not in file or asked["channel_id"][0] not in "CDG":
            self.problems.append("a file was shared wrongly")
        file |= {"channel": asked["channel_id"], "title": shared["title"]}
        return {"ok": True, "files": [{"id": shared["id"], "title": shared["title"]}]}

    def _user(self, user: str) -> dict[str, Any]:
        if user not in self.users:
            return {"ok": False, "error": "user_not_found"}
        flags = dict.fromkeys(("deleted", "is_bot", "is_app_user", "is_restricted"), False)
        member = {"id": user, "team_id": TEAM, **flags, "is_email_confirmed": True}
        return {"ok": True, "user": {**member, **self.users[user]}}

    def dm_of(self, user: str) -> str:
        return f"D{user[1:]}"

    def _post(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.problems += wrong_in_message(asked)
        channel = asked["channel"]
        channel = self.dm_of(channel) if channel.startswith("U") else channel
        self.say(channel, asked, asked.get("user", ""))
        return {"ok": True, "channel": channel, "ts": self.said[-1].ts, "message_ts": self.said[-1].ts}

    def say(self, channel: str, message: Mapping[str, Any], only_for: str = "") -> None:
        blocks = message.get("blocks") or []
        thread = message.get("thread_ts", "")
        self.said.append(Said(channel, self.ts(), message["text"], blocks, thread, only_for))
        self.told.append(self.said[-1].shown.text)

    def _find(self, asked: dict[str, Any]) -> Said | None:
        return next(
            (s for s in self.said if (s.channel, s.ts) == (asked["channel"], asked["ts"]) and not s.is_deleted), None
        )

    def _update(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.problems += wrong_in_message(asked)
        if (said := self._find(asked)) is None:
            return {"ok": False, "error": "message_not_found"}
        said.text, said.blocks = asked["text"], asked.get("blocks") or []
        return {"ok": True, "channel": said.channel, "ts": said.ts}

    def _delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        if (said := self._find(asked)) is None:
            return {"ok": False, "error": "message_not_found"}
        said.is_deleted = True
        return {"ok": True}

    def _open(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.problems += wrong_in_view(asked["view"])
        trigger = asked["trigger_id"]
        if trigger not in self.live_triggers:
            return {"ok": False, "error": "expired_trigger_id"}
        if trigger in self.opened_by:
            return {"ok": False, "error": "exchanged_trigger_id"}
        view_id = f"V{self.number()}"
        self.views[view_id] = {**asked["view"], "id": view_id}
        self.opened_by[trigger] = view_id
        return {"ok": True, "view": self.views[view_id]}

    async def _answer(self, request: web.Request) -> web.Response:
        message = await request.json()
        self.problems += wrong_in_message(message)
        if message.get("response_type") != "ephemeral":
            self.problems.append("an answer to one person that everybody sees")
        self.say(request.match_info["channel"], message, request.match_info["user"])
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=not self.is_mute)
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0"}})
        self.has_socket.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                answer = json.loads(message.data)
                future = self.acks.pop(answer["envelope_id"], None)
                if future is not None and not future.done():
                    future.set_result(answer.get("payload"))
        return socket


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(await request.json())
    return {**request.query, **dict(await request.post())}
