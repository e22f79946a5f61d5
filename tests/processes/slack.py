"""Slack's stand-in for apbot's processes: it outlives them, keeps what people saw and when, and fails as it is told."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from apbot.channels.slack.http import PATH
from tests.channels.slackstand import SECRET, SlackStand, as_body, signed
from tests.channels.slackworkspace import BOT_TOKEN, CHANGES, Workspace, words_of

Do = Callable[[web.Request], Awaitable[web.StreamResponse | None] | None]
"""What is done at a point; an answer that it gives goes out instead of Slack's own."""


@dataclass(frozen=True)
class Seen:
    """What stood in a conversation from an instant on."""

    at: datetime
    channel: str
    ref: str
    text: str
    is_edit: bool


@dataclass
class Trap:
    """Something that happens at one point of a request: "begun", "asked", "done" or "answering"."""

    point: str
    method: str
    words: str
    do: Do
    times: int


@dataclass
class Watched(Workspace):
    """A workspace whose history is kept, and which can be interrupted at every point of a request.

    "begun": the request has come in, and was not read; "asked": read, and nothing done; "done": people see it, and no
    answer has gone out; "answering": the answer is about to.
    """

    now: Callable[[], datetime] = field(kw_only=True)
    seen: list[Seen] = field(default_factory=list)
    traps: list[Trap] = field(default_factory=list)
    changed: Callable[[], None] = field(default=lambda: None)

    def trap(self, point: str, do: Do, *, method: str = "chat.", words: str = "", times: int = 1) -> None:
        """Do that when a request of this method with these words next comes to this point; so many times."""
        self.traps.append(Trap(point, method, words, do, times))

    def _caught(self, point: str, method: str, asked: Mapping[str, Any]) -> Do | None:
        said = words_of(asked.get("text", ""), asked.get("blocks") or []) if asked else ""
        for trap in self.traps:
            if trap.times and trap.point == point and method.startswith(trap.method) and trap.words in said:
                trap.times -= 1
                return trap.do
        return None

    async def _interrupt(self, point: str, request: web.Request) -> web.StreamResponse | None:
        asked: Any = {} if point == "begun" or request.content_type != "application/json" else await request.json()
        do = self._caught(point, request.match_info["method"], asked)
        answer = do(request) if do is not None else None
        return await answer if answer is not None else None

    async def _api(self, request: web.Request) -> web.StreamResponse:
        for point in ("begun", "asked"):
            if (instead := await self._interrupt(point, request)) is not None:
                return instead
        answer = await super()._api(request)
        self.changed()
        for point in ("done", "answering"):
            if (instead := await self._interrupt(point, request)) is not None:
                return instead
        return answer

    def _do(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        answer = super()._do(method, asked)
        if method in CHANGES and answer["ok"]:
            ref = f"{answer['channel']}:{answer['ts']}"
            text = words_of(asked["text"], asked.get("blocks") or [])
            self.seen.append(Seen(self.now(), answer["channel"], ref, text, method == "chat.update"))
        return answer

    def say(self, channel: str, message: Mapping[str, Any], only_for: str = "") -> None:
        super().say(channel, message, only_for)
        self.changed()

    # How it can fail.

    async def hang(self, request: web.Request) -> web.StreamResponse:
        """Never answer."""
        await self._letting_go.wait()
        return web.Response(status=500)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """Break the connection off."""
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def half(self, request: web.Request) -> web.StreamResponse:
        """Break the connection off in the midst of the answer."""
        answer = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "500"})
        await answer.prepare(request)
        await answer.write(b'{"ok": true, "chan')
        assert request.transport is not None
        request.transport.abort()
        return answer

    @staticmethod
    def error(status: int, **headers: str) -> Do:
        """Answer with this status, and a page of which nothing can be learnt."""

        async def failed(request: web.Request) -> web.StreamResponse:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(status=status, text="<html>sorry</html>", content_type="text/html", headers=named)

        return failed


class Slack(SlackStand):
    """A workspace with people who use whichever process of apbot is up. It listens for them over HTTP."""

    def __init__(self, now: Callable[[], datetime], changed: Callable[[], None]) -> None:
        """`now` is the time on the wall; `changed` is called whenever anybody is told anything."""
        super().__init__(over_http=True)
        self.workspace = Watched(self.problems, now=now, changed=changed)

    async def begin(self) -> None:
        """Open for business."""
        await self.workspace.start()
        self._http = ClientSession(timeout=ClientTimeout(total=30))

    async def end(self) -> None:
        """Close."""
        await self._http.close()
        await self.workspace.stop()

    @property
    def settings(self) -> dict[str, str]:
        """What apbot must be told to use it."""
        return {
            "APBOT_SLACK_BOT_TOKEN": BOT_TOKEN,
            "APBOT_SLACK_SIGNING_SECRET": SECRET,
            "APBOT_SLACK_API_URL": f"{self.workspace.url}/api/",
            "APBOT_SLACK_MESSAGES_A_SECOND": "0",
        }

    def presses(self, person: str, place: str, label: str, about: str = "") -> dict[str, Any]:
        """What Slack says when this person presses the newest button in `place` whose label begins so."""
        return self.press(person, *self._find(self.channel_of(place), label, about), self.trigger())

    async def says(self, url: str, kind: str, payload: dict[str, Any], retry: int = 0) -> int:
        """Tell the process that listens at `url`; the status that it answers with, 0 where it gives none."""
        body, content_type = as_body(kind, payload)
        headers = {**signed(body), "content-type": content_type}
        if retry:
            headers |= {"x-slack-retry-num": str(retry), "x-slack-retry-reason": "http_timeout"}
        try:
            async with self._http.post(f"{url}{PATH}", data=body, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (ClientError, TimeoutError):
            return 0

    def seen_by(self, address: str, *words: str) -> list[Seen]:
        """What was posted to, or edited in, this conversation, with all these words in it; the oldest first."""
        channel = self.channel_of(address)
        return [
            each for each in self.workspace.seen if each.channel == channel and all(word in each.text for word in words)
        ]
