"""The real web chat, once for every person of the cast: /as/RUN/PERSON/chat."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Mount, Router
from starlette.types import Receive, Scope, Send

from apbot.channels.web import WebChat
from apbot.demo.stage import Stage
from apbot.web.routes import chat_routes

IN_OUR_FRAMES = "'self'"


class Panes:
    """ASGI app: the chats of the performance that is under way. Those of an earlier one are gone."""

    def __init__(self, stage: Stage) -> None:
        """Show the chats of `stage`."""
        self._stage = stage
        self._chat: WebChat | None = None
        self._router = Router()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path_params"]["run"] != self._stage.run_number:
            raise HTTPException(404)
        if scope["method"] == "POST":
            self._stage.visited_by(scope["path"].removeprefix(scope["root_path"]).split("/")[1])
        await self._routes()(scope, receive, send)

    def _routes(self) -> Router:
        chat = self._stage.performance.app.chat
        if self._chat is not chat:
            routes = chat_routes(chat, self._identify, frame_ancestors=IN_OUR_FRAMES)
            self._chat, self._router = chat, Router([Mount("/{person}", routes=routes)])
        return self._router

    async def _identify(self, request: Request) -> int | None:
        return self._stage.performance.ids.get(request.path_params["person"])
