"""Delivery receipts: what Notify tells afterwards of a message that it had accepted.

Notify waits five seconds for an answer, and after a 429 or a 5xx tells again every five minutes, five times.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from apbot.channels.desk import Desk
from apbot.channels.receiving import is_right, only_header, read_body
from apbot.store.fallback import Delivered, Heeded, Undelivered

LARGEST = 16 * 1024
"""Bytes of a receipt: a real one has some five hundred."""

ANSWERED_WITHIN = 4.0
"""Seconds in which there is an answer, whatever the database does."""

LOOKED_AGAIN = 0.2
"""Seconds after which a message that is just being sent is looked for again."""

FAILURES: Mapping[str, bool] = {"permanent-failure": True, "temporary-failure": False, "technical-failure": False}
"""What Notify calls a message that did not arrive, and whether the address is dead."""

DELIVERED = "delivered"

REFERENCE = re.compile(r"apbot-([0-9]{1,9})-[0-9a-f]{1,32}")

log = structlog.get_logger()


class Callbacks:
    """Hears the receipts of both kinds of message."""

    def __init__(self, desk: Desk, token: str) -> None:
        """`token` is what Notify sends along; without one nothing is heard."""
        self._desk = desk
        self._token = token

    @property
    def is_used(self) -> bool:
        """Whether there is a token to know Notify by."""
        return bool(self._token)

    async def hear(self, request: Request) -> Response:
        """Answer one receipt: 204 once it is seen to, or is nobody's."""
        if not self._is_notify(only_header(request, "authorization")):
            log.warning("a delivery receipt with a wrong token")
            return Response(status_code=401)
        try:
            body = await read_body(request, LARGEST)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        receipt = _receipt(body)
        if receipt is None:
            log.warning("a delivery receipt that can't be read")
            return Response(status_code=400)
        return Response(status_code=await self._heed(receipt))

    def _is_notify(self, said: str) -> bool:
        scheme, _, token = said.partition(" ")
        return is_right(token.strip(), self._token) and scheme.lower() == "bearer"

    async def _heed(self, receipt: Mapping[str, Any]) -> int:
        status, named = receipt["status"], REFERENCE.fullmatch(str(receipt.get("reference") or ""))
        channel = receipt.get("notification_type")
        if named is None or channel not in ("sms", "email") or (status not in FAILURES and status != DELIVERED):
            return 204  # none of ours, or not over yet
        message_id, ref = int(named[1]), receipt["id"]
        told: Delivered | Undelivered = Delivered(message_id, ref)
        if status in FAILURES:
            told = Undelivered(f"status:{ref}:{status}", message_id, ref, FAILURES[status], f"Notify: {status}")
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                while await self._desk.told_later(channel, told) is Heeded.UNDER_WAY:
                    await asyncio.sleep(LOOKED_AGAIN)
        except Exception as problem:  # noqa: BLE001  (whatever it is, Notify is to tell again)
            log.error("a delivery receipt could not be seen to", problem=type(problem).__name__)
            return 503
        return 204


def _receipt(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(body)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in ("id", "status")):
        return None
    return found if 0 < len(found["id"]) <= 60 and len(found["status"]) <= 40 else None
