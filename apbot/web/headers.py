"""The headers of answers: of a page, and of whatever is none."""

from collections.abc import Mapping

FRAMES_BY_NOBODY = "'none'"


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

ONLY_BY_HTTPS = raw({"strict-transport-security": f"max-age={365 * 24 * 3600}"})
"""For a year. Without its subdomains: they may be somebody else's, and not have https."""
