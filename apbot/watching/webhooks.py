"""Webhooks, counted from outside: which calls they do not take, and why."""

from collections.abc import Iterable, Iterator

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apbot.channels.platform import Platform
from apbot.store.database import Database

REASONS = {
    400: "can't be read",
    401: "not from the platform",
    403: "not from the platform",
    408: "too slow",
    413: "too long",
    429: "too many",
    503: "not ready",
}
"""By the answer's status. Any other from 400 on is "failed"."""


def watched_routes(platforms: Iterable[Platform], database: Database) -> Iterator[BaseRoute]:
    """Every platform's webhooks. What they refuse is told to whoever counts for `database`."""
    for platform in platforms:
        for route in platform.routes:
            if isinstance(route, Route):
                route.app = _Counted(route.app, platform.name, database)
            yield route


class _Counted:
    def __init__(self, app: ASGIApp, channel: str, database: Database) -> None:
        self._app = app
        self._channel = channel
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                self._database.measures.refused(self._channel, REASONS.get(message["status"], "failed"))
            await send(message)

        await self._app(scope, receive, counted)
