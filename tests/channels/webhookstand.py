"""A receiver of the signed webhook on loopback: it verifies each event as a careful receiver would."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.port import Outcome
from apbot.channels.webhook.channel import WebhookChannel
from apbot.channels.webhook.settings import Settings
from tests.channels.stand import PATIENCE, SOON, Failure, Shown, Stand

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"
PUBLIC_URL = "https://apbot.hillcrest.example"
LARGEST = 256 * 1024


@dataclass
class Received:
    """An event, and the message it is about as it stands now."""

    id: str
    type: str
    subject: str
    data: dict[str, Any]
    headers: Mapping[str, str]


@dataclass
class Answer:
    """What the next event is answered with."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_silent: bool = False


class WebhookStand(Stand):
    """The receiver, and the channel that posts to it."""

    name = "webhook"
    has_shared = False
    broken_means = Outcome.AGAIN

    def __init__(self, public_url: str = PUBLIC_URL) -> None:
        super().__init__()
        self.events: list[Received] = []
        self.answers: list[Answer] = []
        self.other_requests: list[str] = []
        self._shown: dict[str, list[Shown]] = {}
        self._by_subject: dict[str, Shown] = {}
        self._public_url = public_url
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner
        self.url = ""
        self.channel: WebhookChannel

    async def start(self, desk: Desk) -> Platform:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post("/events", self._receive)
        app.router.add_route("*", "/{rest:.*}", self._other)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/events"
        own = Settings(_env_file=None, url=SecretStr(self.url), secret=SecretStr(SECRET), timeout=PATIENCE)  # type: ignore[call-arg]
        self.channel = WebhookChannel(own, self._public_url, desk)
        return self.channel

    async def stop(self) -> None:
        self._stopping.set()
        await self.channel.close()
        await self._runner.cleanup()

    async def _other(self, request: web.Request) -> web.Response:
        self.other_requests.append(f"{request.method} {request.path}")
        return web.Response(status=405)

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            Webhook(SECRET).verify(body, dict(request.headers))
        except WebhookVerificationError as problem:
            self.problems.append(f"signature: {problem}")
            return web.Response(status=401)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None and not answer.is_silent:
            return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        self._take(request, body)
        if answer is not None:
            await self._stopping.wait()
        return web.Response(status=202)

    def _take(self, request: web.Request, body: bytes) -> None:
        if request.content_type != "application/cloudevents+json":
            self.problems.append(f"content type {request.content_type}")
        event = from_structured_event(HTTPMessage(dict(request.headers), body))
        if event.get_id() != request.headers["webhook-id"]:
            self.problems.append("two ids for one event")
        data = event.get_data()
        assert isinstance(data, dict)
        if "J.W." in json.dumps(data):
            self.problems.append("initials in an event")
        subject = event.get_subject() or ""
        self.events.append(Received(event.get_id(), event.get_type(), subject, data, dict(request.headers)))
        self._show(subject, event.get_id(), data)

    def _show(self, subject: str, event_id: str, data: dict[str, Any]) -> None:
        shown = self._by_subject.get(subject)
        if shown is None or shown.is_deleted:
            shown = self._by_subject[subject] = Shown(event_id, "")
            self._shown.setdefault(data["person"], []).append(shown)
        shown.text = data["text"]

    def address_of(self, person: str) -> str:
        return person.split()[0].upper()

    def shared_by(self, provider: str) -> str:
        raise AssertionError("each person has an event of their own")

    def shown(self, address: str) -> Sequence[Shown]:
        return self._shown.get(address, [])

    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        if how is Failure.SILENT:
            self.channel._http.timeout = SOON
        self.answers.append(
            {
                Failure.BUSY: Answer(429, {"Retry-After": str(int(wait.total_seconds()))}),
                Failure.BROKEN: Answer(503),
                Failure.SILENT: Answer(202, is_silent=True),
                Failure.REFUSED: Answer(410),
            }[how]
        )

    async def tap(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> str:
        raise AssertionError("it is one way")

    async def type(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        raise AssertionError("it is one way")

    async def again(self) -> str:
        raise AssertionError("it is one way")

    def delete(self, shown: Shown) -> None:
        shown.is_deleted = True
