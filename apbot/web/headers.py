"""The headers of every answer, whatever it is and whoever made it."""

import contextlib
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAMES_BY_NOBODY = "'none'"

YEAR = 365 * 24 * 3600


def security_headers(frame_ancestors: str) -> dict[str, str]:
    """The headers of a page. `frame_ancestors` says who may show it in a frame, in the words of a content policy."""
    headers = {
        "content-security-policy": "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
        f"frame-ancestors {frame_ancestors}",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    if frame_ancestors == FRAMES_BY_NOBODY:
        headers["x-frame-options"] = "DENY"
    return headers


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """The headers as ASGI has them."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


DATA_HEADERS = raw(
    {
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
    }
)
"""For whatever is no page: JSON, files, an answer to a platform."""


class EveryAnswer:
    """ASGI middleware around everything, also what goes wrong: adds what an answer does not say for itself."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        """Wrap `app`. Where people reach it by https, browsers are to do so alone for a year."""
        self._app = app
        self._headers = list(DATA_HEADERS)
        if public_url.startswith("https://"):
            # Without its subdomains: they may be somebody else's, and not have https.
            self._headers += raw({"strict-transport-security": f"max-age={YEAR}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                there = {name for name, _ in headers}
                headers.extend(header for header in self._headers if header[0] not in there)
            await send(message)

        with contextlib.suppress(Exception):  # it is answered and logged by now; the server would log its text as well
            await self._app(scope, receive, send_guarded)
