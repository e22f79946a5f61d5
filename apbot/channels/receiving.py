"""What every address has to do that a platform calls: read no more than it must, and know who calls."""

import asyncio
import hmac

from starlette.requests import ClientDisconnect, Request

BODY_WITHIN = 10.0
"""Seconds in which a request's body must be here: who sends a byte now and then would hold a place for ever."""


async def read_body(request: Request, most: int) -> bytes | None:
    """The request's body; None where it has more than `most` bytes, and then it is not read to its end.

    Raises ClientDisconnect where who calls hangs up, or takes longer than `BODY_WITHIN`.
    """
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdecimal()) or int(declared[:20]) > most:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for part in request.stream():
                body += part
                if len(body) > most:
                    return None
    except TimeoutError:
        raise ClientDisconnect from None
    return bytes(body)


def only_header(request: Request, name: str) -> str:
    """The header's value; "" where it is missing, or there twice: a proxy may have looked at the other."""
    values = request.headers.getlist(name)
    return values[0] if len(values) == 1 else ""


def is_right(shown: str, secret: str) -> bool:
    """Whether who calls has shown the secret. How long this takes tells nothing of it; an empty one is never right."""
    return bool(secret) and hmac.compare_digest(shown.encode(), secret.encode())
