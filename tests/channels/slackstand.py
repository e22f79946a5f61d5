"""The stand-in for Slack: people in the workspace, in Socket Mode or over HTTP."""

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from aiohttp import ClientTimeout
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.slack.channel import SlackChannel
from apbot.channels.slack.http import PATH
from apbot.channels.slack.settings import Settings
from tests.channels.slackworkspace import APP_TOKEN, BOT_TOKEN, BOT_USER, TEAM, Said, Workspace, words_of
from tests.channels.stand import PATIENCE, SOON, Failure, Shown, Stand

SECRET = "a signing secret"
WAIT = 10.0


def code(kind: str, name: str) -> str:
    return f"{kind}{hashlib.sha256(name.encode()).hexdigest()[:9].upper()}"


class SlackStand(Stand):
    """A workspace with people. `over_http` says how it tells apbot what they do."""

    name = "slack"

    def __init__(self, *, over_http: bool = False, patience: float = 2.0, **options: Any) -> None:
        super().__init__()
        self.over_http = over_http
        self.options: dict[str, Any] = {
            "messages_a_second": 0,
            "timeout": PATIENCE,
            "patience": patience,
            "heartbeat": 5.0,
            "first_wait": 0.01,
        } | options
        self.teams: dict[str, str] = {}
        """The workspace of people who are in another one, by their names."""
        self._last: tuple[str, dict[str, Any]] | None = None

    async def start(self, desk: Desk) -> Platform:
        self.workspace = Workspace(self.problems)
        await self.workspace.start()
        way_in = {"signing_secret": SECRET} if self.over_http else {"app_token": APP_TOKEN}
        own = Settings(bot_token=BOT_TOKEN, api_url=f"{self.workspace.url}/api/", **way_in)  # type: ignore[arg-type]
        self.channel = SlackChannel(own, desk, **self.options)
        self._listening = asyncio.create_task(self.channel.listen())
        if self.over_http:
            self.web = httpx.AsyncClient(
                transport=httpx.ASGITransport(Starlette(routes=list(self.channel.routes))), base_url="http://apbot"
            )
        else:
            await asyncio.wait_for(self.workspace.has_socket.wait(), WAIT)
        return self.channel

    async def stop(self) -> None:
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening
        await self.channel.close()
        if self.over_http:
            await self.web.aclose()
        await self.workspace.stop()

    def user(self, person: str) -> str:
        return code("U", person)

    def address_of(self, person: str) -> str:
        team = self.teams.get(person, TEAM)
        return self.user(person) if team == TEAM else f"{team}:{self.user(person)}"

    def shared_by(self, provider: str) -> str:
        return code("C", provider)

    def channel_of(self, address: str) -> str:
        return address if address.startswith("C") else self.workspace.dm_of(address.rpartition(":")[2])

    def shown(self, address: str) -> Sequence[Shown]:
        return [said.shown for said in self.workspace.standing(self.channel_of(address))]

    def shown_to_all(self, address: str) -> Sequence[Shown]:
        return [said.shown for said in self.workspace.standing(self.channel_of(address)) if not said.only_for]

    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        if how is Failure.SILENT:
            self.channel.api.session._timeout = ClientTimeout(total=SOON)
        self.workspace.failures.append((how, wait.total_seconds()))

    def delete(self, shown: Shown) -> None:
        for said in self.workspace.said:
            if f"{said.channel}:{said.ts}" == shown.ref:
                said.is_deleted = True

    async def tap(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> str:
        said, element = self._find(self.channel_of(place), label, about)
        before = len(self.workspace.told)
        trigger = self.trigger()
        await self.tell("interactive", self.press(person, said, element, trigger))
        await self.channel.answers.settled()
        if (form := self.workspace.opened_by.get(trigger)) is not None:
            await self.send_form(person, form, inputs or {})
        return "\n".join(self.workspace.told[before:])

    def _find(self, channel: str, label: str, about: str) -> tuple[Said, dict[str, Any]]:
        for said in reversed(self.workspace.standing(channel)):
            for block in said.blocks if not said.is_deleted else []:
                for element in block["elements"] if block["type"] == "actions" else []:
                    named = element.get("accessibility_label", "")
                    if element["text"]["text"].startswith(label) and about in named:
                        return said, element
        raise AssertionError(f"no button {label!r} {about}")

    def trigger(self) -> str:
        trigger = f"{self.workspace.number()}.789.{'0' * 32}"
        self.workspace.live_triggers.add(trigger)
        return trigger

    def who(self, person: str) -> dict[str, Any]:
        return {"id": self.user(person), "username": "somebody", "team_id": self.teams.get(person, TEAM)}

    def press(self, person: str, said: Said, element: dict[str, Any], trigger: str) -> dict[str, Any]:
        container = {"type": "message", "message_ts": said.ts, "channel_id": said.channel}
        return {
            "type": "block_actions",
            "user": self.who(person),
            "team": {"id": TEAM, "domain": "hillcrest"},
            "api_app_id": "A0",
            "trigger_id": trigger,
            "container": {**container, "is_ephemeral": bool(said.only_for)},
            "channel": {"id": said.channel, "name": "a-channel"},
            "message": {"type": "message", "bot_id": "B0APBOT", "ts": said.ts, "blocks": said.blocks},
            "response_url": f"{self.workspace.url}/answer/{said.channel}/{self.user(person)}",
            "actions": [{**element, "block_id": "x", "action_ts": self.workspace.ts()}],
        }

    async def send_form(self, person: str, form: str, inputs: Mapping[str, str]) -> None:
        """Fill a form in, and send it; what it then says is among what was told."""
        answer = await self.tell("interactive", self.submission(person, form, inputs))
        for words in (answer or {}).get("errors", {}).values():
            self.workspace.told.append(words)
        await self.channel.answers.settled()

    def submission(self, person: str, form: str, inputs: Mapping[str, str]) -> dict[str, Any]:
        view = self.workspace.views[form]
        values = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                values[block["block_id"]] = {element["action_id"]: _filled(element, inputs)}
        return {
            "type": "view_submission",
            "user": self.who(person),
            "team": {"id": TEAM, "domain": "hillcrest"},
            "trigger_id": self.trigger(),
            "view": {**view, "state": {"values": values}},
            "response_urls": [],
        }

    async def type(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        before = len(self.workspace.told)
        if text.startswith("/"):
            answer = await self.tell("slash_commands", self.command(person, place, text))
            if answer:
                self.workspace.told.append(words_of(answer["text"], answer["blocks"]))
        else:
            thread = {"thread_ts": reply_to.ref.split(":")[1]} if reply_to else {}
            await self.tell("events_api", self.message(person, place, text, **thread))
        await self.channel.answers.settled()
        return "\n".join(self.workspace.told[before:])

    def command(self, person: str, place: str, text: str) -> dict[str, Any]:
        word, _, rest = text.partition(" ")
        channel = self.channel_of(place)
        return {
            "command": word,
            "text": rest,
            "user_id": self.user(person),
            "team_id": self.teams.get(person, TEAM),
            "channel_id": channel,
            "channel_name": "directmessage" if channel.startswith("D") else "a-channel",
            "trigger_id": self.trigger(),
            "response_url": f"{self.workspace.url}/answer/{channel}/{self.user(person)}",
        }

    def message(self, person: str, place: str, text: str, **more: Any) -> dict[str, Any]:
        channel, ts = self.channel_of(place), self.workspace.ts()
        return self.event(
            {
                "type": "message",
                "user": self.user(person),
                "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
                "ts": ts,
                "team": self.teams.get(person, TEAM),
                "channel": channel,
                "event_ts": ts,
                "channel_type": "im" if channel.startswith("D") else "channel",
                **more,
            }
        )

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "A0",
            "event": event,
            "event_id": f"Ev{self.workspace.number()}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        }

    async def again(self) -> str:
        assert self._last is not None
        before = len(self.workspace.told)
        await self.tell(*self._last, retry=1)
        await self.channel.answers.settled()
        return "\n".join(self.workspace.told[before:])

    async def tell(self, kind: str, payload: dict[str, Any], *, retry: int = 0) -> dict[str, Any] | None:
        """Tell apbot what somebody did, and give what it acknowledges with."""
        self._last = (kind, payload)
        if self.over_http:
            return await self._post(kind, payload, retry)
        envelope: dict[str, Any] = {"type": kind, "envelope_id": f"e{self.workspace.number()}", "payload": payload}
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        acknowledged = asyncio.get_running_loop().create_future()
        self.workspace.acks[envelope["envelope_id"]] = acknowledged
        socket = [each for each in self.workspace.sockets if not each.closed][-1]
        await socket.send_json(envelope)
        answer: dict[str, Any] | None = await asyncio.wait_for(acknowledged, WAIT)
        return answer

    async def _post(self, kind: str, payload: dict[str, Any], retry: int) -> dict[str, Any] | None:
        body, content_type = as_body(kind, payload)
        headers = {**signed(body), "content-type": content_type}
        if retry:
            headers |= {"x-slack-retry-num": str(retry), "x-slack-retry-reason": "http_timeout"}
        response = await self.web.post(PATH, content=body, headers=headers)
        assert response.status_code == 200, response.text
        return dict(response.json()) if response.content else None


def as_body(kind: str, payload: dict[str, Any]) -> tuple[str, str]:
    """As Slack posts it: events as JSON, buttons as JSON in a form, commands as a form."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields), "application/x-www-form-urlencoded"


def signed(body: str, *, age: int = 0, secret: str = SECRET) -> dict[str, str]:
    """The headers with which Slack signs a request."""
    timestamp = str(int(time.time()) - age)
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": str(signature)}


def _filled(element: dict[str, Any], inputs: Mapping[str, str]) -> dict[str, Any]:
    kind, name = element["type"], element["action_id"]
    match kind:
        case "static_select":
            chosen = inputs.get(name, element.get("initial_option", {}).get("value", ""))
            options = [each for each in element["options"] if each["value"] == chosen]
            assert options or not chosen, f"{chosen!r} is not offered"
            return {"type": kind, "selected_option": options[0] if options else None}
        case "timepicker":
            return {"type": kind, "selected_time": inputs.get(name, element.get("initial_time")) or None}
        case "datepicker":
            return {"type": kind, "selected_date": inputs.get(name, element.get("initial_date")) or None}
        case _:
            return {"type": kind, "value": inputs.get(name, element.get("initial_value")) or None}
