"""Who asks for a page, wherever the pages are mounted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apbot.web.pages import base, trouble, wants_json
from apbot.web.security import FormToken

Identify = Callable[[Request], Awaitable[int | None]]
"""The id of the person who asks, or None for a stranger, a leaver, or a sign-in that has ended."""


@dataclass(frozen=True)
class Visitors:
    """Knows who asks, and which token their forms carry."""

    identify: Identify
    form_token: FormToken

    def turn_away(self, request: Request) -> Response:
        """The answer to somebody who is not signed in."""
        if wants_json(request):
            return trouble(request, 401, "You are signed out", "Open a new sign-in link to go on.")
        return RedirectResponse(f"{base(request)}/", 303)
