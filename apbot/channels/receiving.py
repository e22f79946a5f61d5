"""What every address has to do that a platform calls: read no more than it must, and know who calls."""

import hmac

from starlette.requests import Request


async def read_body(request: Request, most: int) -> bytes | None:
    """The request's body; None where it has more than `most` bytes, and then it is not read to its end.

    Raises ClientDisconnect where who calls hangs up.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:20]) > most:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return bytes(body)


def is_right(shown: str, secret: str) -> bool:
    """Whether who calls has shown the secret. How long this takes tells nothing of it; an empty one is never right."""
    return bool(secret) and hmac.compare_digest(shown.encode(), secret.encode())
