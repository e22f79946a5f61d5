"""The webhook: Telegram calls, and shows its secret. What can't be written down is told again by Telegram."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from apbot.channels.receiving import is_right, only_header, read_body
from apbot.channels.telegram.hearing import Ears, Unheard
from apbot.channels.telegram.updates import NotAnUpdate

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 512 * 1024
"""Bytes of an update. The largest that Telegram sends are a few kilobytes."""
PATIENCE = 8.0
"""Seconds until Telegram is answered that it should tell of it again; what was begun goes on, and is done once."""

log = structlog.get_logger()


class Webhook:
    """Answers Telegram's calls."""

    def __init__(self, ears: Ears, secret: Callable[[], Awaitable[str]]) -> None:
        """`secret` gives what Telegram must show."""
        self._ears = ears
        self._secret = secret

    async def answer(self, request: Request) -> Response:
        """Answer one call: 2xx when it is done, 401, 413 or 400 for what is no update, 503 to be told again."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._answer(request)
        except (TimeoutError, Unheard, SQLAlchemyError) as problem:
            log.warning("an update is to be told again", problem=type(problem).__name__)
            return _said(503, "not written down yet")
        except ClientDisconnect:
            return _said(400, "cut off")

    async def _answer(self, request: Request) -> Response:
        if not is_right(only_header(request, HEADER), await self._secret()):
            return _said(401, "wrong secret token")
        body = await read_body(request, LARGEST)
        if body is None:
            return _said(413, "too large")
        try:
            await self._ears.hear(orjson.loads(body))
        except (NotAnUpdate, orjson.JSONDecodeError):
            return _said(400, "not an update")
        return _said(200, "ok")


def _said(status: int, text: str) -> Response:
    return PlainTextResponse(text, status)
