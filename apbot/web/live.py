"""The live page: server-sent events that carry every changed line of a person's conversations as HTML."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from apbot.channels.bell import ASK_EVERY, Bell, Ear
from apbot.channels.web import WebChat
from apbot.store import webchat as store
from apbot.store.database import Transaction
from apbot.store.people import load_actor
from apbot.web.identity import Visitors
from apbot.web.pages import base
from apbot.web.views import Reader, line_html

BEAT_EVERY = 15.0
"""Seconds of silence at most: proxies keep the connection open, and the page knows that it still is."""

AT_ONCE = 100
"""Lines read at a time by a page that has been away."""

# Beside the comment an event: a page's script can't see comments, and has to notice a connection that died quietly.
BEAT = ": still here\nevent: beat\ndata:\n\n"
SIGNED_OUT = "event: signed-out\ndata:\n\n"
RETRY = "retry: 2000\n\n"


class LivePage:
    """The endpoint."""

    def __init__(self, webchat: WebChat, visitors: Visitors) -> None:
        """Stream the changes of `webchat`."""
        self._webchat = webchat
        self._visitors = visitors

    async def stream(self, request: Request) -> Response:
        """What has changed since the browser's last event, then whatever changes, until somebody goes away."""
        return event_stream(request, self._events(request))

    async def _events(self, request: Request) -> AsyncIterator[str]:
        bell, after = self._webchat.bell, _last_seen(request)
        token = self._visitors.form_token(request)
        with bell.ear() as ear:
            yield RETRY
            await bell.look()
            while not bell.closed:
                person_id = await self._visitors.identify(request)
                news = None if person_id is None else await self._webchat.database.read(_news, person_id, after)
                if person_id is None or news is None:
                    yield SIGNED_OUT
                    return
                if ear.conversations != news.conversations:
                    # What was said while we were not listening for it yet is found by reading again.
                    ear.conversations = news.conversations
                    continue
                after = news.after
                for line in news.lines:
                    yield event("line", line_html(line, Reader(person_id, base(request), token)), line.changed)
                if len(news.lines) < AT_ONCE and not await rung(bell, ear):
                    yield BEAT


def event_stream(request: Request, events: AsyncIterator[str]) -> Response:
    """The answer that carries `events` for as long as somebody listens."""
    headers = {"x-accel-buffering": "no"}  # nginx would keep an alert back until its buffer is full
    if request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=headers)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def rung(bell: Bell, ear: Ear) -> bool:
    """Wait for a change, at most until the next beat is due; whether there was one."""
    loop = asyncio.get_running_loop()
    until = loop.time() + BEAT_EVERY
    while (left := until - loop.time()) > 0:
        if await ear.wait(min(left, ASK_EVERY)):
            return True
        await bell.look()
    return False


def event(name: str, html: str, number: int | None = None) -> str:
    """One event that carries HTML."""
    head = f"event: {name}\n" if number is None else f"id: {number}\nevent: {name}\n"
    return head + "".join(f"data: {part}\n" for part in html.splitlines()) + "\n"


@dataclass(frozen=True)
class _News:
    conversations: frozenset[str]
    lines: list[store.Line]
    after: int


def _news(transaction: Transaction, person_id: int, after: int) -> _News | None:
    actor = load_actor(transaction, person_id, "web")
    if actor is None:
        return None
    if after > (latest := store.latest_change(transaction)):  # an older database has been put back
        after = max(latest - AT_ONCE, 0)
    lines = store.load_changed(transaction, actor, after, AT_ONCE)
    return _News(frozenset(store.conversations_of(actor)), lines, lines[-1].changed if lines else after)


def _last_seen(request: Request) -> int:
    given = request.headers.get("last-event-id") or request.query_params.get("after", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else 0
