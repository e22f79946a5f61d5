"""Teams's own side on loopback: its sign-in, its keys and its connector, which checks every message it is given."""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.channels.stand import Failure
from tests.channels.teams_cards import problems_of_message

CLIENT = "6a1f0c52-0000-4000-8000-0000000000aa"
SECRET = "a-made-up-secret"
TENANT = "6a1f0c52-0000-4000-8000-0000000000bb"
BOT = f"28:{CLIENT}"
KEY_NAME = "key-1"


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


class Connector:
    """What apbot asks of Teams, and what Teams keeps of it."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.messages: dict[str, Message] = {}
        self.requests: list[str] = []
        self.tokens_given = 0
        self.signin_error: dict[str, Any] | None = None
        self.refused_chats: set[str] = set()
        self.members: dict[str, dict[str, Any]] = {}
        """What the directory knows of people, by their addresses, besides that they are of the own tenant."""
        self.answers: deque[web.Response] = deque()
        """What the next requests that post or edit are answered with."""
        self.endorsements: list[str] | None = ["msteams"]
        self.url = ""
        self.numbers = count(1_600_000_000_001)
        self.failures: deque[tuple[Failure, timedelta]] = deque()
        self._sent_at: dict[str, deque[float]] = defaultdict(deque)
        self._stopped = asyncio.Event()

    async def open(self) -> None:
        """Listen on a free port."""
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
                web.get(chats + "/{chat}/members/{member}", self._member),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Let go of everything, also of what was never answered."""
        self._stopped.set()
        await self._runner.cleanup()

    def chat_of(self, address: str) -> str:
        """The id of the conversation: a person's own with apbot, or the shared one."""
        return address if address.startswith("19:") else f"a:1-{address}"

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
        failure = self.failures.popleft() if self.failures else None
        if failure and failure[0] is not Failure.SILENT:
            return _failed(*failure)
        message = Message(str(next(self.numbers)), chat, activity)
        self.messages[message.id] = message
        if failure:
            await self._stopped.wait()
        return web.json_response({"id": message.id}, status=201)

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        self.requests.append("edit")
        activity = await self._taken(request, request.match_info["chat"])
        if isinstance(activity, web.Response):
            return activity
        failure = self.failures.popleft() if self.failures else None
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

    async def _member(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        self.requests.append("member")
        address = request.match_info["member"].removeprefix("29:1")
        chat = request.match_info["chat"]
        if ";" in chat or not (chat.startswith("19:") or chat == self.chat_of(address)):
            self.problems.append("asked in another conversation")
        if address not in self.members:
            return _error(404, "MemberNotFoundInConversation")
        known = {"id": f"29:1{address}", "objectId": address, "tenantId": TENANT, "userRole": "user"}
        return web.json_response({**known, **self.members[address]})

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
