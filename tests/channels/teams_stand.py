"""A stand-in for Teams on loopback: its sign-in, its keys, its connector, and its people."""

import asyncio
import contextlib
import json
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

import httpx
import jwt
import uvicorn
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.teams.chat import TeamsChat
from apbot.channels.teams.settings import Settings
from tests.channels.stand import Failure, Shown, Stand
from tests.channels.teams_cards import actions_of, press, problems_of, problems_of_message, text_of

CLIENT = "6a1f0c52-0000-4000-8000-0000000000aa"
SECRET = "a-made-up-secret"
TENANT = "6a1f0c52-0000-4000-8000-0000000000bb"
BOT = f"28:{CLIENT}"
KEY_NAME = "key-1"
TIMEOUT = 0.4


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """A key pair; the same for the same name."""
    return rsa.generate_private_key(65537, 2048)


@dataclass
class Message:
    """A message of apbot's."""

    id: str
    conversation: str
    activity: Mapping[str, Any]
    is_deleted: bool = False
    views: dict[str, Any] = field(default_factory=dict)
    """What single people see in place of the card, since they pressed a button."""

    @property
    def card(self) -> Any:
        return self.activity["attachments"][0]["content"]


class TeamsStand(Stand):
    """Teams, as far as apbot can tell."""

    name = "teams"

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.messages: dict[str, Message] = {}
        self.requests: list[str] = []
        self.tokens_given = 0
        self.signin_error: dict[str, Any] | None = None
        self.refused_chats: set[str] = set()
        self.answers: deque[web.Response] = deque()
        """What the next requests that post or edit are answered with."""
        self.endorsements: list[str] | None = ["msteams"]
        self.channel: TeamsChat
        self.url = self.bot_url = ""
        self._given = settings
        self._failures: deque[tuple[Failure, timedelta]] = deque()
        self._numbers = count(1_600_000_000_001)
        self._sent_at: dict[str, deque[float]] = defaultdict(deque)
        self._stopped = asyncio.Event()
        self._last: dict[str, Any] | None = None

    # Starting and stopping

    async def start(self, desk: Desk) -> Platform:
        app = web.Application(client_max_size=1024 * 1024)
        chats = "/teams/v3/conversations"
        app.add_routes(
            [
                web.post("/login/{tenant}/oauth2/v2.0/token", self._token),
                web.get("/v1/.well-known/openidconfiguration", self._openid),
                web.get("/v1/.well-known/keys", self._jwks),
                web.post(chats, self._open_chat),
                web.post(chats + "/{chat}/activities", self._post),
                web.put(chats + "/{chat}/activities/{id}", self._edit),
                web.delete(chats + "/{chat}/activities/{id}", self._delete),
                web.get(chats + "/{chat}/pagedMembers", self._members),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        given: dict[str, Any] = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "tenant_id": TENANT,
            "login_url": f"{self.url}/login",
            "openid_url": f"{self.url}/v1/.well-known/openidconfiguration",
            "service_url": f"{self.url}/teams",
            **self._given,
        }
        self.channel = TeamsChat(Settings(_env_file=None, **given), desk, timeout=TIMEOUT)
        self._bot = _Server(
            uvicorn.Config(
                Starlette(routes=list(self.channel.routes)),
                port=0,
                lifespan="off",
                ws="none",
                log_level="critical",
                access_log=False,
            )
        )
        self._serving = asyncio.create_task(self._bot.serve())
        await asyncio.wait_for(self._bot.ready.wait(), 10)
        self.bot_url = f"http://127.0.0.1:{self._bot.servers[0].sockets[0].getsockname()[1]}"
        self.http = httpx.AsyncClient(timeout=30)
        return self.channel

    async def stop(self) -> None:
        self._stopped.set()
        await self.channel.close()
        await self.http.aclose()
        self._bot.should_exit = True
        await self._serving
        await self._runner.cleanup()

    # People

    def address_of(self, person: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, person))

    def shared_by(self, provider: str) -> str:
        kind = "tacv2" if provider == "The Garage" else "v2"
        return f"19:{uuid.uuid5(uuid.NAMESPACE_DNS, provider).hex}@thread.{kind}"

    def chat_of(self, address: str) -> str:
        """The id of the conversation: a person's own with apbot, or the shared one."""
        return address if address.startswith("19:") else f"a:1-{address}"

    def shown(self, address: str) -> Sequence[Shown]:
        return [
            Shown(
                each.id,
                "\n".join([text_of(each.card), *map(text_of, each.views.values())]),
                [action["title"] for action in actions_of(each.card)],
                each.is_deleted,
            )
            for each in self.messages.values()
            if each.conversation.partition(";")[0] == self.chat_of(address)
        ]

    def delete(self, shown: Shown) -> None:
        self.messages[shown.ref].is_deleted = True

    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        self._failures.append((how, wait))

    async def tap(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> str:
        message, action = self.find(person, place, label, about, inputs or {})
        answer = await self.invoke(person, place, action, message.id)
        return self.answered(person, message, answer)

    def find(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> tuple[Message, dict[str, Any]]:
        """The newest message in `place` with this button, and what a client sends for it."""
        for message in reversed(self.messages.values()):
            if message.conversation.partition(";")[0] == self.chat_of(place) and not message.is_deleted:
                action = press(message.views.get(person, message.card), label, about, inputs or {})
                if action is not None:
                    return message, action
        raise AssertionError(f"no button {label!r} {about} in {place}")

    def answered(self, person: str, message: Message, answer: httpx.Response) -> str:
        """What the person sees of the answer to a press, as text."""
        assert answer.status_code == 200, answer.status_code
        told = answer.json()
        value = told["value"]
        match told["type"]:
            case "application/vnd.microsoft.card.adaptive":
                assert told["statusCode"] == 200
                self.problems += problems_of(value)
                message.views[person] = value
                return text_of(value)
            case "application/vnd.microsoft.activity.message":
                assert told["statusCode"] == 200
                assert isinstance(value, str)
                return value
            case "application/vnd.microsoft.error":
                assert told["statusCode"] in (400, 500)
                return str(value["message"])
        raise AssertionError(told["type"])

    async def invoke(self, person: str, place: str, action: Mapping[str, Any], message_id: str) -> httpx.Response:
        """Tell apbot that somebody has pressed a button."""
        return await self.send(
            {
                **self.activity(person, place, "invoke"),
                "id": f"f:{uuid.uuid4()}",
                "name": "adaptiveCard/action",
                "replyToId": message_id,
                "value": {"action": dict(action), "trigger": "manual"},
            }
        )

    async def type(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        activity = self.activity(person, place, "message")
        if place.startswith("19:"):
            activity["text"] = f"<at>apbot</at>&nbsp;{text}\n"
            mentioned = {"id": BOT, "name": "apbot"}
            activity["entities"].append({"type": "mention", "mentioned": mentioned, "text": "<at>apbot</at>"})
        else:
            activity["text"] = text
        if reply_to is not None:
            quote = f'<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="{reply_to.ref}"><p>…</p>'
            content = f"{quote}</blockquote><p>{text}</p>"
            activity["attachments"] = [{"contentType": "text/html", "content": content}]
            activity["text"] = f"…\n\n{text}"
        return await self.said(activity)

    async def said(self, activity: dict[str, Any]) -> str:
        """Tell apbot of a message; what was posted in answer, as text."""
        before = len(self.messages)
        response = await self.send(activity)
        assert response.status_code == 200, response.status_code
        return "\n".join(text_of(each.card) for each in list(self.messages.values())[before:])

    async def again(self) -> str:
        assert self._last is not None
        await self.send(self._last)
        return ""

    def activity(self, person: str, place: str, type_: str) -> dict[str, Any]:
        """An activity as Teams sends it."""
        kind, conversation = "personal", self.chat_of(place)
        if place.startswith("19:"):
            kind = "channel" if place.endswith("tacv2") else "groupChat"
            conversation = f"{place};messageid=1600000000000" if kind == "channel" else place
        address = self.address_of(person)
        return {
            "type": type_,
            "id": str(next(self._numbers)),
            "timestamp": "2026-09-17T08:31:00.000Z",
            "channelId": "msteams",
            "serviceUrl": f"{self.url}/teams/",
            "from": {"id": f"29:1{address}", "name": person, "aadObjectId": address},
            "conversation": {
                "id": conversation,
                "conversationType": kind,
                "tenantId": TENANT,
                **({} if kind == "personal" else {"isGroup": True}),
            },
            "recipient": {"id": BOT, "name": "apbot"},
            "channelData": {"tenant": {"id": TENANT}},
            "entities": [{"type": "clientInfo", "locale": "en-GB", "country": "GB", "platform": "Web"}],
            "locale": "en-GB",
        }

    def token(self, signed_with: str = KEY_NAME, **claims: Any) -> str:
        """A token as the Bot Framework signs it."""
        now = int(time.time())
        good = {
            "iss": "https://api.botframework.com",
            "aud": CLIENT,
            "nbf": now - 10,
            "exp": now + 3600,
            "serviceurl": f"{self.url}/teams/",
            **claims,
        }
        said = {name: value for name, value in good.items() if value is not None}
        return jwt.encode(said, key(signed_with), algorithm="RS256", headers={"kid": KEY_NAME})

    async def send(
        self, activity: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """What Teams does when something has happened."""
        if isinstance(activity, dict):
            self._last = activity
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        given = {"Authorization": f"Bearer {self.token()}"} if headers is None else dict(headers)
        return await self.http.post(
            f"{self.bot_url}/api/messages", content=body, headers={"Content-Type": "application/json", **given}
        )

    # What apbot asks of Teams

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if self.signin_error is not None:
            return web.json_response(self.signin_error, status=401)
        right = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": "https://api.botframework.com/.default",
        }
        if dict(form) != right or request.match_info["tenant"] != TENANT:
            self.problems.append("a wrong request for a token")
            return web.json_response({"error": "invalid_request"}, status=400)
        self.tokens_given += 1
        return web.json_response(
            {"token_type": "Bearer", "expires_in": 3599, "access_token": f"token-{self.tokens_given}"}
        )

    async def _openid(self, _: web.Request) -> web.Response:
        self.requests.append("openid")
        return web.json_response(
            {
                "issuer": "https://api.botframework.com",
                "jwks_uri": f"{self.url}/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _jwks(self, _: web.Request) -> web.Response:
        shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key(KEY_NAME).public_key()))
        shown |= {"kid": KEY_NAME, "use": "sig"}
        if self.endorsements is not None:
            shown["endorsements"] = self.endorsements
        return web.json_response({"keys": [{"kty": "oct", "kid": "other"}, shown]})

    async def _open_chat(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        asked = await request.json()
        self.requests.append("open")
        (member,) = asked["members"]
        if asked.get("tenantId") != TENANT or asked.get("isGroup") is not False or asked["bot"]["id"] != BOT:
            self.problems.append("a chat opened wrongly")
        address = member["id"].removeprefix("29:1")
        if address in self.refused_chats:
            return _error(403, "BotNotInConversationRoster")
        return web.json_response({"id": self.chat_of(address)}, status=201)

    async def _post(self, request: web.Request) -> web.StreamResponse:
        self.requests.append("post")
        chat = request.match_info["chat"]
        activity = await self._taken(request, chat)
        if isinstance(activity, web.Response):
            return activity
        failure = self._failures.popleft() if self._failures else None
        if failure and failure[0] is not Failure.SILENT:
            return _failed(*failure)
        message = Message(str(next(self._numbers)), chat, activity)
        self.messages[message.id] = message
        if failure:
            await self._stopped.wait()
        return web.json_response({"id": message.id}, status=201)

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        self.requests.append("edit")
        activity = await self._taken(request, request.match_info["chat"])
        if isinstance(activity, web.Response):
            return activity
        failure = self._failures.popleft() if self._failures else None
        if failure and failure[0] is not Failure.SILENT:
            return _failed(*failure)
        message = self.messages.get(request.match_info["id"])
        if message is None or message.is_deleted:
            return _error(404, "ActivityNotFoundInConversation")
        message.activity = activity
        message.views.clear()
        if failure:
            await self._stopped.wait()
        return web.json_response({"id": message.id})

    async def _delete(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        self.requests.append("delete")
        message = self.messages.get(request.match_info["id"])
        if message is None or message.is_deleted:
            return _error(404, "ActivityNotFoundInConversation")
        message.is_deleted = True
        return web.json_response({})

    async def _members(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        if request.match_info["chat"].removeprefix("a:1-") in self.refused_chats:
            return _error(403, "BotNotInConversationRoster")
        return web.json_response({"members": []})

    async def _taken(self, request: web.Request, chat: str) -> Mapping[str, Any] | web.Response:
        """The message in a request, checked; or the answer to one that is refused."""
        if refused := self._unsigned(request):
            return refused
        if self.answers:
            return self.answers.popleft()
        activity: dict[str, Any] = await request.json()
        self.problems += problems_of_message(activity)
        sent = self._sent_at[chat]
        now = time.monotonic()
        sent.append(now)
        if sum(at > now - 0.9 for at in sent) > 7 or sum(at > now - 29.5 for at in sent) > 60:
            self.problems.append("faster than Teams allows")
        return activity

    def _unsigned(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer token-{self.tokens_given}":
            return None
        return _error(401, "Unauthorized")


class _Server(uvicorn.Server):
    """Says when it listens, and leaves the signals to pytest."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


def _error(status: int, code: str, **headers: str) -> web.Response:
    told = {"error": {"code": code, "message": "Words that name 29:1-somebody and must not be repeated."}}
    return web.json_response(told, status=status, headers=headers)


def _failed(how: Failure, wait: timedelta) -> web.Response:
    match how:
        case Failure.BUSY:
            headers = {"Retry-After": str(int(wait.total_seconds()))}
            return web.json_response({"error": {"code": "TooManyRequests"}}, status=429, headers=headers)
        case Failure.BROKEN:
            return web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html")
        case _:
            return _error(403, "BotNotInConversationRoster")
