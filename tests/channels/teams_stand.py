"""A stand-in for Teams: its people, and the way in which it tells apbot what they do."""

import asyncio
import json
import socket
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import jwt
import uvicorn
from starlette.applications import Starlette

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.teams.chat import TeamsChat
from apbot.channels.teams.settings import Settings
from apbot.channels.trust import believed
from tests.channels.stand import PATIENCE, SOON, Failure, Shown, Stand
from tests.channels.teams_cards import actions_of, press, problems_of, text_of
from tests.channels.teams_connector import BOT, CLIENT, KEY_NAME, SECRET, TENANT, Connector, Message, key
from tests.serving import AtOnce


class TeamsStand(Stand):
    """Teams, as far as apbot can tell."""

    name = "teams"

    def __init__(self, teams: Connector | None = None, **settings: Any) -> None:
        super().__init__()
        self.teams = teams or Connector()
        self.problems = self.teams.problems
        self.messages = self.teams.messages
        self.requests = self.teams.requests
        self.channel: TeamsChat
        self.bot_url = ""
        self._given = settings
        self._last: dict[str, Any] | None = None

    # Starting and stopping

    async def start(self, desk: Desk) -> Platform:
        await self.teams.open()
        given: dict[str, Any] = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "tenant_id": TENANT,
            "login_url": f"{self.teams.url}/login",
            "openid_url": f"{self.teams.url}/v1/.well-known/openidconfiguration",
            "service_url": f"{self.teams.url}/teams",
            **self._given,
        }
        self.channel = TeamsChat(Settings(_env_file=None, **given), desk, timeout=PATIENCE)
        app = Starlette(routes=list(self.channel.routes))
        config = uvicorn.Config(app, lifespan="off", ws="none", log_level="critical", access_log=False)
        listening = socket.create_server(("127.0.0.1", 0))
        self._bot = AtOnce(config)
        self._serving = asyncio.create_task(self._bot.serve([listening]))
        self.bot_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.http = httpx.AsyncClient(timeout=30, verify=believed())
        return self.channel

    async def stop(self) -> None:
        await self.channel.close()
        await self.http.aclose()
        self._bot.end()
        await self._serving
        await self.teams.close()

    # People

    def address_of(self, person: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, person))

    def shared_by(self, provider: str) -> str:
        kind = "tacv2" if provider == "The Garage" else "v2"
        return f"19:{uuid.uuid5(uuid.NAMESPACE_DNS, provider).hex}@thread.{kind}"

    def shown(self, address: str) -> Sequence[Shown]:
        return [
            Shown(
                each.id,
                "\n".join([text_of(each.card), *map(text_of, each.views.values())]),
                [action["title"] for action in actions_of(each.card)],
                each.is_deleted,
            )
            for each in self.messages.values()
            if each.conversation.partition(";")[0] == self.teams.chat_of(address)
        ]

    def delete(self, shown: Shown) -> None:
        self.messages[shown.ref].is_deleted = True

    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        if how is Failure.SILENT:
            self.channel._wire.http.timeout = SOON
        self.teams.failures.append((how, wait))

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
            if message.conversation.partition(";")[0] == self.teams.chat_of(place) and not message.is_deleted:
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
        kind, conversation = "personal", self.teams.chat_of(place)
        if place.startswith("19:"):
            kind = "channel" if place.endswith("tacv2") else "groupChat"
            conversation = f"{place};messageid=1600000000000" if kind == "channel" else place
        address = self.address_of(person)
        return {
            "type": type_,
            "id": str(next(self.teams.numbers)),
            "timestamp": "2026-09-17T08:31:00.000Z",
            "channelId": "msteams",
            "serviceUrl": f"{self.teams.url}/teams/",
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
            "serviceurl": f"{self.teams.url}/teams/",
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
