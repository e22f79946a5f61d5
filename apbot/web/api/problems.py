"""What went wrong with a request to the API, as programs read it (RFC 9457)."""

from collections.abc import Mapping

import orjson
from starlette.responses import Response

PROBLEM = "application/problem+json"


class Problem(Exception):
    """A request that is not answered. `detail` says what to do about it, and holds nothing that was sent."""

    def __init__(self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """`status` is HTTP's."""
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer."""
        body = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        return Response(orjson.dumps(body), self.status, self.headers, PROBLEM)


def no_key() -> Problem:
    """The same for none, a wrong one, and one that has ended."""
    return Problem(
        401,
        "A key is needed",
        "Send “Authorization: Bearer KEY” with a key that apbot key add has made and nobody has revoked.",
        {"www-authenticate": 'Bearer realm="apbot"'},
    )


def no_scope(scope: str) -> Problem:
    """The key may not read that."""
    return Problem(403, "The key may not read that", f"It lacks the scope “{scope}”. Have one made that has it.")


def not_there(what: str) -> Problem:
    """The same for what is not there, and for what the key may not see."""
    return Problem(404, f"There is no such {what}", f"Or the key may not see it. Is the {what} right?")


def too_many(wait: int) -> Problem:
    """Slow down; `wait` is in seconds."""
    said = f"Wait {wait} seconds, then go on more slowly."
    return Problem(429, "Too many requests", said, {"retry-after": str(wait)})


def wrong(name: str, expected: str) -> Problem:
    """A parameter that can't be used."""
    return Problem(400, f"The parameter “{name}” can't be used", f"Expected {expected}.")
