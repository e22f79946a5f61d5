"""The chat's routes, to be hung anywhere: at the root for people who sign in, under a prefix for a demo's panes."""

from collections.abc import Callable
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apbot.channels.web import WebChat
from apbot.web.board import BoardPage
from apbot.web.calendar import CalendarFeed, CalendarPage
from apbot.web.chat import ChatPages
from apbot.web.files import FilePages
from apbot.web.headers import FRAMES_BY_NOBODY
from apbot.web.identity import Identify, Visitors
from apbot.web.inspect import InspectPages
from apbot.web.live import LivePage
from apbot.web.names import NamesPage
from apbot.web.pages import STATIC
from apbot.web.pictures import PicturePage
from apbot.web.records import RecordPages
from apbot.web.security import FormToken, Guard, token_of_this_process


def chat_routes(
    webchat: WebChat,
    identify: Identify,
    *,
    form_token: FormToken | None = None,
    frame_ancestors: str = FRAMES_BY_NOBODY,
    sign_out: bool = False,
    public_url: str = "",
) -> list[BaseRoute]:
    """/chat and everything under it, /names, /board, and the pages of placements and providers.

    `identify` says who asks. `form_token` gives the token of their forms: without it there is one for all until
    the next start, which is enough only where the identity is given and not signed in for. `frame_ancestors` is
    who may show the pages in a frame ("'self'"). `sign_out` is whether the pages offer to post to /signout.
    `public_url` is how browsers reach the server, where a proxy does not pass on what they say in Host.
    Every address on the pages is made from where the routes are mounted.
    """
    visitors = Visitors(identify, form_token or token_of_this_process())
    chat = ChatPages(webchat, visitors, sign_out=sign_out)
    live = LivePage(webchat, visitors)
    inspect = InspectPages(webchat, visitors, sign_out=sign_out)
    names = NamesPage(webchat, visitors, sign_out=sign_out)
    board = BoardPage(webchat, visitors, sign_out=sign_out)
    calendar = CalendarPage(webchat, visitors, sign_out=sign_out, public_url=public_url)
    files = FilePages(webchat, visitors, sign_out=sign_out)
    records = RecordPages(webchat, visitors, sign_out=sign_out)

    def route(path: str, endpoint: Callable[..., Any], *methods: str) -> Route:
        return guarded(path, endpoint, *methods, frame_ancestors=frame_ancestors, public_url=public_url)

    return [
        route("/chat", chat.first),
        route("/chat/act", chat.act, "POST"),
        route("/chat/live", live.stream),
        Mount("/chat/static", StaticFiles(directory=STATIC), middleware=[Middleware(KeptForEver)]),
        route("/chat/picture/{line:int}", PicturePage(webchat, visitors).show),
        route("/chat/{conversation}", chat.conversation),
        route("/inspect/pdf/{ref:path}", inspect.pdf),
        route("/inspect/{ref:path}", inspect.show),
        route("/names", names.show),
        route("/board", board.show),
        route("/board/live", board.stream),
        route("/calendar", calendar.show),
        route("/calendar", calendar.act, "POST"),
        route("/calendar/{secret}.ics", CalendarFeed(webchat.database).fetch),
        route("/files", files.show),
        route("/files/{name}", files.download),
        route("/placements/{ref:path}", records.placement),
        route("/providers/{ref:path}", records.provider),
    ]


def guarded(
    path: str,
    endpoint: Callable[..., Any],
    *methods: str,
    frame_ancestors: str = FRAMES_BY_NOBODY,
    public_url: str = "",
) -> Route:
    """A route to one of apbot's own pages. A platform's webhook is no page: it needs no guard against other sites."""
    middleware = [Middleware(Guard, frame_ancestors=frame_ancestors, public_url=public_url)]
    return Route(path, endpoint, methods=list(methods) or ["GET"], middleware=middleware)


class KeptForEver:
    """ASGI middleware around the static files, whose addresses change when they do."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                message["headers"] += [
                    (b"cache-control", b"public, max-age=31536000, immutable"),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        await self._app(scope, receive, send_kept)
